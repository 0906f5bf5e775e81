import type { Degradation } from '../events/degraded-event.ts';
import { readDegraded } from '../files/degraded.ts';
import type { Paths } from '../files/paths.ts';
import { parseOurs, showQdiscs } from '../tools/tc.ts';
import type { ObservedRegion } from './observed.ts';
import type { Queries } from './queries.ts';

/** Those of the nodes that have a worse network of the lab's on; one that does not answer has none. */
export async function degradedAmong(queries: Queries, nodes: readonly string[]): Promise<ReadonlySet<string>> {
  const found = nodes.map(async (node) => {
    const { exitCode, stdout } = await queries.attempt(showQdiscs(node));
    return exitCode === 0 && parseOurs(stdout) === true ? [node] : [];
  });
  return new Set((await Promise.all(found)).flat());
}

/** Names of a region's nodes that run. */
export const runningNodes = (seen: ObservedRegion | undefined): string[] =>
  (seen?.containers ?? []).flatMap(({ name, isNode, state }) => (isNode && state === 'running' ? [name] : []));

/** The worse network that is on: its name is on record, and where it is on, the nodes say. Without a record nobody is asked. */
export async function observeDegraded(
  queries: Queries,
  paths: Paths,
  regions: ReadonlyMap<string, ObservedRegion>,
): Promise<Degradation | undefined> {
  const record = readDegraded(paths);
  if (record === undefined) return undefined;
  const own = [...new Set(record.pairs.flat())].flatMap((name) => {
    const seen = regions.get(name);
    return seen?.ownership === 'ours' ? [seen] : [];
  });
  const having = await degradedAmong(queries, own.flatMap(runningNodes));
  // one that is paused keeps it, and cannot be asked
  const nodes = own.flatMap(({ containers }) => containers.filter(({ isNode, state }) => isNode && state !== 'paused'));
  const missing = nodes.flatMap(({ name }) => (having.has(name) ? [] : [name]));
  return { profile: record.profile, missing: missing.toSorted(), whole: record.whole };
}
