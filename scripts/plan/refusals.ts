import type { Lab, Region, Values } from '../../lab/lab.ts';
import { chosen } from '../../lab/scenarios.ts';
import { valueAt } from '../../lab/values.ts';
import type { KindContainer } from '../tools/docker-container.ts';
import type { Observed, ObservedCluster } from '../observe/observed.ts';
import { balancerOf, livingPools } from '../observe/pools.ts';
import { poolRefusals } from './pool-refusals.ts';
import { lackingImages } from '../steps/preload.ts';
import { scenarioRefusals } from './scenario-refusals.ts';
import { type CommandLine, plainCommand } from '../files/paths.ts';
import {
  type Holdings,
  isBeingMade,
  isOthersLab,
  networkOwnership,
  ownNetworks,
  orphanClusters,
} from '../observe/owned.ts';
import type { Refusal } from './refusal.ts';
import { switchRefusals } from './switch-refusals.ts';
import { versionRefusals } from './version-refusals.ts';

/**
 * What cannot be made in place, or is not the lab's to change. Pure; all at once, before anything is touched.
 * @param line how a command is typed for this lab
 */
export function findRefusals(
  lab: Lab,
  regions: readonly Region[],
  observed: Observed,
  line: CommandLine = plainCommand,
): Refusal[] {
  const network = networkRefusals(lab, regions, observed, line);
  const refused = regions.map((region) => regionRefusals(lab, region, observed, line));
  // pools follow the network, and the lines to keep of a region that is refused have its pool too
  const settled = regions.filter((_, index) => network.length === 0 && refused[index]?.length === 0);
  return [
    ...engineRefusals(regions, observed),
    ...network,
    ...refused.flat(),
    ...versionRefusals(lab, regions, observed),
    ...switchRefusals(lab, regions, observed, line),
    ...poolRefusals(lab, settled, observed, line),
    ...scenarioRefusals(chosen(lab.scenarios), regions, observed),
  ];
}

/** kind#3795: `docker save --platform` came with Docker 28, and an archive of all platforms cannot be loaded. */
export function engineRefusals(regions: readonly Region[], observed: Observed): Refusal[] {
  const { containerdImageStore, serverVersion } = observed.engine;
  const isOld = Number.parseInt(serverVersion, 10) < 28;
  if (!containerdImageStore || !isOld || lackingImages(regions, observed).length === 0) return [];
  return [
    {
      cause: `Docker ${serverVersion} with the containerd image store cannot pack an image so that kind can load it (kind#3795)`,
      remedy:
        'update Docker to 28 or later, or turn its containerd image store off; or let every node pull the image by itself: sources.images: { by: nodes } in lab.yaml',
    },
  ];
}

function networkRefusals(lab: Lab, regions: readonly Region[], observed: Observed, line: CommandLine): Refusal[] {
  const { network } = lab;
  const living = observed.networks.find((candidate) => candidate.name === network.name);
  if (living === undefined) return goneNetwork(lab, regions, observed);
  const adoptable = othersLab(lab, observed, line('deploy', '--adopt'));
  if (adoptable !== undefined) return [adoptable];
  if (networkOwnership(lab, observed, living) !== 'ours') {
    const rename = 'give network.name in lab.yaml another name';
    return [
      living.lab === undefined
        ? {
            cause: `the docker network ${network.name} was not made by this lab`,
            remedy: `${rename}, or remove it: docker network rm ${network.name}`,
          }
        : { cause: `the docker network ${network.name} belongs to the lab ${living.lab}`, remedy: rename },
    ];
  }
  const [subnet] = living.subnets;
  if (subnet === String(network.subnet) && living.ipRange === String(network.nodeRange)) return [];
  return [
    {
      cause: `the docker network ${network.name} is ${subnet ?? 'without subnet'} (nodes ${living.ipRange ?? 'anywhere'}), lab.yaml says ${network.subnet} (nodes ${network.nodeRange})`,
      remedy: `a network cannot be changed in place: ${line('destroy')}, then deploy again; or put network.subnet back`,
    },
  ];
}

