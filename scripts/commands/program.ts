import { type Command, CommanderError } from 'commander';
import { exitCode, UserError } from '../events/errors.ts';
import { forgottenDashes } from './forgotten-dashes.ts';
import type { Io } from './io.ts';

/** Makes a program whose actions hand the exit code to `done`. */
export type MakeProgram = (io: Io, done: (exitCode: number) => void) => Command;

/** Runs a program from its arguments to its exit code: one of `exitCode`. */
export async function runProgram(io: Io, make: MakeProgram): Promise<number> {
  let code: number = exitCode.done;
  const program = make(io, (answer) => {
    code = answer;
  });
  const called = program.commands.find((command) => command.name() === io.argv[0]);
  for (const each of [program, ...program.commands]) {
    each.configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
    });
  }
  try {
    const forgotten = forgottenIn(io, called ?? program, io.argv.slice(called === undefined ? 0 : 1));
    if (forgotten !== undefined) throw new UserError(forgotten);
    await program.parseAsync([...io.argv], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCode.done;
    if (io.signal.aborted) return exitCode.stopped;
    return await tell(error, io);
  }
}

function forgottenIn({ env }: Io, command: Command, words: readonly string[]): string | undefined {
  const script = command.name().split(' ').at(-1) ?? '';
  return forgottenDashes(env, script, command.options, words, command.registeredArguments.length);
}

/** Tells why a command failed: as text to people, on GitHub Actions as an annotation, and as the last event where events are read. */
async function tell(error: unknown, io: Io): Promise<number> {
  // most runs need none of this
  const [{ endingOf }, { isOnActions, printJson, styleOf }] = await Promise.all([
    import('./failed.ts'),
    import('./output.ts'),
  ]);
  const { text, event } = endingOf(error, styleOf(io, io.stderr), (io.env.DEBUG ?? '') !== '');
  if (asksForEvents(io.argv)) printJson(io, event);
  if (isOnActions(io) && event.exitCode !== exitCode.done) {
    const { workflowCommand } = await import('../events/reporters/github.ts');
    io.stderr.write(`${workflowCommand('error', text)}\n`);
    return event.exitCode;
  }
  // the command line has said it already
  if (!(error instanceof CommanderError)) io.stderr.write(`${text}\n`);
  return event.exitCode;
}

/** Looks at the words themselves: a line that is refused may not have been read as far as this option. */
function asksForEvents(words: readonly string[]): boolean {
  return words.some((word, at) => word === '--output=json' || (word === '--output' && words[at + 1] === 'json'));
}
