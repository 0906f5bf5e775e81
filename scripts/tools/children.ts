import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isStillRunning, type KnownProcess } from './process-start.ts';

interface Record extends KnownProcess {
  readonly command: string;
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
    const alive = records.filter(isStillRunning);
    for (const { pid } of alive) stop(pid, 'SIGTERM');
    const deadline = Date.now() + 3000;
    while (alive.some(isStillRunning) && Date.now() < deadline) await sleep(100);
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
