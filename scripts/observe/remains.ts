import { join } from 'node:path';
import { UserError } from '../events/errors.ts';
import type { Lab } from '../../lab/lab.ts';
import type { Paths } from '../files/paths.ts';
import { intentVolume } from './intent.ts';
import { guestClusters, type Holdings, ownClusters, ownNetworks } from './owned.ts';

/** A cache on a network that goes. */
interface CacheOn {
  readonly name: string;
  readonly network: string;
}

/** What of the lab is there and goes when it is destroyed. */
export interface Remains {
  /** kind clusters that are ours: see owned.ts. */
  readonly clusters: readonly string[];
  /** The lab's networks, where everything goes; more than one where network.name was changed. */
  readonly networks: readonly string[];
  /** Caches on these networks, which are only taken off. */
  readonly caches: readonly CacheOn[];
  /** Docker volumes that say of a region that its creation was cut off. */
  readonly intents: readonly string[];
  /** Files and folders under `.lab/`. */
  readonly files: readonly string[];
}

/**
 * Goes by what is ours, never by a pattern. Pure.
 * @param names of `--region`; undefined: everything
 * @throws UserError where somebody else's containers are on a network that would go
 */
export function findRemains(lab: Lab, paths: Paths, holdings: Holdings, names: readonly string[] | undefined): Remains {
  const own = ownClusters(lab, holdings);
  const intents = holdings.creating
    .filter((name) => names === undefined || names.includes(name))
    .map((name) => intentVolume(holdings.owner ?? '', name));
  if (names !== undefined) {
    return {
      clusters: own.filter((name) => names.includes(name)),
      networks: [],
      caches: [],
      intents,
      files: names.flatMap((name) => regionFiles(paths, name)),
    };
  }
  refuseGuests(lab, holdings);
  const networks = ownNetworks(lab, holdings).map(({ name }) => name);
  const caches = networks.flatMap((network) =>
    holdings.caches.filter((cache) => cache.networks.includes(network)).map(({ name }) => ({ name, network })),
  );
  return { clusters: own, networks, caches, intents, files: [paths.state] };
}

/** Names of all regions that are this lab's: those of lab.yaml, and those that it has lost. */
export function knownRegions(lab: Lab, { made, creating }: Holdings): string[] {
  return [...new Set([...lab.regions.map(({ name }) => name), ...made, ...creating])];
}

/** Docker keeps a network on which containers run, so the rest would go and the network stay: better to say it before. */
function refuseGuests(lab: Lab, holdings: Holdings): void {
  const guests = guestClusters(lab, holdings);
  const ofKind = new Set([...holdings.containers, ...holdings.caches].map(({ name }) => name));
  const clusters = guests.map((name) => `  the kind cluster ${name}; to remove it: kind delete cluster --name ${name}`);
  const containers = ownNetworks(lab, holdings).flatMap((network) =>
    network.containers
      .filter((name) => !ofKind.has(name))
      .map((name) => `  the container ${name}; to take it off: docker network disconnect ${network.name} ${name}`),
  );
  if (clusters.length + containers.length === 0) return;
  const what = "the lab's docker network holds what this lab did not make, and cannot go before:";
  throw new UserError([what, ...clusters, ...containers].join('\n'));
}

function regionFiles(paths: Paths, name: string): string[] {
  return [
    join(paths.made, name),
    paths.kubeconfig(name),
    `${paths.kubeconfig(name)}.lock`,
    paths.secretValues(`${name}-mesh`),
  ];
}
