import type { DriverEvent, Reporter } from '../events.ts';
import { failureLines, type Layout, linesOf, type ShowPath } from './lines.ts';
import { summaryLines } from './summary.ts';
import type { Style } from './text.ts';

/** What the lines are laid out by. */
export interface PlainLayout {
  /** What the steps do, by their names; a step without one tells why it runs alone. @default - none */
  readonly titles?: ReadonlyMap<string, string>;
  /** Columns of the terminal. @default - without end, as for a file */
  readonly columns?: () => number;
}

/** One line per change, for logs and pipes. Failures stand at the end, where a reader looks first. */
export class PlainReporter implements Reporter {
  readonly #failures: Extract<DriverEvent, { event: 'step-failed' }>[] = [];
  protected readonly style: Style;
  protected readonly show: ShowPath;
  protected layout: Layout;
  #regions: readonly string[] = [];
  readonly #columns: () => number;
  readonly #write: (text: string) => void;

  constructor(
    write: (text: string) => void,
    style: Style,
    show: ShowPath,
    { titles = new Map(), columns = () => Infinity }: PlainLayout = {},
  ) {
    this.#write = write;
    this.style = style;
    this.show = show;
    this.#columns = columns;
    this.layout = { width: 0, titles };
  }

  report(event: DriverEvent): void {
    if (event.event === 'started') {
      this.#regions = event.regions;
      const width = Math.max('lab'.length, ...event.regions.map(({ length }) => length));
      this.layout = { ...this.layout, width };
    }
    if (event.event === 'step-failed') this.#failures.push(event);
    if (event.event === 'evidence')
      this.print(['', `  evidence  ${this.show(event.file)} (${Math.ceil(event.bytes / 1000)} kB, secrets hidden)`]);
    const shown = event.event === 'bundle' ? { ...event, file: this.show(event.file) } : event;
    this.print(linesOf(shown, this.style, { ...this.layout, columns: this.#columns() }));
    if (event.event !== 'finished') return;
    const columns = this.#columns();
    this.print(summaryLines(event, this.#regions, this.style, columns));
    for (const failed of this.#failures)
      this.print(failureLines(failed, failed.failure, this.style, this.show, columns));
  }

  pause(): void {
    // every line is out already
  }

  close(): void {
    // every line is out already
  }

  protected print(lines: readonly string[]): void {
    if (lines.length > 0) this.#write(`${lines.join('\n')}\n`);
  }
}
