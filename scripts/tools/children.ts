import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startedAt } from './process-start.ts';

interface Record {
  readonly pid: number;
  readonly command: string;
  /** Milliseconds since the epoch. */
  readonly started: number;
}

/**
 * The programs that the driver has running, one small file each, so that a driver that was killed (SIGKILL gives it no
 * time to stop them) leaves a trace: the next run stops what goes on behind its back, such as a `kind create`.
 */
export class Children {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  started(pid: number, command: string): void {
    mkdirSync(this.#folder, { recursive: true });
    const record: Record = { pid, command, started: Date.now() };
    writeFileSync(this.#file(pid), JSON.stringify(record), { mode: 0o600 });
  }

  ended(pid: number): void {
    rmSync(this.#file(pid), { force: true });
  }

  /** Stops what a killed driver left running; answers with the commands that it stopped. */
  async stopLeftovers(stop: (pid: number, signal: NodeJS.Signals) => void): Promise<string[]> {
    const records = this.#read();
    const alive = records.filter(isSame);
    for (const { pid } of alive) stop(pid, 'SIGTERM');
    const deadline = Date.now() + 3000;
    while (alive.some(isSame) && Date.now() < deadline) await sleep(100);
    for (const { pid } of alive) stop(pid, 'SIGKILL');
    for (const { pid } of records) this.ended(pid);
    return alive.map(({ command }) => command);
  }

  #read(): Record[] {
    try {
      return readdirSync(this.#folder).flatMap((name) => {
        try {
          return [JSON.parse(readFileSync(join(this.#folder, name), 'utf8')) as Record];
        } catch {
          return []; // cut off while it was written
        }
      });
    } catch {
      return []; // no folder: nothing ever ran
    }
  }

  #file(pid: number): string {
    return join(this.#folder, `${pid}.json`);
  }
}

/** Is it still that process, and not another that was given its number since? */
function isSame({ pid, started }: Record): boolean {
  const actual = startedAt(pid);
  return actual !== undefined && Math.abs(actual - started) < 3000;
}
