import type { DriverEvent, Reporter } from '../events.ts';
import { failureLines, type Layout, linesOf, type ShowPath } from './lines.ts';
import { summaryLines } from './summary.ts';
import type { Style } from './text.ts';

/** One line per change, for logs and pipes. Failures stand at the end, where a reader looks first. */
export class PlainReporter implements Reporter {
  readonly #failures: Extract<DriverEvent, { event: 'step-failed' }>[] = [];
  protected readonly style: Style;
  protected layout: Layout;
  readonly #show: ShowPath;
  readonly #write: (text: string) => void;

  /** @param titles what the steps do, by their names; a step without one tells why it runs alone */
  constructor(
    write: (text: string) => void,
    style: Style,
    show: ShowPath,
    titles: ReadonlyMap<string, string> = new Map(),
  ) {
    this.#write = write;
    this.style = style;
    this.#show = show;
    this.layout = { width: 0, titles };
  }

  report(event: DriverEvent): void {
    if (event.event === 'started') {
      const width = Math.max('lab'.length, ...event.regions.map(({ length }) => length));
      this.layout = { ...this.layout, width };
    }
    if (event.event === 'step-failed') this.#failures.push(event);
    this.print(linesOf(event, this.style, this.layout));
    if (event.event !== 'finished') return;
    this.print(summaryLines(event, this.style));
    for (const failed of this.#failures) this.print(failureLines(failed, failed.failure, this.style, this.#show));
  }

  close(): void {
    // every line is out already
  }

  protected print(lines: readonly string[]): void {
    if (lines.length > 0) this.#write(`${lines.join('\n')}\n`);
  }
}
