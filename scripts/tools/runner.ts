import { setMaxListeners } from 'node:events';
import { delimiter } from 'node:path';
import { ended, lines, type Outcome } from './command-error.ts';
import { type Command, type Program, toShell } from './command.ts';
import type { Children } from './children.ts';
import { LineBuffer } from './line-buffer.ts';
import { Log } from './log.ts';
import { runProcess } from './process.ts';

export interface RunOptions {
  /** File that the command and its output are appended to; undefined keeps nothing. */
  readonly log: string | undefined;
  /** Deadline in seconds: then its whole process group is stopped. */
  readonly timeoutSeconds: number;
  /** Called with the last whole line of output as it comes, for live progress; never of a command that is `quiet`. */
  readonly onLine?: (line: string) => void;
}

export interface Output {
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunnerOptions {
  /** Keeps a trace of what runs. @default - none is kept */
  readonly children?: Children;
  /** Told once when logs, and once when traces cannot be written; programs run on without them. @default - nobody */
  readonly warn?: (message: string) => void;
  /** Where a program is; throws where it cannot be had. @default - on the PATH */
  readonly locate?: (program: Program) => Promise<string>;
}

/** Seconds for a command that a stop does not stop. */
const FAREWELL = 15;

/** Runs programs, one process group each; aborting `signal` stops all that are running. */
export class Runner {
  readonly #env: Readonly<Record<string, string>>;
  readonly #signal: AbortSignal;
  readonly #options: RunnerOptions;
  #warned = new Set<'log' | 'trace'>();

  constructor(env: Readonly<Record<string, string>>, signal: AbortSignal, options: RunnerOptions = {}) {
    this.#env = env;
    this.#signal = signal;
    this.#options = options;
  }

  /** The same runner, whose programs another signal stops. */
  until(signal: AbortSignal): Runner {
    // every running program listens to it
    setMaxListeners(0, signal);
    const runner = new Runner(this.#env, signal, this.#options);
    runner.#warned = this.#warned;
    return runner;
  }

  /** Takes back what was brought, also after a stop, in as few seconds as a person waits after Ctrl-C. Its failure is an answer. */
  farewell(command: Command, log: string | undefined): Promise<Outcome> {
    return this.until(new AbortController().signal).attempt(command, { log, timeoutSeconds: FAREWELL });
  }

  get signal(): AbortSignal {
    return this.#signal;
  }

  /** @throws CommandError unless the command exits with 0 before its deadline */
  async run(command: Command, options: RunOptions): Promise<Output> {
    return ended(await this.attempt(command, options));
  }

  /** As `run`, for commands whose failure is an answer. @throws what says that the program cannot be had */
  async attempt(command: Command, options: RunOptions): Promise<Outcome> {
    const file = (await this.#options.locate?.(command.program)) ?? command.program;
    const log = new Log(this.#signal.aborted ? undefined : options.log, (message) => {
      this.#warnOnce('log', message);
    });
    log.write(`$ ${toShell(command)}\n${command.secret ? '# (its output holds secrets and is not kept)\n' : ''}`);
    if (command.input !== undefined && command.secret !== true) log.write(command.input.replaceAll(/^(?=.)/gm, '< '));
    const take = (from: 'stdout' | 'stderr', text: string): void => {
      if (command.secret === true || (command.bulk === true && from === 'stdout')) return;
      log.write(text);
      const last = lines(text).at(-1);
      if (last !== undefined && command.quiet !== true) options.onLine?.(last);
    };
    const buffers = { stdout: new LineBuffer(), stderr: new LineBuffer() };
    let started: number | undefined;
    const end = await runProcess(file, command.args, {
      env: this.#envOf(command),
      input: command.input,
      signal: this.#signal,
      timeoutSeconds: options.timeoutSeconds,
      onStart: (pid) => {
        started = pid;
        this.#record(pid, command);
      },
      onData: (from, chunk) => {
        take(from, buffers[from].add(chunk));
      },
    });
    if (started !== undefined) this.#options.children?.ended(started);
    for (const from of ['stdout', 'stderr'] as const) take(from, buffers[from].end());
    log.write(`# ${end.ended === 'exit' ? `exit ${String(end.exitCode)}` : end.ended}\n`);
    log.close();
    return { command, timeoutSeconds: options.timeoutSeconds, log: options.log, ...end };
  }

  #envOf({ env, secretEnv, pathFirst }: Command): Record<string, string> {
    const path = [pathFirst, this.#env.PATH].filter((part) => part !== undefined).join(delimiter);
    return { ...this.#env, ...env, ...secretEnv, ...(pathFirst !== undefined && { PATH: path }) };
  }

  /**
   * Without a trace it runs on: its deadline and a stop still hold, and only a driver that is killed needs the trace. To
   * end `kind create` over a full disk would leave a half-built cluster for nothing.
   */
  #record(pid: number, command: Command): void {
    try {
      this.#options.children?.started(pid, toShell(command));
    } catch (error) {
      this.#warnOnce(
        'trace',
        `no trace of running programs can be kept: ${(error as Error).message}. ` +
          'The run goes on; should it be killed (SIGKILL), the next one does not know what to stop.',
      );
    }
  }

  #warnOnce(about: 'log' | 'trace', message: string): void {
    if (this.#warned.has(about)) return;
    this.#warned.add(about);
    this.#options.warn?.(message);
  }
}
