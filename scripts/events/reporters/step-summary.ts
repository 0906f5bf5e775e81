import type { DriverEvent, FinishedEvent, Reporter } from '../events.ts';
import { failureLines, linesOf, type ShowPath } from './lines.ts';
import { timingRows } from './summary.ts';
import { counted, duration, makeStyle } from './text.ts';

/** Another reporter, and at its end a summary in Markdown: GitHub Actions shows it on the page of the run. */
export class StepSummaryReporter implements Reporter {
  readonly #inner: Reporter;
  readonly #show: ShowPath;
  readonly #append: (markdown: string) => void;
  readonly #warn: (message: string) => void;
  readonly #events: DriverEvent[] = [];

  /**
   * @param append writes the summary
   * @param warn told where it cannot be written; no event, since the last one says how the command ended
   */
  constructor(inner: Reporter, show: ShowPath, append: (markdown: string) => void, warn: (message: string) => void) {
    this.#inner = inner;
    this.#show = show;
    this.#append = append;
    this.#warn = warn;
  }

  report(event: DriverEvent): void {
    // lines of programs are many, and none of them is told
    if (event.event !== 'step-progress') this.#events.push(event);
    this.#inner.report(event);
  }

  pause(): void {
    this.#inner.pause();
  }

  close(): void {
    this.#inner.close();
    const markdown = stepSummary(this.#events, this.#show);
    try {
      if (markdown !== '') this.#append(markdown);
    } catch (error) {
      this.#warn(`no summary can be written: ${(error as Error).message}; all else is done`);
    }
  }
}

/** The verdict first, then each failure in full, and how long each step took. Empty for a run that did nothing. Pure. */
export function stepSummary(events: readonly DriverEvent[], show: ShowPath): string {
  const started = events.find((event) => event.event === 'started');
  const end = events.find((event) => event.event === 'finished' || event.event === 'stopped');
  if (end === undefined) return '';
  const lab = started === undefined ? '' : `: ${started.lab}, ${counted(started.regions.length, 'region')}`;
  const failures = events.flatMap((event) =>
    event.event === 'step-failed' ? ['', ...fenced(failureLines(event, event.failure, plain, show))] : [],
  );
  if (end.event === 'stopped') {
    const exists = fenced(linesOf(end, plain, { width: 0, titles: new Map() }));
    return [`### stopped${lab}`, '', ...exists, ...failures, '', ''].join('\n');
  }
  // a destroy has no plan
  const isDestroy = events.every(({ event }) => event !== 'planned');
  const verdict = `${end.outcome === 'done' ? '✓' : '✗ not'} ${isDestroy ? 'destroyed' : 'done'}`;
  const counts = `${counted(end.ran, 'step')} run, ${end.skipped} skipped, in ${duration(end.at)}`;
  return [`### ${verdict}${lab}`, '', counts, ...failures, ...times(end, started?.regions ?? []), '', ''].join('\n');
}

const plain = makeStyle(false);

/** Lines as they are, without the blank one that they begin with. */
function fenced(lines: readonly string[]): string[] {
  return ['````', ...lines.slice(1), '````'];
}

function times({ timings, criticalPath }: FinishedEvent, regions: readonly string[]): string[] {
  if (criticalPath.length === 0) return [];
  const rows = timingRows(timings, criticalPath, regions);
  // of many regions the slowest stand in the place of columns
  const [head = [], ...body] = rows[0]?.[0] === '' ? rows : [['step', 'time', 'region', ''], ...rows];
  const cells = (row: readonly string[]): string => `| ${row.join(' | ')} |`;
  return ['', cells(head), cells(head.map(() => '---')), ...body.map(cells), '', '\\* on the critical path'];
}
