import type { Command } from '../../scripts/tools/command.ts';
import type { Outcome } from '../../scripts/tools/command-error.ts';

/** How a command ended: well and without a word, unless changed. */
export const outcomeOf = (command: Command, changes: Partial<Outcome> = {}): Outcome => ({
  command,
  exitCode: 0,
  ended: 'exit',
  stdout: '',
  stderr: '',
  timeoutSeconds: 900,
  log: undefined,
  ...changes,
});
