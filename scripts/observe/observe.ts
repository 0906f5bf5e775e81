import { existsSync } from 'node:fs';
import { engineImages } from '../../lab/engine-images.ts';
import { downloadsOf } from '../../lab/published.ts';
import { CACHE } from '../../lab/registries.ts';
import type { Lab, Region } from '../../lab/lab.ts';
import { CommandError } from '../tools/command-error.ts';
import * as docker from '../tools/docker.ts';
import { type KindContainer, parseKindContainers } from '../tools/docker-container.ts';
import { parseInfo } from '../tools/docker-info.ts';
import type { ImageUses } from '../supply/image-uses.ts';
import type { SourceFiles } from '../supply/sources.ts';
import { cachesNow } from './caches.ts';
import { observeCluster } from './cluster.ts';
import { nameHere } from './images.ts';
import type { Observed, ObservedRegion } from './observed.ts';
import type { Paths } from '../files/paths.ts';
import { type Queries, readAnswer } from './queries.ts';
import { recordedRegions } from '../files/made.ts';
import { readOwner, readRecord, readRecords } from '../files/owner.ts';
import { readIpsecKey } from '../files/ipsec-key.ts';
import { caOfValues, readCa } from '../files/shared-ca.ts';
import { creatingRegions, intentLabel } from './intent.ts';
import { clusterOwnership, type Holdings } from './owned.ts';

/** By what a lab is looked at. */
interface Means {
  readonly queries: Queries;
  readonly paths: Paths;
  readonly lab: Lab;
  readonly sources: SourceFiles;
  readonly uses: ImageUses;
}

/**
 * Asks the systems what exists: no state file has a say. Changes nothing.
 * @param owner whose lab is looked at; the folder's own unless given
 */
export async function observe(
  { queries, paths, lab, sources: files, uses }: Means,
  owner = readOwner(paths),
): Promise<Observed> {
  // what `.lab/` keeps of a lab of another id goes before anything is made of it
  const isKept = owner !== undefined && keeps(paths, owner);
  const [engine, holdings, images, sources] = await Promise.all([
    queries.read(docker.info(), parseInfo),
    observeHoldings(queries, paths, owner, lab.imagesBy === 'cache'),
    observeImages(queries, lab),
    observeSources(files, lab),
  ]);
  const regions = await Promise.all(
    lab.regions.map(async (region): Promise<[string, ObservedRegion]> => [
      region.name,
      await observeRegion(queries, isKept ? paths : undefined, lab, region, holdings),
    ]),
  );
  const releases = regions.flatMap(([, { cluster }]) => cluster?.release ?? []);
  const living = releases.map(({ values }) => caOfValues(values)).find((found) => found !== undefined);
  const ca = living ?? (isKept ? readCa(paths) : undefined);
  const ipsecKey =
    regions.map(([, { cluster }]) => cluster?.ipsecKey).find((found) => found !== undefined) ??
    (isKept && lab.switches.encryption === 'ipsec' ? readIpsecKey(paths) : undefined);
  const found = { images, sources, ca, ipsecKey, regions: new Map(regions) };
  const caches = holdings.caches.map((cache) =>
    uses.isHalf(cache.name) ? { ...cache, isHalf: true as const } : cache,
  );
  return { engine, ...holdings, caches, routes: queries.routes(), ...found };
}

/** As `observe`, of Docker alone: no API server is asked, and no image. */
export async function observeNodes(
  { queries, paths, lab }: Pick<Means, 'queries' | 'paths' | 'lab'>,
  owner = readOwner(paths),
): Promise<Observed> {
  const [engine, holdings] = await Promise.all([
    queries.read(docker.info(), parseInfo),
    observeHoldings(queries, paths, owner),
  ]);
  const isKept = owner !== undefined && keeps(paths, owner);
  const regions = lab.regions.map(({ name }): [string, ObservedRegion] => [
    name,
    { ...nodesOf(lab, name, holdings), kubeconfig: isKept && existsSync(paths.kubeconfig(name)), cluster: undefined },
  ]);
  const unasked = {
    images: new Map<string, string>(),
    caches: [],
    sources: new Map<string, string>(),
    ca: undefined,
    ipsecKey: undefined,
  };
  return { engine, ...holdings, ...unasked, routes: queries.routes(), regions: new Map(regions) };
}

