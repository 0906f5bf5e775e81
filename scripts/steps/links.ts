import type { Region } from '../../lab/lab.ts';
import type { MeshStatus } from '../tools/cilium.ts';
import { observeMesh } from '../observe/cluster.ts';
import type { Work } from './step.ts';
import { waitFor } from './wait.ts';

/** The regions that one region shall be connected to: every other one of this run. */
export function linksOf(region: Region, regions: readonly Region[]): readonly string[] {
  return regions.map(({ name }) => name).filter((name) => name !== region.name);
}

/** Those to which not every agent of the region is connected. */
export function missingLinks(mesh: MeshStatus | undefined, remotes: readonly string[]): string[] {
  return remotes.filter((name) => mesh === undefined || mesh.total === 0 || (mesh.connected[name] ?? 0) < mesh.total);
}

/** Waits until every agent of the region is connected to each remote; agents that restart meanwhile are no failure. */
export async function waitForLinks(work: Work, region: Region, remotes: readonly string[]): Promise<void> {
  await waitFor(work, `${region.name}'s links`, async () => {
    const mesh = await observeMesh(work.queries, work.paths.target(region));
    const missing = missingLinks(mesh, remotes);
    if (missing.length === 0) return undefined;
    if (mesh === undefined || mesh.total === 0) return 'the agents do not answer yet';
    return missing.map((name) => `${name} ${mesh.connected[name] ?? 0}/${mesh.total}`).join(', ');
  });
}
