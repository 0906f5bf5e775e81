import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { execa } from 'execa';
import { CommandError, lines, type Outcome } from './command-error.ts';
import { type Command, toShell } from './command.ts';
import type { Children } from './children.ts';

/** Between SIGTERM and SIGKILL; with it, a stopped driver is gone within 5 s. */
const graceMilliseconds = 3000;

export interface RunOptions {
  /** File that the command and its output are appended to; undefined keeps nothing. */
  readonly log: string | undefined;
  /** Deadline in seconds: then its whole process group is stopped. */
  readonly timeoutSeconds: number;
  /** Called with each line of output as it comes, for live progress. */
  readonly onLine?: (line: string) => void;
}

export interface Output {
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs programs, one process group each; aborting `signal` stops all that are running. With `children` it keeps a trace of them. */
export class Runner {
  readonly #env: Readonly<Record<string, string>>;
  readonly #signal: AbortSignal;
  readonly #children: Children | undefined;

  constructor(env: Readonly<Record<string, string>>, signal: AbortSignal, children?: Children) {
    this.#env = env;
    this.#signal = signal;
    this.#children = children;
  }

  get signal(): AbortSignal {
    return this.#signal;
  }

  /** @throws CommandError unless the command exits with 0 before its deadline */
  async run(command: Command, options: RunOptions): Promise<Output> {
    const outcome = await this.attempt(command, options);
    if (outcome.ended !== 'exit' || outcome.exitCode !== 0) throw new CommandError(outcome);
    return outcome;
  }

  /** As `run`, for commands whose failure is an answer. */
  async attempt(command: Command, options: RunOptions): Promise<Outcome> {
    const log = openLog(options.log, command);
    const answer = { command, timeoutSeconds: options.timeoutSeconds, log: options.log, stdout: '', stderr: '' };
    if (this.#signal.aborted) return { ...answer, exitCode: undefined, ended: 'canceled' };

    const child = execa(command.program, command.args, {
      env: { ...this.#env, ...command.env },
      extendEnv: false,
      // its own process group: a kill reaches the programs that it started too (execa 9 kills the direct child alone)
      detached: true,
      cleanup: false,
      reject: false,
      stdin: 'ignore',
      stripFinalNewline: false,
      maxBuffer: 256 * 1024 * 1024,
    });
    const { pid } = child;
    if (pid !== undefined) this.#children?.started(pid, toShell(command));
    for (const stream of [child.stdout, child.stderr]) {
      forward(stream, (text) => {
        if (command.secret) return;
        log.write(text);
        const last = lines(text).at(-1);
        if (last !== undefined) options.onLine?.(last);
      });
    }

    let stopped: 'deadline' | 'canceled' | undefined;
    const stop = (why: 'deadline' | 'canceled'): void => {
      stopped = why;
      if (pid !== undefined) stopGroup(pid);
    };
    const deadline = setTimeout(() => {
      stop('deadline');
    }, options.timeoutSeconds * 1000);
    const cancel = (): void => {
      stop('canceled');
    };
    this.#signal.addEventListener('abort', cancel, { once: true });
    try {
      const result = await child;
      const ended: Outcome['ended'] = pid === undefined ? 'not-started' : (stopped ?? 'exit');
      const outcome = { ...answer, ended, exitCode: result.exitCode, stdout: result.stdout, stderr: result.stderr };
      log.write(`# ${ended === 'exit' ? `exit ${String(result.exitCode)}` : ended}\n`);
      return outcome;
    } finally {
      clearTimeout(deadline);
      this.#signal.removeEventListener('abort', cancel);
      if (pid !== undefined) {
        // what it started may ignore SIGTERM and have let go of its streams
        if (stopped) signalGroup(pid, 'SIGKILL');
        this.#children?.ended(pid);
      }
    }
  }
}

/** Hands a stream on as text; a character may come in two chunks. */
function forward(stream: Readable, take: (text: string) => void): void {
  const decoder = new StringDecoder('utf8');
  stream.on('data', (chunk: Buffer) => {
    take(decoder.write(chunk));
  });
}

/** Stops a whole process group: SIGTERM, and SIGKILL for what is left after the grace time. */
function stopGroup(pid: number): void {
  signalGroup(pid, 'SIGTERM');
  setTimeout(() => {
    signalGroup(pid, 'SIGKILL');
  }, graceMilliseconds).unref();
}

export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // nobody left in the group
  }
}

function openLog(file: string | undefined, command: Command): { write(text: string): void } {
  if (file === undefined) return { write: () => undefined };
  mkdirSync(dirname(file), { recursive: true });
  const write = (text: string): void => {
    appendFileSync(file, text, { mode: 0o600 });
  };
  write(`$ ${toShell(command)}\n${command.secret ? '# (its output holds secrets and is not kept)\n' : ''}`);
  return { write };
}
