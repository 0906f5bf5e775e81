import { stripVTControlCharacters } from 'node:util';
import { type Command, toShell } from './command.ts';

export interface Outcome {
  readonly command: Command;
  /** `undefined` where a signal ended the process or it never started. */
  readonly exitCode: number | undefined;
  readonly ended: 'exit' | 'deadline' | 'canceled' | 'not-started';
  readonly stdout: string;
  readonly stderr: string;
  /** Seconds that the command was given. */
  readonly timeoutSeconds: number;
  /** Absolute path of the log that holds the whole output, where one is kept. */
  readonly log: string | undefined;
}

/** The outcome of a command that is to end well. @throws CommandError unless it exited with 0 before its deadline */
export function ended(outcome: Outcome): Outcome {
  if (outcome.ended !== 'exit' || outcome.exitCode !== 0) throw new CommandError(outcome);
  return outcome;
}

/** A command that did not end well: why, its last lines, and where the rest is. */
export class CommandError extends Error {
  readonly outcome: Outcome;

  constructor(outcome: Outcome) {
    super(`${reason(outcome)}: ${toShell(outcome.command)}`);
    this.name = 'CommandError';
    this.outcome = outcome;
  }

  /** Both streams, stderr last, since that is where programs say what was wrong; empty where the output holds secrets. */
  get output(): string {
    const { command, stdout, stderr } = this.outcome;
    return command.secret ? stderr : `${stdout}\n${stderr}`;
  }

  /** The last lines that say something, without colours and cursor movements. */
  lastLines(count: number): string[] {
    return lines(this.output).slice(-count);
  }

  get reason(): string {
    return reason(this.outcome);
  }
}

/** The lines of a program's output that a person can read. */
export function lines(output: string): string[] {
  return stripVTControlCharacters(output)
    .split(/[\r\n]+/)
    .map((line) => line.trimEnd())
    .filter((line) => line !== '');
}

function reason({ ended, exitCode, timeoutSeconds, command }: Outcome): string {
  switch (ended) {
    case 'deadline':
      return `stopped after its deadline of ${timeoutSeconds} s`;
    case 'canceled':
      return 'stopped on request';
    case 'not-started':
      return `${command.program} could not be started`;
    case 'exit':
      return exitCode === undefined ? 'killed by a signal' : `exit code ${exitCode}`;
  }
}
