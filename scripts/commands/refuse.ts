import { UserError } from '../events/errors.ts';
import type { Told } from '../plan/record-refusals.ts';
import type { Refusal } from '../plan/refusal.ts';
import { commandLine, type Session } from './session.ts';

/** Tells everything that stands against the lab, all at once. @throws UserError where anything does */
export function refuse(found: readonly (Refusal | undefined)[]): void {
  const refusals = found.filter((refusal) => refusal !== undefined);
  if (refusals.length > 0) throw UserError.refusing(refusals);
}

/**
 * How a refusal of this command names what the user has to type.
 * @param typed options that were given and belong to what is proposed too
 */
export function toldOf(
  command: string,
  session: Pick<Session, 'paths' | 'adopts'>,
  typed: readonly string[] = [],
): Told {
  const line = commandLine(session);
  const state = session.paths.show(session.paths.state);
  return { command, line: (name, ...options) => line(name, ...options, ...typed), state };
}
