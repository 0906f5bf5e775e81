import { UserError } from '../events/errors.ts';
import type { Told } from '../plan/record-refusals.ts';
import type { Refusal } from '../plan/refusal.ts';
import { commandLine, type Session } from './session.ts';

/** Tells everything that stands against the lab, all at once. @throws UserError where anything does */
export function refuse(found: readonly (Refusal | undefined)[]): void {
  const refusals = found.filter((refusal) => refusal !== undefined);
  if (refusals.length === 0) return;
  // several that one remedy puts right have it once
  const lines = refusals.map(({ cause, remedy }, index) =>
    refusals[index + 1]?.remedy === remedy ? cause : `${cause}\n  ${remedy}`,
  );
  throw new UserError(lines.join('\n'));
}

/** How a refusal of this command names what the user has to type. */
export function toldOf(command: string, session: Pick<Session, 'paths' | 'adopts'>): Told {
  return { command, line: commandLine(session), state: session.paths.show(session.paths.state) };
}
