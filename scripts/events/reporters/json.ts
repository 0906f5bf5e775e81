import type { DriverEvent, Reporter } from '../events.ts';

/** Each event as one line of JSON, as it is. */
export class JsonReporter implements Reporter {
  readonly #write: (text: string) => void;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  report(event: DriverEvent): void {
    this.#write(`${JSON.stringify(event)}\n`);
  }

  pause(): void {
    // every line is out already
  }

  close(): void {
    // every line is out already
  }
}
