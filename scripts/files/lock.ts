import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { isStillRunning, type KnownProcess, startedAt } from '../tools/process-start.ts';
import { exitCode, UserError } from '../events/errors.ts';

/**
 * Keeps two drivers from working on one lab. A lock whose process is gone counts for nothing.
 * @returns a function that lets go
 * @throws UserError naming the process that holds it
 */
export function takeLock(file: string): () => void {
  mkdirSync(dirname(file), { recursive: true });
  const holder: KnownProcess = { pid: process.pid, started: startedAt(process.pid) ?? Date.now() };
  for (;;) {
    try {
      writeFileSync(file, JSON.stringify(holder), { flag: 'wx' });
      return () => {
        rmSync(file, { force: true });
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const other = readHolder(file);
      if (other !== undefined && isStillRunning(other)) {
        throw new UserError(
          `another run works on this lab (process ${other.pid}). Wait for it, or stop it: kill ${other.pid}`,
          exitCode.failed,
        );
      }
      rmSync(file, { force: true });
    }
  }
}

function readHolder(file: string): KnownProcess | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as KnownProcess;
  } catch {
    return undefined; // gone meanwhile, or cut off while it was written
  }
}
