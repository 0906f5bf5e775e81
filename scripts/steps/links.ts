import type { Lab, Region, Values } from '../../lab/lab.ts';
import { isValues, valueAt } from '../../lab/values.ts';
import { FindingsError } from '../events/errors.ts';
import { linksOf, missingLinks, observeMesh } from '../observe/mesh.ts';
import { type Observed, wholeCluster } from '../observe/observed.ts';
import type { Work } from './step.ts';
import { waitFor } from './wait.ts';

/**
 * Those that the region cannot reach for good: not every agent is connected, or its release dials another address than the
 * one at which the remote ClusterMesh API server is now.
 */
export function brokenLinks(lab: Lab, region: Region, regions: readonly Region[], observed: Observed): string[] {
  const cluster = wholeCluster(region, observed.regions.get(region.name));
  const remotes = linksOf(region, regions);
  const missing = new Set(missingLinks(cluster?.mesh, remotes));
  const dialled = dialledAddresses(cluster?.release?.values);
  return remotes.filter((name) => {
    const address = observed.regions.get(name)?.cluster?.mesh?.address;
    const ips = dialled.get(name);
    return missing.has(name) || (address !== undefined && ips !== undefined && !ips.includes(address));
  });
}

/** By remote cluster: the addresses that a release dials, where it names any. A list, or from the CLI v0.19 a table by name. */
function dialledAddresses(values: Values | undefined): ReadonlyMap<unknown, readonly unknown[]> {
  const clusters = valueAt(values, ['clustermesh', 'config', 'clusters']);
  const entries: readonly (readonly [unknown, unknown])[] = Array.isArray(clusters)
    ? clusters.map((entry: unknown) => [isValues(entry) ? entry.name : undefined, entry])
    : Object.entries(isValues(clusters) ? clusters : {});
  return new Map(
    entries.flatMap(([name, entry]) =>
      isValues(entry) && Array.isArray(entry.ips) && entry.ips.length > 0 ? [[name, entry.ips as unknown[]]] : [],
    ),
  );
}

/**
 * Waits until every agent of the region is connected to each remote; agents that restart meanwhile are no failure.
 * @throws FindingsError where a step failed in this run, and one of them is not at work any more: its links do not come
 */
export async function waitForLinks(work: Work, region: Region, remotes: readonly string[]): Promise<void> {
  await waitFor(work, `${region.name}'s links`, async () => {
    const mesh = await observeMesh(work.queries, work.paths.target(region));
    const missing = missingLinks(mesh, remotes);
    if (missing.length === 0) return undefined;
    const lost = missing.filter((name) => work.isOver(name));
    if (lost.length > 0) {
      const why = 'a step failed in this run, and nothing more is done there';
      throw new FindingsError(`no links to ${lost.join(', ')}: ${why}`, []);
    }
    if (mesh === undefined || mesh.total === 0) return 'the agents do not answer yet';
    return missing.map((name) => `${name} ${mesh.connected[name] ?? 0}/${mesh.total}`).join(', ');
  });
}
