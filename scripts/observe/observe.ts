import { existsSync } from 'node:fs';
import type { Lab, Region } from '../../lab/lab.ts';
import * as docker from '../tools/docker.ts';
import { observeCluster, type Patience } from './cluster.ts';
import type { Observed, ObservedRegion } from './observed.ts';
import type { Paths } from '../files/paths.ts';
import type { Queries } from './queries.ts';
import { recordedRegions } from '../files/made.ts';
import { readOwner } from '../files/owner.ts';
import { caOfValues, readCa } from '../files/shared-ca.ts';
import { creatingRegions, intentLabel } from './intent.ts';
import { clusterOwnership, type Holdings } from './owned.ts';

/**
 * Asks the systems what exists: no state file has a say. Changes nothing.
 * @param patience with an API server that does not answer; none unless given
 */
export async function observe(queries: Queries, paths: Paths, lab: Lab, patience?: Patience): Promise<Observed> {
  const [engine, holdings, images] = await Promise.all([
    queries.ask(docker.info()).then(docker.parseInfo),
    observeHoldings(queries, paths),
    observeImages(queries, lab),
  ]);
  const regions = await Promise.all(
    lab.regions.map(async (region): Promise<[string, ObservedRegion]> => [
      region.name,
      await observeRegion(queries, paths, lab, region, holdings, patience),
    ]),
  );
  const releases = regions.flatMap(([, { cluster }]) => cluster?.release ?? []);
  const ca = releases.map(({ values }) => caOfValues(values)).find((found) => found !== undefined) ?? readCa(paths);
  return { engine, ...holdings, routes: queries.routes(), images, ca, regions: new Map(regions) };
}

/** What Docker holds, and what of it this folder may call its own. */
export async function observeHoldings(queries: Queries, paths: Paths): Promise<Holdings> {
  const [networks, containers, intents] = await Promise.all([
    observeNetworks(queries),
    observeContainers(queries),
    queries.ask(docker.listVolumes(intentLabel)),
  ]);
  const owner = readOwner(paths);
  const creating = creatingRegions(intents.split('\n'), owner);
  return { owner, made: recordedRegions(paths), creating, networks, containers };
}

export async function observeNetworks(queries: Queries): Promise<docker.DockerNetwork[]> {
  const ids = (await queries.ask(docker.listNetworks())).split('\n').filter((id) => id !== '');
  return ids.length === 0 ? [] : docker.parseNetworks(await queries.ask(docker.inspectNetworks(ids)));
}

async function observeContainers(queries: Queries): Promise<docker.KindContainer[]> {
  return docker.parseKindContainers(await queries.ask(docker.listKindContainers()));
}

/** Those of the preloaded images that the Docker Engine holds. */
async function observeImages(queries: Queries, lab: Lab): Promise<ReadonlySet<string>> {
  const present = lab.sources.preload.map(async (image) => {
    const { exitCode } = await queries.attempt(docker.inspectImage(image));
    return exitCode === 0 ? [image] : [];
  });
  return new Set((await Promise.all(present)).flat());
}

async function observeRegion(
  queries: Queries,
  paths: Paths,
  lab: Lab,
  region: Region,
  holdings: Holdings,
  patience: Patience | undefined,
): Promise<ObservedRegion> {
  const containers = holdings.containers.filter(({ cluster }) => cluster === region.name);
  const creating = holdings.creating.includes(region.name);
  const ownership = clusterOwnership(lab, holdings, region.name);
  const kubeconfig = existsSync(paths.kubeconfig(region.name));
  const target = kubeconfig ? paths.target(region) : undefined;
  // there is no use in waiting for half a cluster, nor for one whose nodes do not run
  const worthIt = !creating && containers.every(({ state }) => state === 'running');
  const cluster =
    ownership === 'ours'
      ? await observeCluster(queries, lab, region, containers, target, worthIt ? patience : undefined)
      : undefined;
  return { containers, ownership, creating, kubeconfig, cluster };
}
