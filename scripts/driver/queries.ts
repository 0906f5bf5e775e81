import type { Command } from '../tools/command.ts';
import { CommandError, type Outcome } from '../tools/command-error.ts';
import type { Runner } from '../tools/runner.ts';

/** A query that takes longer than this many seconds gets no answer. */
const timeoutSeconds = 60;

/** Questions to the systems: commands that change nothing. */
export class Queries {
  readonly #runner: Runner;
  readonly #log: string | undefined;

  /** @param log where questions and answers are kept; undefined keeps nothing */
  constructor(runner: Runner, log?: string) {
    this.#runner = runner;
    this.#log = log;
  }

  /** The standard output. @throws CommandError where the query fails */
  async ask(command: Command): Promise<string> {
    const outcome = await this.attempt(command);
    if (outcome.exitCode !== 0) throw new CommandError(outcome);
    return outcome.stdout;
  }

  /** A query whose failure is an answer; a missing program or a stopped driver is none. @throws CommandError then */
  async attempt(command: Command): Promise<Outcome> {
    const outcome = await this.#runner.attempt(command, { log: this.#log, timeoutSeconds });
    if (outcome.ended === 'not-started' || outcome.ended === 'canceled') throw new CommandError(outcome);
    return outcome;
  }
}
