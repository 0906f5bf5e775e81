import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { readJson } from './json.ts';
import { identityOf, processIdentity, stateOf } from './process-start.ts';

const recordFile = processIdentity.extend({ command: z.string() });

type Record = Readonly<z.infer<typeof recordFile>>;

/**
 * The programs that the driver has running, one small file each, so that a driver that was killed (SIGKILL gives it no
 * time to stop them) leaves a trace: the next run stops what goes on behind its back, such as a `kind create`.
 */
export class Children {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Nothing is written of a process that has ended already, or that could not be told apart later. @throws where the folder cannot be written */
  started(pid: number, command: string): void {
    const identity = identityOf(pid);
    if (identity === undefined) return;
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const record: Record = { ...identity, command };
    writeFileSync(this.#file(pid), JSON.stringify(record), { mode: 0o600 });
  }

  ended(pid: number): void {
    try {
      rmSync(this.#file(pid), { force: true });
    } catch {
      // it names a process that is gone: the next run sees that
    }
  }

  /**
   * Stops what a killed driver left running; answers with the commands that it stopped. What is not proved to be the same
   * process is not touched.
   */
  async stopLeftovers(stop: (pid: number, signal: NodeJS.Signals) => void): Promise<string[]> {
    const records = this.#read();
    const isRunning = (record: Record): boolean => stateOf(record) === 'running';
    const alive = records.filter(isRunning);
    for (const { pid } of alive) stop(pid, 'SIGTERM');
    const deadline = performance.now() + 3000;
    while (alive.some(isRunning) && performance.now() < deadline) await sleep(100);
    // one that has ended may have left its group behind; but a process that got its number since is a stranger
    const strangers = alive.filter((record) => !isRunning(record) && identityOf(record.pid) !== undefined);
    for (const { pid } of alive.filter((record) => !strangers.includes(record))) stop(pid, 'SIGKILL');
    for (const { pid } of records) this.ended(pid);
    this.#forgetUnreadable();
    return alive.map(({ command }) => command);
  }

  /** Forgets those that are gone; nobody is stopped. */
  forgetGone(): void {
    for (const record of this.#read()) if (stateOf(record) === 'gone') this.ended(record.pid);
    this.#forgetUnreadable();
  }

  #read(): Record[] {
    try {
      return readdirSync(this.#folder).flatMap((name) => this.#record(name) ?? []);
    } catch {
      return []; // no folder: nothing ever ran
    }
  }

  /** What a driver was killed in the middle of: nobody can tell which process it was to name. */
  #forgetUnreadable(): void {
    try {
      for (const name of readdirSync(this.#folder))
        if (/^\d+\.json$/.test(name) && this.#record(name) === undefined)
          rmSync(join(this.#folder, name), { force: true });
    } catch {
      // no folder, or it cannot be written: the next run sees it
    }
  }

  #record(name: string): Record | undefined {
    try {
      return readJson(recordFile, readFileSync(join(this.#folder, name), 'utf8'));
    } catch {
      return undefined; // gone meanwhile
    }
  }

  #file(pid: number): string {
    return join(this.#folder, `${pid}.json`);
  }
}
