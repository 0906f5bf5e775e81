import type { DriverEvent, Reporter } from '../events.ts';
import { isTenth } from './lines.ts';

/** Each event as one line of JSON, as it is; of a download every tenth percent. */
export class JsonReporter implements Reporter {
  readonly #write: (text: string) => void;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  report(event: DriverEvent): void {
    if (event.event === 'download' && !isTenth(event)) return;
    this.#write(`${JSON.stringify(event)}\n`);
  }

  pause(): void {
    // every line is out already
  }

  close(): void {
    // every line is out already
  }
}