/** Clusters that still name the network would count as on it once it is made again, whosever they are. */
function goneNetwork({ network }: Lab, regions: readonly Region[], observed: Observed): Refusal[] {
  const on = observed.containers.filter(({ networks }) => networks.includes(network.name));
  // those of the regions are refused by themselves
  const clusters = [...new Set(on.map(({ cluster }) => cluster))]
    .filter((name) => !regions.some((region) => region.name === name))
    .toSorted();
  if (clusters.length === 0) return [];
  return [
    {
      cause: `the docker network ${network.name} is gone, and ${clusters.join(', ')} were on it: nobody can say whose they are`,
      remedy: `if they are of this lab: kind delete clusters ${clusters.join(' ')}; else give network.name in lab.yaml another name`,
    },
  ];
}

/**
 * The lab of this name that somebody else has on this Docker, or that this folder has forgotten.
 * @param adopt the command that takes it over
 */
export function othersLab(
  lab: Lab,
  holdings: Pick<Holdings, 'owner' | 'networks'>,
  adopt: string,
): Refusal | undefined {
  if (!holdings.networks.some((network) => isOthersLab(lab, holdings, network))) return undefined;
  return {
    cause: `the docker network ${lab.network.name} was made by a lab ${lab.name} of another folder or user`,
    remedy: `give name or network.name in lab.yaml another value; if that lab is yours (the folder was moved or copied, or lost its .lab/), take it over: ${adopt}`,
  };
}

function regionRefusals(lab: Lab, region: Region, observed: Observed, line: CommandLine): Refusal[] {
  const seen = observed.regions.get(region.name);
  if (seen === undefined) return [];
  const { containers, cluster, creating, ownership } = seen;
  const destroy = `${line('destroy', '--region', region.name)}, then deploy again`;
  if (orphanClusters(observed).includes(region.name)) {
    const cause = `a kind cluster ${region.name} exists whose docker network is gone, so that nobody can say whose it is`;
    const remove = `if it is of this lab: kind delete cluster --name ${region.name}`;
    return [{ cause, remedy: `${remove}; else give the region another name in lab.yaml` }];
  }
  const own = ownNetworks(lab, observed).map(({ name }) => name);
  const elsewhere = containers.find(
    (container) => !isBeingMade(observed, container) && !container.networks.includes(lab.network.name),
  );
  if (elsewhere !== undefined) {
    const former = elsewhere.networks.find((name) => own.includes(name));
    if (former !== undefined) {
      const cause = `${region.name} lives on the docker network ${former}, lab.yaml says ${lab.network.name}`;
      return [{ cause, remedy: `this cannot be changed in place: ${destroy}; or put network.name back` }];
    }
    const rename = 'give the region another name in lab.yaml';
    const sibling = siblingOf(observed, elsewhere);
    if (sibling !== undefined) {
      const cause = `the kind cluster ${region.name} is of the lab ${sibling}, of which .lab/ tells too`;
      const remedy = `put name: ${sibling} back into lab.yaml, and destroy that lab if this one shall have its regions; or ${rename}`;
      return [{ cause, remedy }];
    }
    return [
      {
        cause: `a kind cluster ${region.name} exists on the docker network ${elsewhere.networks.join(', ')}, and this lab did not make it`,
        // another lab's is not to be removed by hand
        remedy:
          ownership === "another lab folder's"
            ? rename
            : `${rename}, or remove the cluster: kind delete cluster --name ${region.name}`,
      },
    ];
  }
  // on the lab's network, which is somebody else's: that was said of the network
  if (ownership !== 'ours') return [];
  // its creation was cut off, and that is on record: the step `cluster` makes it anew
  if (creating) return [];
  const asleep = asleepRefusal(region.name, containers, line);
  if (asleep !== undefined) return [asleep];
  if (cluster === undefined) {
    return [
      {
        cause: `the API server of ${region.name} does not answer`,
        remedy: `docker logs ${region.apiServerHost}; if it does not come back: ${destroy}`,
      },
    ];
  }
  const nodes = containers.filter(({ isNode }) => isNode).map(({ name }) => name);
  const lost = nodes.filter((name) => !cluster.nodes.includes(name));
  // a node that is missing was taken away, since no creation was cut off; and nothing living is made anew
  if (lost.length > 0) {
    return [
      {
        cause: `${region.name} has lost ${lost.join(', ')}, whose container runs`,
        remedy: `docker restart ${lost.join(' ')}; if it does not come back: ${destroy}`,
      },
    ];
  }
  const keep = `keep what lives: give ${region.name} in lab.yaml${livingAddresses(region, cluster).join('')}`;
  return fixedForLife(lab, region, cluster, nodes).map(([what, living, wanted]) => ({
    cause: `${region.name} lives with ${what} ${living}, lab.yaml says ${wanted}`,
    remedy: `this cannot be changed in place: ${destroy}; or ${addresses.includes(what) ? keep : 'put it back'}`,
  }));
}

