import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** A process as it is written down, told apart from every other one that had or will have its number. */
export const processIdentity = z.object({
  /** Below 2 a signal would go to more than one process. */
  pid: z.int().min(2),
  /** When it started, as the system keeps it: Linux counts clock ticks since the boot, `ps` writes a date in UTC. */
  start: z.string(),
  /** Linux: id of that boot, drawn anew by each. Empty where the start is a date. */
  boot: z.string(),
});

export type ProcessIdentity = Readonly<z.infer<typeof processIdentity>>;

/** What a system tells of its processes; tests put another one in its place. */
export interface ProcessTable {
  /** Text of a file in `/proc`. @throws where there is none */
  read(file: string): string;
  /** What `ps -o stat= -o lstart=` prints; undefined where there is no `ps` that knows this, or no such process. */
  ps(pid: number): string | undefined;
  /** False only where there is surely no process of that number. */
  exists(pid: number): boolean;
}

/** Undefined where there is no such process (a zombie is none), or where the system does not tell when it started. */
export function identityOf(pid: number, table: ProcessTable = thisSystem): ProcessIdentity | undefined {
  const seen = look(pid, table);
  return typeof seen === 'string' ? undefined : seen;
}

/**
 * Is it still that process, and not another that was given its number since? Needs no clock: neither a step of the time
 * nor a suspended machine changes the answer. `unknown` where the system does not tell: whether that counts as alive
 * (a lock) or as a stranger (before a kill) is for the caller to say.
 */
export function stateOf(
  { pid, start, boot }: ProcessIdentity,
  table: ProcessTable = thisSystem,
): 'running' | 'gone' | 'unknown' {
  const seen = look(pid, table);
  if (typeof seen === 'string') return seen;
  const told = start !== '' && (boot === '') === (seen.boot === '');
  if (!told) return 'unknown';
  return seen.start === start && seen.boot === boot ? 'running' : 'gone';
}

function look(pid: number, table: ProcessTable): ProcessIdentity | 'gone' | 'unknown' {
  return fromProc(pid, table) ?? fromPs(pid, table) ?? (table.exists(pid) ? 'unknown' : 'gone');
}

/** proc_pid_stat(5): `PID (NAME) STATE …`; the start is field 22. A program may have blanks and brackets in its name. */
function fromProc(pid: number, table: ProcessTable): ProcessIdentity | 'gone' | undefined {
  try {
    const stat = table.read(`/proc/${pid}/stat`);
    const [state = '', ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const start = fields[18];
    if (start === undefined) return undefined;
    return isGone(state) ? 'gone' : { pid, start, boot: table.read('/proc/sys/kernel/random/boot_id').trim() };
  } catch {
    return undefined;
  }
}

/** `Ss   Tue Nov 24 21:41:49 2026` */
function fromPs(pid: number, table: ProcessTable): ProcessIdentity | 'gone' | undefined {
  const [, state, start] = /^\s*(\S+)\s+(\S.*\S)\s*$/.exec(table.ps(pid) ?? '') ?? [];
  if (state === undefined || start === undefined) return undefined;
  return isGone(state) ? 'gone' : { pid, start: start.replaceAll(/\s+/g, ' '), boot: '' };
}

/** A zombie does nothing any more; X is on its way out. */
const isGone = (state: string): boolean => /^[ZX]/.test(state);

const thisSystem: ProcessTable = {
  read: (file) => readFileSync(file, 'utf8'),
  ps: (pid) => {
    const { status, stdout } = spawnSync('/bin/ps', ['-o', 'stat=', '-o', 'lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      // the date must not depend on who asks
      env: { LC_ALL: 'C', TZ: 'UTC' },
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 5000,
    });
    return status === 0 ? stdout : undefined;
  },
  exists: (pid) => {
    try {
      return process.kill(pid, 0);
    } catch (error) {
      // EPERM: it is another user's
      return (error as NodeJS.ErrnoException).code !== 'ESRCH';
    }
  },
};
