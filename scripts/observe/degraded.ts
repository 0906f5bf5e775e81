import { networkText } from '../../lab/degrade.ts';
import type { Lab } from '../../lab/lab.ts';
import type { Degradation } from '../events/degraded-event.ts';
import { readDegraded } from '../files/degraded.ts';
import type { Paths } from '../files/paths.ts';
import { parseOurs, showQdiscs } from '../tools/tc.ts';
import type { ObservedRegion } from './observed.ts';
import type { Queries } from './queries.ts';

/** Those of the nodes that have a worse network of the lab's on. @throws CommandError where one does not say */
export async function degradedAmong(queries: Queries, nodes: readonly string[]): Promise<ReadonlySet<string>> {
  return having(nodes, (node) => queries.read(showQdiscs(node), parseOurs));
}

/** As `degradedAmong`; one that does not answer has none. */
async function knownToBeDegraded(queries: Queries, nodes: readonly string[]): Promise<ReadonlySet<string>> {
  return having(nodes, async (node) => {
    const { exitCode, stdout } = await queries.attempt(showQdiscs(node));
    return exitCode === 0 && parseOurs(stdout) === true;
  });
}

async function having(nodes: readonly string[], has: (node: string) => Promise<boolean>): Promise<ReadonlySet<string>> {
  const found = nodes.map(async (node) => ((await has(node)) ? [node] : []));
  return new Set((await Promise.all(found)).flat());
}

/** Names of a region's nodes that run. */
export const runningNodes = (seen: ObservedRegion | undefined): string[] =>
  (seen?.containers ?? []).flatMap(({ name, isNode, state }) => (isNode && state === 'running' ? [name] : []));

/**
 * The worse network that is on: its name is on record, and where it is on, the nodes say. Without a record nobody is asked, and where
 * no node of its regions is there, nothing is on.
 */
export async function observeDegraded(
  queries: Queries,
  paths: Paths,
  lab: Lab,
  regions: ReadonlyMap<string, ObservedRegion>,
): Promise<Degradation | undefined> {
  const record = readDegraded(paths);
  if (record === undefined) return undefined;
  const own = [...new Set(record.pairs.flat())].flatMap((name) => {
    const seen = regions.get(name);
    return seen?.ownership === 'ours' ? [seen] : [];
  });
  if (!own.some(({ containers }) => containers.some(({ isNode }) => isNode))) return undefined;
  const degraded = await knownToBeDegraded(queries, own.flatMap(runningNodes));
  // one that is paused keeps it, and cannot be asked
  const nodes = own.flatMap(({ containers }) => containers.filter(({ isNode, state }) => isNode && state !== 'paused'));
  const missing = nodes.flatMap(({ name }) => (degraded.has(name) ? [] : [name]));
  const profile = lab.profiles.get(record.profile);
  const changed = profile === undefined || networkText(lab, profile) !== record.network;
  return { profile: record.profile, missing: missing.toSorted(), whole: record.whole, changed };
}
