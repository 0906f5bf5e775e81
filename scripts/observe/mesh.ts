import type { Region } from '../../lab/lab.ts';
import * as cilium from '../tools/cilium.ts';
import type { KubeTarget } from '../tools/kubectl.ts';
import { type Observed, wholeCluster } from './observed.ts';
import type { Queries } from './queries.ts';

/** What a region's agents know of the mesh; undefined while they restart or no address is there yet. */
export async function observeMesh(queries: Queries, target: KubeTarget): Promise<cilium.MeshStatus | undefined> {
  const { stdout } = await queries.attempt(cilium.meshStatusJson(target));
  return cilium.parseMeshStatus(stdout);
}

/** Those of the regions of this run that one region shall be connected to. */
export function linksOf(region: Region, regions: readonly Region[]): readonly string[] {
  const names = new Set(regions.map(({ name }) => name));
  return region.links.filter((link) => names.has(link));
}

/** Those of the remote regions to which not every agent of the region is connected. */
export function missingLinks(mesh: cilium.MeshStatus | undefined, remotes: readonly string[]): string[] {
  return remotes.filter((name) => mesh === undefined || mesh.total === 0 || (mesh.connected[name] ?? 0) < mesh.total);
}

/** The regions that have a Cilium. */
export function livingRegions(regions: readonly Region[], observed: Observed): Region[] {
  return regions.filter((region) => wholeCluster(region, observed.regions.get(region.name))?.release !== undefined);
}

/** What of the living mesh is not whole, in words that follow `since`; undefined where all of it is. */
export function meshGap(regions: readonly Region[], observed: Observed): string | undefined {
  const living = livingRegions(regions, observed);
  for (const region of living) {
    const cluster = wholeCluster(region, observed.regions.get(region.name));
    const status = cluster?.release?.status ?? 'deployed';
    if (status !== 'deployed') return `the release of ${region.name} is ${status}`;
    const [down] = cluster?.ciliumNotReady ?? [];
    if (down !== undefined) return `${down} of ${region.name} is not up`;
    const [missing] = missingLinks(cluster?.mesh, linksOf(region, living));
    if (missing !== undefined) return `${region.name} is not connected to ${missing}`;
    // a link that has left lab.yaml is open until the change
    const [stray] = strayLinks(cluster?.mesh, region);
    if (stray !== undefined) return `${region.name} is still connected to ${stray}`;
  }
  return undefined;
}

/** The clusters to which agents of the region are connected, and which are no links of it. */
export function strayLinks(mesh: cilium.MeshStatus | undefined, { links }: Region): string[] {
  const connected = Object.entries(mesh?.connected ?? {}).filter(([, agents]) => agents > 0);
  return connected.map(([name]) => name).filter((name) => !links.includes(name));
}
