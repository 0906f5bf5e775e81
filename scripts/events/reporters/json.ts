import type { DriverEvent, Reporter } from '../events.ts';

/** One JSON event per line. */
export class JsonReporter implements Reporter {
  readonly #write: (text: string) => void;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  report(event: DriverEvent): void {
    this.#write(`${JSON.stringify(event)}\n`);
  }

  close(): void {
    // every line is out already
  }
}
