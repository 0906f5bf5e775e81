import { UserError } from '../events/errors.ts';
import type { Refusal } from '../plan/refusal.ts';

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
