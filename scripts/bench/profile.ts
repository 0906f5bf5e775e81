import { readdirSync, readFileSync } from 'node:fs';
import { setInterval } from 'node:timers';

/** Milliseconds between two looks: what begins and ends between them is told as a whole, without a name. */
const EACH = 1000;

/** Ticks of /proc a second: USER_HZ, which is 100 on every Linux. */
const TICKS = 100;

/** Who had the cores of this machine, while something ran. */
export interface CpuProfile {
  /** Seconds of one core, by the name of the program, the greatest first. */
  readonly programs: readonly (readonly [string, number])[];
  /** Of all that ran, and how long it took. */
  readonly busy: number;
  readonly seconds: number;
  /** Bytes: by how much less memory was available than at the start, at most. */
  readonly memory: number;
}

/** Looks at /proc while `work` runs; undefined where there is none. */
export async function profiled<T>(work: () => Promise<T>): Promise<{ result: T; profile: CpuProfile | undefined }> {
  const first = look();
  if (first === undefined) return { result: await work(), profile: undefined };
  const programs = new Map<string, number>();
  let last = first;
  let least = first.available;
  const timer = setInterval(() => {
    last = add(programs, last);
    least = Math.min(least, last.available);
  }, EACH);
  const start = performance.now();
  try {
    const result = await work();
    last = add(programs, last);
    const seconds = (performance.now() - start) / 1000;
    const sorted = [...programs].toSorted(([, one], [, other]) => other - one);
    const busy = (last.busy - first.busy) / TICKS;
    return { result, profile: { programs: sorted, busy, seconds, memory: first.available - least } };
  } finally {
    clearInterval(timer);
  }
}

interface Look {
  /** By process: its program, and the ticks that it has had. */
  readonly processes: ReadonlyMap<string, { readonly program: string; readonly ticks: number }>;
  /** Ticks of all cores that were not idle. */
  readonly busy: number;
  /** Bytes of memory that a program could still have. */
  readonly available: number;
}

function add(programs: Map<string, number>, before: Look): Look {
  const now = look();
  if (now === undefined) return before;
  for (const [id, { program, ticks }] of now.processes) {
    const more = ticks - (before.processes.get(id)?.ticks ?? 0);
    if (more > 0) programs.set(program, (programs.get(program) ?? 0) + more / TICKS);
  }
  return now;
}

function look(): Look | undefined {
  try {
    const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    return { processes: new Map(ids.flatMap(processOf)), busy: busyTicks(), available: available() };
  } catch {
    return undefined;
  }
}

/** `12 (kube-apiserver) S …`: fields 14 and 15 are the ticks of user and system. Of a process that has ended nothing. */
function processOf(id: string): [string, { program: string; ticks: number }][] {
  try {
    const text = readFileSync(`/proc/${id}/stat`, 'utf8');
    const end = text.lastIndexOf(')');
    const fields = text.slice(end + 2).split(' ');
    const program = text.slice(text.indexOf('(') + 1, end);
    return [[`${id} ${fields[19] ?? ''}`, { program, ticks: Number(fields[11]) + Number(fields[12]) }]];
  } catch {
    return [];
  }
}

/** `cpu  USER NICE SYSTEM IDLE IOWAIT IRQ SOFTIRQ STEAL …` */
function busyTicks(): number {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
  const [user = 0, nice = 0, system = 0, , , irq = 0, soft = 0] = line.split(/\s+/).slice(1).map(Number);
  return user + nice + system + irq + soft;
}

/** `MemAvailable:   18874368 kB` */
function available(): number {
  const [, kilobytes] = /^MemAvailable: +(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}
