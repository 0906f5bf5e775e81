import type { Outcome } from '../tools/command-error.ts';
import type { Command } from '../tools/command.ts';
import type { Undoing } from '../files/left-fault.ts';

/** What docker, iptables and kubectl say of what is not there to be undone: a container that goes on, a rule that nobody has made, servers that are gone. */
const NOTHING_TO_UNDO =
  /is not paused|No such container|is not running|does a matching rule exist|No chain\/target\/match|no objects passed to scale|\(NotFound\)/;

/** Undoes a fault, each of its commands whatever became of the one before. @returns those that failed */
export async function undoAll(
  undo: readonly Undoing[],
  run: (command: Command) => Promise<Outcome>,
): Promise<readonly Outcome[]> {
  const failed: Outcome[] = [];
  for (const { command } of undo) {
    const outcome = await run(command);
    if (outcome.exitCode !== 0 && !NOTHING_TO_UNDO.test(outcome.stderr)) failed.push(outcome);
  }
  return failed;
}