const nodesOf = (lab: Lab, name: string, holdings: Holdings) => ({
  containers: holdings.containers.filter(({ cluster }) => cluster === name),
  creating: holdings.creating.includes(name),
  ownership: clusterOwnership(lab, holdings, name),
});

/**
 * What Docker holds, and what of it this folder may call its own.
 * @param owner as of `observe`
 * @param isCached caches are looked for wherever they are, and not only on networks
 */
export async function observeHoldings(
  queries: Queries,
  paths: Paths,
  owner = readOwner(paths),
  isCached = false,
): Promise<Holdings> {
  const [networks, containers, intents] = await Promise.all([
    observeNetworks(queries),
    observeContainers(queries),
    queries.ask(docker.listVolumes(intentLabel)),
  ]);
  const creating = creatingRegions(intents.split('\n'), owner);
  const made = owner === undefined || keeps(paths, owner) ? recordedRegions(paths) : [];
  const hasCaches = isCached || networks.some((network) => network.containers.some((name) => name.startsWith(CACHE)));
  const caches = hasCaches ? await cachesNow(queries) : [];
  return { owner, records: readRecords(paths), made, creating, networks, containers, caches };
}

/** Whether what `.lab/NAME` keeps is of the owner's lab: kubeconfigs, records. */
const keeps = (paths: Paths, owner: string): boolean => readRecord(paths)?.id === owner;

/** A network that goes between the two questions, anybody's, is not there: kind sees it so too. */
async function observeNetworks(queries: Queries): Promise<docker.DockerNetwork[]> {
  const ids = (await queries.ask(docker.listNetworks())).split('\n').filter((id) => id !== '');
  if (ids.length === 0) return [];
  const inspect = docker.inspectNetworks(ids);
  const outcome = await queries.attempt(inspect);
  if (outcome.exitCode !== 0 && !docker.isOnlyGone(outcome.stderr)) throw new CommandError(outcome);
  return readAnswer(inspect, outcome.stdout, docker.parseNetworks);
}

async function observeContainers(queries: Queries): Promise<KindContainer[]> {
  return queries.read(docker.listKindContainers(), parseKindContainers);
}

/** Those of the lab's images that the Docker Engine holds, by their own names or by those of a bundle. */
async function observeImages(queries: Queries, lab: Lab): Promise<ReadonlyMap<string, string>> {
  const present = engineImages(lab).map(async (image): Promise<[string, string][]> => {
    const name = await nameHere(queries, image);
    return name === undefined ? [] : [[image, name]];
  });
  return new Map((await Promise.all(present)).flat());
}

/** What was downloaded before, by its bytes. */
async function observeSources(files: SourceFiles, lab: Lab): Promise<ReadonlyMap<string, string>> {
  const found = downloadsOf(lab.sources).map(async (source): Promise<[string, string][]> => {
    const sha256 = await files.found(source);
    return sha256 === undefined ? [] : [[source.url, sha256]];
  });
  return new Map((await Promise.all(found)).flat());
}

async function observeRegion(
  queries: Queries,
  paths: Paths | undefined,
  lab: Lab,
  region: Region,
  holdings: Holdings,
): Promise<ObservedRegion> {
  const nodes = nodesOf(lab, region.name, holdings);
  const { containers, ownership } = nodes;
  const target = paths !== undefined && existsSync(paths.kubeconfig(region.name)) ? paths.target(region) : undefined;
  const cluster = ownership === 'ours' ? await observeCluster(queries, lab, region, containers, target) : undefined;
  return { ...nodes, kubeconfig: target !== undefined, cluster };
}
