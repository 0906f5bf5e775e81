import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

/** Between SIGTERM and SIGKILL; with it, a stopped driver is gone within 5 s. */
const graceMilliseconds = 3000;

/** For the system to take a killed program away. */
const killMilliseconds = 1000;

/** Output that is under way when a program has ended gets 4 rounds, and more while it flows. */
const rest = { roundMilliseconds: 250, atLeast: 4, atMost: 20 };

/** The end of a stream that is kept: answers are far smaller, and where one is not, its last lines say what was wrong. */
const keptBytes = 64 * 1024 * 1024;

/** Node's timers count in 31 bits, and one that is longer fires at once. */
const longestTimer = 2 ** 31 - 1;

export interface ProcessOptions {
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Aborted: the program is stopped. */
  readonly signal: AbortSignal;
  /** Deadline in seconds: then the program is stopped. */
  readonly timeoutSeconds: number;
  /** All that it reads on its standard input. @default - it is closed */
  readonly input?: string | undefined;
  /** Called once it runs; must not throw. */
  readonly onStart?: (pid: number) => void;
  /** Called with the output as it comes; must not throw. */
  readonly onData?: (from: 'stdout' | 'stderr', chunk: Buffer) => void;
}

/** How a program came to its end. */
export interface ProcessEnd {
  readonly ended: 'exit' | 'deadline' | 'canceled' | 'not-started';
  /** `undefined` where a signal ended it or it never started. */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

type Child = ChildProcessByStdio<Writable | null, Readable, Readable>;

/**
 * Runs a program in a process group of its own, so that stopping it reaches what it started: SIGTERM to the group, and
 * SIGKILL for what is left after 3 s. Always answers, and by the end of the program, not by the end of its streams: a
 * daemon that it left behind may hold those for ever (ssh's ControlPersist holds stderr of every docker call over
 * ssh://). That is why this is not execa, which waits for both. If the driver itself ends first, for whatever reason but
 * SIGKILL, the group is killed.
 */
export async function runProcess(file: string, args: readonly string[], options: ProcessOptions): Promise<ProcessEnd> {
  const { env, input, signal, timeoutSeconds, onStart, onData } = options;
  if (signal.aborted) return { ended: 'canceled', exitCode: undefined, stdout: '', stderr: '' };
  const child = start(file, args, env, input);
  if (child?.pid === undefined) return { ended: 'not-started', exitCode: undefined, stdout: '', stderr: '' };
  const { pid } = child;
  const exit = new Promise<'exit'>((resolve) =>
    child.once('exit', () => {
      resolve('exit');
    }),
  );
  const close = new Promise<void>((resolve) =>
    child.once('close', () => {
      resolve();
    }),
  );
  const kept = { stdout: new Kept(), stderr: new Kept() };
  for (const from of ['stdout', 'stderr'] as const) {
    child[from].on('data', (chunk: Buffer) => {
      kept[from].add(chunk);
      onData?.(from, chunk);
    });
  }
  const kill = (): void => {
    signalGroup(pid, 'SIGKILL');
  };
  process.on('exit', kill);
  onStart?.(pid);
  const ended = await firstOf(exit, signal, timeoutSeconds);
  if (ended !== 'exit') await stopGroup(pid, exit);
  await restOf(close, () => kept.stdout.total + kept.stderr.total);
  process.off('exit', kill);
  for (const stream of [child.stdout, child.stderr]) stream.destroy();
  const [stdout, stderr] = [kept.stdout.text(), kept.stderr.text()];
  return { ended, exitCode: child.exitCode ?? undefined, stdout, stderr };
}

/** Sends a signal to a whole process group, if there is one. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // nobody left in the group
  }
}

/** Undefined, or without a pid, where it could not be started. */
function start(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  input?: string,
): Child | undefined {
  try {
    const options = { env, detached: true };
    const child: Child =
      input === undefined
        ? spawn(file, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
        : spawn(file, args, { ...options, stdio: ['pipe', 'pipe', 'pipe'] });
    // no such program; without a listener it would end the driver
    child.on('error', () => undefined);
    // so would one that ends before it has read all
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
    return child;
  } catch {
    return undefined; // a NUL in an argument, or too many of them
  }
}

/** What comes first: its end, its deadline, or a signal to stop. */
async function firstOf(
  exit: Promise<'exit'>,
  signal: AbortSignal,
  timeoutSeconds: number,
): Promise<'exit' | 'deadline' | 'canceled'> {
  const done = new AbortController();
  const stop = new Promise<'deadline' | 'canceled'>((resolve) => {
    const timer = setTimeout(
      () => {
        resolve('deadline');
      },
      Math.min(timeoutSeconds * 1000, longestTimer),
    );
    const cancel = (): void => {
      resolve('canceled');
    };
    signal.addEventListener('abort', cancel, { signal: done.signal });
    done.signal.addEventListener('abort', () => {
      clearTimeout(timer);
    });
  });
  const first = await Promise.race([exit, stop]);
  done.abort();
  return first;
}

async function stopGroup(pid: number, exit: Promise<unknown>): Promise<void> {
  signalGroup(pid, 'SIGTERM');
  const deadline = performance.now() + graceMilliseconds;
  while (isGroupAlive(pid) && performance.now() < deadline) await sleep(20);
  signalGroup(pid, 'SIGKILL');
  await within(exit, killMilliseconds);
}

function isGroupAlive(pid: number): boolean {
  try {
    return process.kill(-pid, 0);
  } catch {
    return false;
  }
}

/** Waits for the end of the streams, and no longer than for what is still coming. */
async function restOf(close: Promise<void>, bytes: () => number): Promise<void> {
  for (let round = 1; round <= rest.atMost; round++) {
    const before = bytes();
    const isClosed = await within(close, rest.roundMilliseconds);
    if (isClosed || (round >= rest.atLeast && bytes() === before)) return;
  }
}

async function within(promise: Promise<unknown>, milliseconds: number): Promise<boolean> {
  const done = new AbortController();
  const late = sleep(milliseconds, false, { signal: done.signal }).catch(() => false);
  const inTime = await Promise.race([promise.then(() => true), late]);
  done.abort();
  return inTime;
}

/** The last bytes of a stream. */
class Kept {
  readonly #chunks: Buffer[] = [];
  #size = 0;
  /** Bytes that came, kept or not. */
  total = 0;

  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    this.total += chunk.length;
    while (this.#size > keptBytes) this.#size -= this.#chunks.shift()?.length ?? 0;
  }

  /** Decoded as a whole: a character may come in two chunks. */
  text(): string {
    return Buffer.concat(this.#chunks).toString('utf8');
  }
}
