import type { Lab } from '../../lab/lab.ts';
import type { LabRecord } from '../files/owner.ts';
import type { DockerNetwork } from '../tools/docker.ts';
import type { Cache } from '../tools/docker-cache.ts';
import type { KindContainer } from '../tools/docker-container.ts';

/** Whose a thing on this Docker is, seen from one lab in one folder. */
export type Ownership = 'ours' | "another lab folder's" | "not a lab's";

/** As much of an observation as ownership is read from. */
export interface Holdings {
  /** Id of this folder; undefined where it has none yet: then nothing on Docker can be its own. */
  readonly owner: string | undefined;
  /** What `.lab/` tells of this lab, and of those of other names. */
  readonly records: readonly LabRecord[];
  /** Regions that its deploys have put on record. */
  readonly made: readonly string[];
  /** Regions of its owner in the middle of whose `kind create` a deploy is or was cut off: see intent.ts. */
  readonly creating: readonly string[];
  readonly networks: readonly DockerNetwork[];
  /** Containers of all kind clusters. */
  readonly containers: readonly KindContainer[];
  /** Caches of registries, which are the user's: all of them where the lab has images come through caches, else those on a network. */
  readonly caches: readonly Cache[];
}

/** A network says it itself, by its labels: the lab's name and the owner. */
export function networkOwnership(lab: Lab, { owner }: Pick<Holdings, 'owner'>, network: DockerNetwork): Ownership {
  if (network.lab === undefined) return "not a lab's";
  return network.lab === lab.name && network.owner === owner ? 'ours' : "another lab folder's";
}

/** The network of another folder's lab of this name: what `--adopt` may take over. */
export function isOthersLab(lab: Lab, holdings: Pick<Holdings, 'owner'>, network: DockerNetwork): boolean {
  return (
    network.name === lab.network.name && network.lab === lab.name && networkOwnership(lab, holdings, network) !== 'ours'
  );
}

/** The lab's networks; more than one where network.name was changed. */
export function ownNetworks(lab: Lab, holdings: Pick<Holdings, 'owner' | 'networks'>): readonly DockerNetwork[] {
  return holdings.networks.filter((network) => networkOwnership(lab, holdings, network) === 'ours');
}

/**
 * kind lets nobody put labels on its containers, so a cluster is whose its network is. Ours is one whose containers are all on
 * a network of ours, and whose name lab.yaml has or a deploy has put on record: another one there is a guest.
 * @returns undefined where there is no cluster of that name
 */
export function clusterOwnership(lab: Lab, holdings: Holdings, cluster: string): Ownership | undefined {
  const all = holdings.containers.filter((container) => container.cluster === cluster);
  if (all.length === 0) return undefined;
  const containers = all.filter((container) => !isBeingMade(holdings, container));
  const isKnown = holdings.made.includes(cluster) || lab.regions.some(({ name }) => name === cluster);
  const own = ownNetworks(lab, holdings).map(({ name }) => name);
  if (isKnown && containers.every(({ networks }) => networks.some((name) => own.includes(name)))) return 'ours';
  const others = holdings.networks.filter(
    (network) => networkOwnership(lab, holdings, network) === "another lab folder's",
  );
  return containers.some(({ networks }) => others.some(({ name }) => networks.includes(name)))
    ? "another lab folder's"
    : "not a lab's";
}

/** A container that a `kind create` of ours, on record, had just asked for when it was cut off: it is on no network yet. */
export function isBeingMade({ creating }: Pick<Holdings, 'creating'>, { cluster, networks }: KindContainer): boolean {
  return networks.length === 0 && creating.includes(cluster);
}

/** Names of the kind clusters that are ours. */
export function ownClusters(lab: Lab, holdings: Holdings): string[] {
  const there = new Set(holdings.containers.map(({ cluster }) => cluster));
  const known = lab.regions.map(({ name }) => name).filter((name) => there.has(name));
  return [...new Set([...known, ...there])].filter((name) => clusterOwnership(lab, holdings, name) === 'ours');
}

/** Names of kind clusters that are on a network of ours and are not ours. */
export function guestClusters(lab: Lab, holdings: Holdings): string[] {
  const own = ownNetworks(lab, holdings).map(({ name }) => name);
  const there = holdings.containers.filter(({ networks }) => networks.some((name) => own.includes(name)));
  const all = [...new Set(there.map(({ cluster }) => cluster))];
  return all.filter((name) => clusterOwnership(lab, holdings, name) !== 'ours');
}

/** Names of the kind clusters whose docker network is gone: `docker network prune` takes one of stopped nodes. Whose they are is lost. */
export function orphanClusters(holdings: Pick<Holdings, 'networks' | 'containers' | 'creating'>): string[] {
  const living = new Set(holdings.networks.map(({ name }) => name));
  const orphans = holdings.containers.filter(
    (container) => !isBeingMade(holdings, container) && !container.networks.some((name) => living.has(name)),
  );
  return [...new Set(orphans.map(({ cluster }) => cluster))];
}

/** Where the lab is that `.lab/` tells of, if it is not where lab.yaml and Docker point to. */
export type OutOfSight =
  /** Clusters of it are here whose docker network is gone. */
  | { readonly where: 'orphaned'; readonly clusters: readonly string[] }
  /** On a docker network of another name, and this folder is not known to it, or not any more. */
  | { readonly where: 'another network'; readonly network: string }
  /** Nowhere on this Docker Engine, which is not one where it is known to be gone. */
  | { readonly where: 'elsewhere' };

/**
 * Looks for the lab that `.lab/` tells of: nothing of it is written over or removed before it is known to be gone.
 * @param engine ID of the engine that Docker points to
 * @returns undefined where nothing is out of sight
 */
export function outOfSight(lab: Lab, holdings: Holdings, engine: string | undefined): OutOfSight | undefined {
  const { records, made, creating } = holdings;
  const record = records.find((each) => each.lab === lab.name);
  if (record === undefined && made.length === 0) return undefined;
  const named = holdings.networks.filter((network) => network.lab === lab.name);
  // without a record any of them may be it
  const living = named.filter(({ owner }) => record === undefined || owner === record.id);
  const isHere = record?.here === true && (living.length > 0 || creating.length > 0);
  const isOnAnother = record?.engine !== undefined && record.engine !== engine;
  if (isOnAnother && living.length === 0 && !isHere) return { where: 'elsewhere' };
  const clusters = orphanClusters(holdings).filter((name) => made.includes(name));
  if (clusters.length > 0) return { where: 'orphaned', clusters: clusters.toSorted() };
  const [network] = living;
  // the network of lab.yaml says by itself whose it is
  if (isHere || living.some(({ name }) => name === lab.network.name)) return undefined;
  if (network !== undefined) return { where: 'another network', network: network.name };
  // it is gone from there, or no cluster was ever begun
  const isGone = record?.engine === undefined ? made.length === 0 : record.engine === engine;
  return isGone ? undefined : { where: 'elsewhere' };
}
