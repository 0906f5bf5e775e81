import type { Lab, Region } from '../../lab/lab.ts';
import type { Observed, ObservedCluster } from '../observe/observed.ts';
import { poolRefusals } from './pool-refusals.ts';
import { type CommandLine, plainCommand } from '../files/paths.ts';
import type { Refusal } from './refusal.ts';
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
  return [
    ...networkRefusals(lab, observed, line),
    ...regions.flatMap((region) => regionRefusals(lab, region, observed, line)),
    ...versionRefusals(lab, regions, observed),
    ...poolRefusals(lab, regions, observed, line),
  ];
}

function networkRefusals({ name, network }: Lab, { networks }: Observed, line: CommandLine): Refusal[] {
  const living = networks.find((candidate) => candidate.name === network.name);
  if (living === undefined) return [];
  if (living.lab !== name) {
    const owner = living.lab === undefined ? 'was not made by this lab' : `belongs to the lab ${living.lab}`;
    return [
      {
        cause: `the docker network ${network.name} ${owner}`,
        remedy: `give network.name in lab.yaml another name, or remove it: docker network rm ${network.name}`,
      },
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

function regionRefusals(lab: Lab, region: Region, observed: Observed, line: CommandLine): Refusal[] {
  const seen = observed.regions.get(region.name);
  if (seen === undefined || seen.containers.length === 0) return [];
  const { containers, cluster, kubeconfig } = seen;
  const destroy = `${line('destroy', '--region', region.name)}, then deploy again`;
  const elsewhere = containers.find(({ networks }) => !networks.includes(lab.network.name));
  if (elsewhere !== undefined) {
    const former = observed.networks.find(
      ({ name, lab: owner }) => owner === lab.name && elsewhere.networks.includes(name),
    );
    if (former !== undefined) {
      const cause = `${region.name} lives on the docker network ${former.name}, lab.yaml says ${lab.network.name}`;
      return [{ cause, remedy: `this cannot be changed in place: ${destroy}; or put network.name back` }];
    }
    return [
      {
        cause: `a kind cluster ${region.name} exists on the docker network ${elsewhere.networks.join(', ')}, and this lab did not make it`,
        remedy: `give the region another name in lab.yaml, or remove the cluster: kind delete cluster --name ${region.name}`,
      },
    ];
  }
  const stopped = containers.filter(({ state }) => state === 'stopped').map(({ name }) => name);
  if (stopped.length > 0) {
    return [
      {
        cause: `${region.name} is not running: ${stopped.join(', ')} stopped`,
        remedy: `docker start ${stopped.join(' ')}; if it does not come back: ${destroy}`,
      },
    ];
  }
  if (cluster === undefined) {
    // no kubeconfig was ever written: a `kind create` that was cut off, which the step `cluster` makes anew
    if (!kubeconfig) return [];
    return [
      {
        cause: `the API server of ${region.name} does not answer`,
        remedy: `docker logs ${region.name}-control-plane; if it does not come back: ${destroy}`,
      },
    ];
  }
  const nodes = containers.filter(({ isNode }) => isNode).map(({ name }) => name);
  const lost = nodes.filter((name) => !cluster.nodes.includes(name));
  // a kubeconfig says that its creation came to an end: a node that is missing since was taken away, and nothing is made anew
  if (kubeconfig && lost.length > 0) {
    return [
      {
        cause: `${region.name} has lost ${lost.join(', ')}, whose container runs`,
        remedy: `docker restart ${lost.join(' ')}; if it does not come back: ${destroy}`,
      },
    ];
  }
  const keep = `keep what lives: give ${region.name} in lab.yaml${livingAddresses(region, cluster).join('')}`;
  return fixedForLife(lab, region, cluster, lost.length === 0 ? nodes : undefined).map(([what, living, wanted]) => ({
    cause: `${region.name} lives with ${what} ${living}, lab.yaml says ${wanted}`,
    remedy: `this cannot be changed in place: ${destroy}; or ${addresses.includes(what) ? keep : 'put it back'}`,
  }));
}

/** Those of the properties that lab.yaml leaves to the address plan. */
const addresses = ['podSubnet', 'serviceSubnet', 'cluster id'];

/** What a cluster has and the address plan would change: lines as they stand in lab.yaml, each with its line end before it. */
function livingAddresses(
  region: Region,
  { release, podSubnet, serviceSubnet, poolObjects }: ObservedCluster,
): string[] {
  const { id } = (release?.values.cluster ?? {}) as { id?: number };
  const { addresses: ranges } = (poolObjects.get('IPAddressPool/default-pool') ?? {}) as { addresses?: string[] };
  const pool = ranges?.length === 1 ? ranges[0] : undefined;
  const living = { id, podSubnet, serviceSubnet, pool };
  return (['id', 'podSubnet', 'serviceSubnet', 'pool'] as const)
    .filter((key) => living[key] !== undefined && String(living[key]) !== String(region[key]))
    .map((key) => `\n    ${key}: ${living[key]}`);
}

/**
 * What a cluster keeps for its life, where it differs: name of the property, as it is, as it should be.
 * @param nodes names of all its nodes; undefined where its creation was cut off and is made anew
 */
function fixedForLife(
  lab: Lab,
  region: Region,
  cluster: ObservedCluster,
  nodes: readonly string[] | undefined,
): [string, string, string][] {
  const { values } = cluster.release ?? {};
  const identity = (values?.cluster ?? {}) as { name?: unknown; id?: unknown };
  const { maxConnectedClusters } = (values?.clustermesh ?? {}) as { maxConnectedClusters?: number };
  const facts: [string, unknown, unknown][] = [
    ['podSubnet', cluster.podSubnet, String(region.podSubnet)],
    ['serviceSubnet', cluster.serviceSubnet, String(region.serviceSubnet)],
    ['cluster id', identity.id, region.id],
    ['cluster name', identity.name, region.name],
    ['maxConnectedClusters', values && (maxConnectedClusters ?? 255), lab.maxConnectedClusters],
    ['nodes', nodes?.length, region.nodes.length],
    // as many, and others: one control plane more and one worker less
    [
      'nodes',
      nodes?.length === region.nodes.length ? nodes.toSorted().join(', ') : undefined,
      region.nodes.toSorted().join(', '),
    ],
  ];
  return facts
    .filter(([, living, wanted]) => living !== undefined && living !== wanted)
    .map(([what, living, wanted]) => [what, String(living), String(wanted)]);
}
