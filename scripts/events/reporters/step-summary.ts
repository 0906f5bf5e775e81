import type { DriverEvent, Reporter } from '../events.ts';
import { failureLines, type ShowPath } from './lines.ts';
import { timingRows } from './summary.ts';
import { counted, duration, makeStyle } from './text.ts';

/** Another reporter, and at its end a summary in Markdown: GitHub Actions shows it on the page of the run. */
export class StepSummaryReporter implements Reporter {
  readonly #inner: Reporter;
  readonly #show: ShowPath;
  readonly #append: (markdown: string) => void;
  readonly #events: DriverEvent[] = [];

  /** @param append writes the summary; where it cannot, that is a warning */
  constructor(inner: Reporter, show: ShowPath, append: (markdown: string) => void) {
    this.#inner = inner;
    this.#show = show;
    this.#append = append;
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
    const markdown = stepSummary(this.#events, this.#show);
    try {
      if (markdown !== '') this.#append(markdown);
    } catch (error) {
      this.#inner.report({
        event: 'warning',
        message: `no summary can be written: ${(error as Error).message}; all else is done`,
      });
    }
    this.#inner.close();
  }
}

/** The verdict first, then how long each step took, and each failure in full. Empty for a run that did nothing. Pure. */
export function stepSummary(events: readonly DriverEvent[], show: ShowPath): string {
  const started = events.find((event) => event.event === 'started');
  const finished = events.find((event) => event.event === 'finished');
  if (started === undefined || finished === undefined) return '';
  const { outcome, at, ran, skipped, timings, criticalPath } = finished;
  const rows = timingRows(timings, criticalPath, started.regions);
  // of many regions the slowest stand in the place of columns
  const [head = [], ...body] = rows[0]?.[0] === '' ? rows : [['step', 'time', 'region', ''], ...rows];
  const cells = (row: readonly string[]): string => `| ${row.join(' | ')} |`;
  const times =
    criticalPath.length === 0
      ? []
      : ['', cells(head), cells(head.map(() => '---')), ...body.map(cells), '', '\\* on the critical path'];
  const failures = events.flatMap((event) =>
    event.event === 'step-failed'
      ? ['', '````', ...failureLines(event, event.failure, makeStyle(false), show).slice(1), '````']
      : [],
  );
  const verdict = outcome === 'done' ? '✓' : '✗ not';
  return [
    `### ${verdict} done: ${started.lab}, ${counted(started.regions.length, 'region')}`,
    '',
    `${counted(ran, 'step')} run, ${skipped} skipped, in ${duration(at)}`,
    ...failures,
    ...times,
    '',
    '',
  ].join('\n');
}
