import { checks } from '../doctor/checks.ts';
import { reachable } from '../doctor/engine.ts';
import { UserError } from '../events/errors.ts';

/** What stands against the lab itself is no check that can be ignored. @throws UserError naming words that are none */
export function checkIgnored(names: readonly string[] = []): void {
  // without an engine a deploy ends before anything is judged
  const known = checks.map(({ name }) => name).filter((name) => name !== reachable.name);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  throw new UserError(`--ignore ${unknown.join(' ')}: no check that can be ignored. These can: ${known.join(', ')}.`);
}
