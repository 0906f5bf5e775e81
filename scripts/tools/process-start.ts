import { execaSync } from 'execa';

/**
 * When a process started, in milliseconds since the epoch, to the second; `undefined` where there is none of that id.
 * `ps` knows it on Linux and on macOS alike; `etime` (elapsed, `[[dd-]hh:]mm:ss`) needs no time zone.
 */
export function startedAt(pid: number): number | undefined {
  const { stdout, failed } = execaSync('ps', ['-o', 'stat=', '-o', 'etime=', '-p', String(pid)], { reject: false });
  const [, state, elapsed] = /^\s*(\S+)\s+(\S+)\s*$/.exec(stdout) ?? [];
  if (failed || state === undefined || elapsed === undefined || state.startsWith('Z')) return undefined;
  const [seconds = 0, minutes = 0, hours = 0, days = 0] = elapsed.split(/[:-]/).reverse().map(Number);
  return Date.now() - (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
}

/** A process as it was noted down: its id, and when it was started, in milliseconds since the epoch. */
export interface KnownProcess {
  readonly pid: number;
  readonly started: number;
}

/** Is it still that process, and not another that was given its number since? `ps` tells seconds, so 3 s are the same. */
export function isStillRunning({ pid, started }: KnownProcess): boolean {
  const actual = startedAt(pid);
  return actual !== undefined && Math.abs(actual - started) < 3000;
}
