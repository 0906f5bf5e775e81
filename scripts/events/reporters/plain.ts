import type { DriverEvent, Reporter } from '../events.ts';
import { failureLines, linesOf, type ShowPath } from './lines.ts';
import { summaryLines } from './summary.ts';
import type { Style } from './text.ts';

/** One line per change, for logs and pipes. Failures stand at the end, where a reader looks first. */
export class PlainReporter implements Reporter {
  readonly #failures: Extract<DriverEvent, { event: 'step-failed' }>[] = [];
  protected readonly style: Style;
  readonly #show: ShowPath;
  readonly #write: (text: string) => void;

  constructor(write: (text: string) => void, style: Style, show: ShowPath) {
    this.#write = write;
    this.style = style;
    this.#show = show;
  }

  report(event: DriverEvent): void {
    if (event.event === 'step-failed') this.#failures.push(event);
    this.print(linesOf(event, this.style));
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
