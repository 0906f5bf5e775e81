import { appendFileSync, closeSync, constants, mkdirSync, openSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';

const { O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_WRONLY } = constants;

/** Appends to a log file that only the user can read. Never throws: a run is worth more than its log. */
export class Log {
  readonly #file: string | undefined;
  readonly #fail: (message: string) => void;
  #descriptor: number | undefined;

  /**
   * @param file absolute path; undefined keeps nothing
   * @param fail called once, with what went wrong first; nothing is written after that
   */
  constructor(file: string | undefined, fail: (message: string) => void) {
    this.#file = file;
    this.#fail = fail;
    this.#try((path) => {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      // a link is not followed, and a pipe that nobody reads is an error at once
      this.#descriptor = openSync(path, O_APPEND | O_CREAT | O_WRONLY | O_NOFOLLOW | O_NONBLOCK, 0o600);
    });
  }

  /** Whole lines, in one write each time: other runs append to the same file. */
  write(lines: string): void {
    const descriptor = this.#descriptor;
    if (descriptor === undefined || lines === '') return;
    this.#try(() => {
      appendFileSync(descriptor, lines);
    });
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #try(act: (file: string) => void): void {
    if (this.#file === undefined) return;
    try {
      act(this.#file);
    } catch (error) {
      this.close();
      this.#fail(`the log ${this.#file} cannot be written: ${(error as Error).message}. The run goes on without it.`);
    }
  }
}

/** Begins a log anew. Never throws: what stands against it is said when the log is written. */
export function removeLog(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // no folder in its place
  }
}
