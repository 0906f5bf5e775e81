import { setTimeout as sleep } from 'node:timers/promises';
import pLimit, { type LimitFunction } from 'p-limit';
import { type Command, toShell } from '../tools/command.ts';
import { CommandError, type Outcome } from '../tools/command-error.ts';
import { exitCode, UserError } from '../events/errors.ts';
import { type HostRoute, hostRoutes } from '../tools/host.ts';
import type { Runner } from '../tools/runner.ts';
import { untilEtcdAnswers } from './again.ts';

/** A query that takes longer than this many seconds gets no answer. */
const timeoutSeconds = 60;

/** Each query is a process; a lab of many regions asks hundreds of them. */
const atOnce = 16;

/** Questions to the systems: commands that change nothing. */
export class Queries {
  readonly #runner: Runner;
  readonly #limit: LimitFunction;
  readonly #log: string | undefined;
  readonly #routes: string | undefined;

  /**
   * @param log where questions and answers are kept; undefined keeps nothing
   * @param routes another file than the kernel's own routing table
   * @param limit of how many run at once
   */
  constructor(runner: Runner, log?: string, routes?: string, limit: LimitFunction = pLimit(atOnce)) {
    this.#limit = limit;
    this.#runner = runner;
    this.#log = log;
    this.#routes = routes;
  }

  /** The same questions, which another signal stops too. */
  until(signal: AbortSignal): Queries {
    const either = AbortSignal.any([this.#runner.signal, signal]);
    return new Queries(this.#runner.until(either), this.#log, this.#routes, this.#limit);
  }

  /** Aborted: no query gets an answer any more. */
  get signal(): AbortSignal {
    return this.#runner.signal;
  }

  /** Routes of this machine. */
  routes(): HostRoute[] {
    return hostRoutes(this.#routes);
  }

  /** The standard output. @throws CommandError where the query fails */
  async ask(command: Command): Promise<string> {
    const outcome = await this.attempt(command);
    if (outcome.exitCode !== 0) throw new CommandError(outcome);
    return outcome.stdout;
  }

  /** The answer as `parse` reads it. @throws CommandError where the query fails, UserError where it answers something odd */
  async read<T>(command: Command, parse: (answer: string) => T | undefined): Promise<T> {
    return readAnswer(command, await this.ask(command), parse);
  }

  /**
   * A query whose failure is an answer; a missing program or a stopped driver is none. Asked again where the region's etcd
   * had no leader for a moment: that is no answer either. @throws CommandError then
   */
  async attempt(command: Command): Promise<Outcome> {
    const attempt = async (): Promise<Outcome> => {
      const outcome = await this.#limit(() => this.#runner.attempt(command, { log: this.#log, timeoutSeconds }));
      if (outcome.ended === 'not-started' || outcome.ended === 'canceled') throw new CommandError(outcome);
      return outcome;
    };
    return untilEtcdAnswers(attempt, (seconds) => this.pause(seconds));
  }

  /** Waits before the next query. A stop ends the wait, and no query gets an answer after it. */
  async pause(seconds: number): Promise<void> {
    await sleep(seconds * 1000, undefined, { signal: this.#runner.signal }).catch(() => undefined);
  }
}

/** @throws UserError where `parse` can make nothing of the answer: a wrapper script, a program of another version */
export function readAnswer<T>(command: Command, answer: string, parse: (answer: string) => T | undefined): T {
  const parsed = parse(answer);
  if (parsed !== undefined) return parsed;
  // never what it printed: the values of a release hold keys
  throw new UserError(
    `${toShell(command)} exited with 0 and printed something else than was asked for. Look at what it prints by hand.`,
    exitCode.failed,
  );
}
