import { type Command, CommanderError } from 'commander';
import { OutputError } from '../../lab/own-place.ts';
import { LabError } from '../../lab/problems.ts';
import { CommandError } from '../tools/command-error.ts';
import type { Reporter } from '../events/events.ts';
import { exitCode, UserError } from '../events/errors.ts';
import { describeFailure } from '../events/failures.ts';
import { JsonReporter } from '../events/reporters/json.ts';
import { failureLines } from '../events/reporters/lines.ts';
import { LiveReporter } from '../events/reporters/live.ts';
import { PlainReporter } from '../events/reporters/plain.ts';
import { makeStyle, type Style } from '../events/reporters/text.ts';

/** The world outside, as an entry point hands it in. */
export interface Io {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  /** A person sits there and can be asked. */
  readonly interactive: boolean;
  /** Aborted by SIGINT, SIGTERM or SIGHUP, and when an output stream takes no more. */
  readonly signal: AbortSignal;
  /** The user's home folder. */
  readonly home: string;
  /** File with the routing table that a new docker network must not cover, as `/proc/net/route` has it. */
  readonly routes: string;
}

/** Makes a program whose actions hand the exit code to `done`. */
export type MakeProgram = (io: Io, done: (exitCode: number) => void) => Command;

/** Runs a program from its arguments to its exit code: 0, 1 (a step failed), 2 (usage or lab file), 130 (stopped). */
export async function runProgram(io: Io, make: MakeProgram): Promise<number> {
  let code: number = exitCode.done;
  const program = make(io, (answer) => {
    code = answer;
  });
  const output = {
    writeOut: (text: string) => io.stdout.write(text),
    writeErr: (text: string) => io.stderr.write(text),
  };
  for (const each of [program, ...program.commands]) each.configureOutput(output);
  try {
    await program.parseAsync([...io.argv], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.done : exitCode.usage;
    if (io.signal.aborted) return exitCode.stopped;
    return report(error, io.stderr, makeStyle(useColour(io, io.stderr)));
  }
}

function report(error: unknown, stderr: NodeJS.WriteStream, style: Style): number {
  if (error instanceof LabError || error instanceof OutputError || error instanceof UserError) {
    stderr.write(`${error.message}\n`);
    return error instanceof UserError ? error.code : exitCode.usage;
  }
  if (error instanceof CommandError) {
    const failure = describeFailure(error, error.outcome.log);
    stderr.write(
      `${failureLines({ step: error.outcome.command.program }, failure, style, (path) => path).join('\n')}\n`,
    );
    return exitCode.failed;
  }
  throw error;
}

/** Live on a terminal, plain lines elsewhere, or JSON. */
export function makeReporter(output: 'text' | 'json', io: Io, show: (path: string) => string): Reporter {
  const write = (text: string): void => {
    io.stdout.write(text);
  };
  if (output === 'json') return new JsonReporter(write);
  const style = makeStyle(useColour(io, io.stdout));
  const live = io.stdout.isTTY && io.env.TERM !== 'dumb' && io.env.CI === undefined;
  return live ? new LiveReporter(io.stdout, style, show) : new PlainReporter(write, style, show);
}

export function useColour({ env }: Pick<Io, 'env'>, stream: { readonly isTTY?: boolean }): boolean {
  return stream.isTTY === true && env.NO_COLOR === undefined && env.TERM !== 'dumb';
}

/** One event on one line: for commands that give one answer. */
export function printJson(io: Io, event: object): void {
  io.stdout.write(`${JSON.stringify(event)}\n`);
}
