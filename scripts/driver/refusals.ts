import type { Lab, Region } from '../../lab/lab.ts';
import type { Observed, ObservedCluster } from './observed.ts';

/** Something that exists stands against the lab, and only a person can say which of the two shall go. */
export interface Refusal {
  /** What is so, with both values. */
  readonly cause: string;
  readonly remedy: string;
}

/** What cannot be made in place, or is not the lab's to change. Pure; all at once, before anything is touched. */
export function findRefusals(lab: Lab, regions: readonly Region[], observed: Observed): Refusal[] {
  return [...networkRefusals(lab, observed), ...regions.flatMap((region) => regionRefusals(lab, region, observed))];
}

function networkRefusals({ name, network }: Lab, { networks }: Observed): Refusal[] {
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
      remedy: 'a network cannot be changed in place: npm run destroy, then deploy again; or put network.subnet back',
    },
  ];
}

function regionRefusals(lab: Lab, region: Region, observed: Observed): Refusal[] {
  const seen = observed.regions.get(region.name);
  if (seen === undefined || seen.containers.length === 0) return [];
  const { containers, cluster, kubeconfig } = seen;
  const foreign = containers.find(({ networks }) => !networks.includes(lab.network.name));
  if (foreign !== undefined) {
    return [
      {
        cause: `a kind cluster ${region.name} exists on the docker network ${foreign.networks.join(', ')}, and this lab did not make it`,
        remedy: `give the region another name in lab.yaml, or remove the cluster: kind delete cluster --name ${region.name}`,
      },
    ];
  }
  const stopped = containers.filter(({ state }) => state === 'stopped').map(({ name }) => name);
  if (stopped.length > 0) {
    return [
      {
        cause: `${region.name} is not running: ${stopped.join(', ')} stopped`,
        remedy: `docker start ${stopped.join(' ')}; if it does not come back: npm run destroy -- --region ${region.name}, then deploy again`,
      },
    ];
  }
  if (cluster === undefined) {
    // no kubeconfig was ever written: a `kind create` that was cut off, which the step `cluster` makes anew
    if (!kubeconfig) return [];
    return [
      {
        cause: `the API server of ${region.name} does not answer`,
        remedy: `docker logs ${region.name}-control-plane; if it does not come back: npm run destroy -- --region ${region.name}, then deploy again`,
      },
    ];
  }
  return fixedForLife(region, cluster, containers.filter(({ isNode }) => isNode).length).map(
    ([what, living, wanted]) => ({
      cause: `${region.name} lives with ${what} ${living}, lab.yaml says ${wanted}`,
      remedy: `this cannot be changed in place: npm run destroy -- --region ${region.name}, then deploy again; or put it back`,
    }),
  );
}

/** What a cluster keeps for its life, where it differs: name of the property, as it is, as it should be. */
function fixedForLife(region: Region, cluster: ObservedCluster, containers: number): [string, string, string][] {
  const identity = (cluster.release?.values.cluster ?? {}) as { name?: unknown; id?: unknown };
  const whole = cluster.nodes.length === containers;
  const facts: [string, unknown, unknown][] = [
    ['podSubnet', cluster.podSubnet, String(region.podSubnet)],
    ['serviceSubnet', cluster.serviceSubnet, String(region.serviceSubnet)],
    ['cluster id', identity.id, region.id],
    ['cluster name', identity.name, region.name],
    // fewer nodes than containers: its creation was cut off, and the step `cluster` makes it anew
    ['nodes', whole ? cluster.nodes.length : undefined, region.nodes.length],
  ];
  return facts
    .filter(([, living, wanted]) => living !== undefined && living !== wanted)
    .map(([what, living, wanted]) => [what, String(living), String(wanted)]);
}
