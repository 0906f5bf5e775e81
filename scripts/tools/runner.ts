import { CommandError, lines, type Outcome } from './command-error.ts';
import { type Command, toShell } from './command.ts';
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

/** Runs programs, one process group each; aborting `signal` stops all that are running. With `children` it keeps a trace of them. */
export class Runner {
  readonly #env: Readonly<Record<string, string>>;
  readonly #signal: AbortSignal;
  readonly #children: Children | undefined;
  readonly #warn: (message: string) => void;
  #warned = new Set<'log' | 'trace'>();

  /** @param warn told once when logs, and once when traces cannot be written; programs run on without them */
  constructor(
    env: Readonly<Record<string, string>>,
    signal: AbortSignal,
    children?: Children,
    warn: (message: string) => void = () => undefined,
  ) {
    this.#env = env;
    this.#signal = signal;
    this.#children = children;
    this.#warn = warn;
  }

  /** The same runner, whose programs another signal stops. */
  until(signal: AbortSignal): Runner {
    const runner = new Runner(this.#env, signal, this.#children, this.#warn);
    runner.#warned = this.#warned;
    return runner;
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
    const log = new Log(this.#signal.aborted ? undefined : options.log, (message) => {
      this.#warnOnce('log', message);
    });
    log.write(`$ ${toShell(command)}\n${command.secret ? '# (its output holds secrets and is not kept)\n' : ''}`);
    const take = (text: string): void => {
      if (command.secret) return;
      log.write(text);
      const last = lines(text).at(-1);
      if (last !== undefined && command.quiet !== true) options.onLine?.(last);
    };
    const buffers = { stdout: new LineBuffer(), stderr: new LineBuffer() };
    let started: number | undefined;
    const end = await runProcess(command.program, command.args, {
      env: { ...this.#env, ...command.env },
      signal: this.#signal,
      timeoutSeconds: options.timeoutSeconds,
      onStart: (pid) => {
        started = pid;
        this.#record(pid, command);
      },
      onData: (from, chunk) => {
        take(buffers[from].add(chunk));
      },
    });
    if (started !== undefined) this.#children?.ended(started);
    for (const buffer of [buffers.stdout, buffers.stderr]) take(buffer.end());
    log.write(`# ${end.ended === 'exit' ? `exit ${String(end.exitCode)}` : end.ended}\n`);
    log.close();
    return { command, timeoutSeconds: options.timeoutSeconds, log: options.log, ...end };
  }

  /**
   * Without a trace it runs on: its deadline and a stop still hold, and only a driver that is killed needs the trace. To
   * end `kind create` over a full disk would leave a half-built cluster for nothing.
   */
  #record(pid: number, command: Command): void {
    try {
      this.#children?.started(pid, toShell(command));
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
    this.#warn(message);
  }
}
