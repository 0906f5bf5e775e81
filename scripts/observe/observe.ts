import { existsSync } from 'node:fs';
import type { Lab, Region } from '../../lab/lab.ts';
import * as docker from '../tools/docker.ts';
import { observeCluster } from './cluster.ts';
import type { Observed, ObservedRegion } from './observed.ts';
import type { Paths } from '../files/paths.ts';
import type { Queries } from './queries.ts';
import { caOfValues, readCa } from '../files/shared-ca.ts';

/** Asks the systems what exists: no state file has a say. Changes nothing. */
export async function observe(queries: Queries, paths: Paths, lab: Lab): Promise<Observed> {
  const [engine, networks, containers, images] = await Promise.all([
    queries.ask(docker.info()).then(docker.parseInfo),
    observeNetworks(queries),
    observeContainers(queries),
    observeImages(queries, lab),
  ]);
  const regions = await Promise.all(
    lab.regions.map(async (region): Promise<[string, ObservedRegion]> => {
      const own = containers.filter(({ cluster }) => cluster === region.name);
      return [region.name, await observeRegion(queries, paths, lab, region, own)];
    }),
  );
  const releases = regions.flatMap(([, { cluster }]) => cluster?.release ?? []);
  const ca = releases.map(({ values }) => caOfValues(values)).find((found) => found !== undefined) ?? readCa(paths);
  return { engine, networks, routes: queries.routes(), containers, images, ca, regions: new Map(regions) };
}

export async function observeNetworks(queries: Queries): Promise<docker.DockerNetwork[]> {
  const ids = (await queries.ask(docker.listNetworks())).split('\n').filter((id) => id !== '');
  return ids.length === 0 ? [] : docker.parseNetworks(await queries.ask(docker.inspectNetworks(ids)));
}

export async function observeContainers(queries: Queries): Promise<docker.KindContainer[]> {
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
  containers: readonly docker.KindContainer[],
): Promise<ObservedRegion> {
  const kubeconfig = existsSync(paths.kubeconfig(region.name));
  const isOwn = containers.length > 0 && containers.every(({ networks }) => networks.includes(lab.network.name));
  const target = kubeconfig ? paths.target(region) : undefined;
  const cluster = isOwn ? await observeCluster(queries, lab, region, containers, target) : undefined;
  return { containers, kubeconfig, cluster };
}