/** The lab of another name that `.lab/` tells of, on whose network the container is. */
function siblingOf({ records, networks }: Observed, container: KindContainer): string | undefined {
  const owners = networks.filter(({ name }) => container.networks.includes(name)).map(({ owner }) => owner);
  return records.find(({ id }) => owners.includes(id))?.lab;
}

/** Those of the properties that lab.yaml leaves to the address plan. */
const addresses = ['podSubnet', 'serviceSubnet', 'cluster id'];

/** What a cluster has and the address plan would change: lines as they stand in lab.yaml, each with its line end before it. */
function livingAddresses(region: Region, cluster: ObservedCluster): string[] {
  const { release, podSubnet, serviceSubnet } = cluster;
  const id = valueAt(release?.values, ['cluster', 'id']) as number | undefined;
  const [pool, ...more] = livingPools(cluster);
  const living = { id, podSubnet, serviceSubnet, pool: more.length === 0 ? pool : undefined };
  return (['id', 'podSubnet', 'serviceSubnet', 'pool'] as const)
    .filter((key) => living[key] !== undefined && String(living[key]) !== String(region[key]))
    .map((key) => `\n    ${key}: ${String(living[key])}`);
}

/**
 * What a cluster keeps for its life, where it differs: name of the property, as it is, as it should be.
 * @param nodes names of all its nodes
 */
function fixedForLife(
  lab: Lab,
  region: Region,
  cluster: ObservedCluster,
  nodes: readonly string[],
): [string, string, string][] {
  const { values } = cluster.release ?? {};
  const maxConnectedClusters = valueAt(values, ['clustermesh', 'maxConnectedClusters']) ?? 255;
  const facts: [string, unknown, unknown][] = [
    ['podSubnet', cluster.podSubnet, String(region.podSubnet)],
    ['serviceSubnet', cluster.serviceSubnet, String(region.serviceSubnet)],
    ['cluster id', valueAt(values, ['cluster', 'id']), region.id],
    ['cluster name', valueAt(values, ['cluster', 'name']), region.name],
    ['maxConnectedClusters', values && maxConnectedClusters, lab.maxConnectedClusters],
    ['cilium.routing', values && routingOf(values), lab.switches.routing],
    // both at once would give each Service two addresses
    ['loadBalancer.by', balancerOf(cluster), lab.loadBalancer],
    ['nodes', nodes.length, region.nodes.length],
    // as many, and others: one control plane more and one worker less
    [
      'nodes',
      nodes.length === region.nodes.length ? nodes.toSorted().join(', ') : undefined,
      region.nodes.toSorted().join(', '),
    ],
  ];
  return facts
    .filter(([, living, wanted]) => living !== undefined && living !== wanted)
    .map(([what, living, wanted]) => [what, String(living), String(wanted)]);
}

/** Also as charts before 1.15 knew it, by `tunnel`. */
function routingOf(values: Values): 'tunnel' | 'native' {
  return valueAt(values, ['routingMode']) === 'native' || valueAt(values, ['tunnel']) === 'disabled'
    ? 'native'
    : 'tunnel';
}

/** Of a region that does not run, or not all of it. */
export function asleepRefusal(
  region: string,
  containers: readonly KindContainer[],
  line: CommandLine,
): Refusal | undefined {
  const paused = containers.filter(({ state }) => state === 'paused').map(({ name }) => name);
  const stopped = containers.filter(({ state }) => state === 'stopped' || state === 'created').map(({ name }) => name);
  if (paused.length + stopped.length === 0) return undefined;
  const what = [...stateOf(stopped, 'stopped'), ...stateOf(paused, 'paused')].join(', ');
  return { cause: `${region} is not running: ${what}`, remedy: line('resume') };
}

const stateOf = (names: readonly string[], state: string): string[] =>
  names.length === 0 ? [] : [`${names.join(', ')} ${state}`];
