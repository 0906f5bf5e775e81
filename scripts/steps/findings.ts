import { holds, Ipv4 } from '../../lab/cidr.ts';
import type { Lab, Region } from '../../lab/lab.ts';
import type { Desired, DesiredRegions } from '../files/desired.ts';
import { type Observed, type ObservedCluster, wholeCluster } from '../observe/observed.ts';
import { strayLinks } from '../observe/mesh.ts';
import { brokenLinks } from './links.ts';
import { otherVersions } from './metallb.ts';
import { poolDifferences } from './pool-objects.ts';
import { scenarioState } from './scenario-state.ts';

/** What is asked of the regions of a run. */
interface Wanted {
  readonly lab: Lab;
  readonly regions: readonly Region[];
  readonly desired: DesiredRegions;
}

/**
 * What is not as a finished deploy leaves it, one sentence each; empty when all is well. Looks at what the claim "done" rests
 * on: nodes, workloads, versions, addresses, pools, links. Pure.
 */
export function findings({ lab, regions, desired }: Wanted, observed: Observed): string[] {
  return regions.flatMap((region) => {
    const cluster = wholeCluster(region, observed.regions.get(region.name));
    const wanted = desired.get(region.name);
    if (cluster === undefined || wanted === undefined)
      return [`${region.name}: not up: its API server, or a node of it`];
    const unreached = regions.length < 2 ? [] : brokenLinks(lab, region, regions, observed);
    return [
      ...notUp(region, cluster),
      ...(lab.loadBalancer === 'metallb' ? metallbFindings(lab, cluster) : []),
      ...addressFindings(region, cluster),
      ...poolDifferences(cluster, wanted).map(({ name, where }) => `${name} is not as in dist/: ${where}`),
      ...scenarioFindings(cluster, wanted),
      ...unreached.map((name) => `does not reach ${name} with all of its agents`),
      ...strayLinks(cluster.mesh, region).map(
        (name) => `is connected to ${name}, which lab.yaml does not connect it to`,
      ),
    ].map((finding) => `${region.name}: ${finding}`);
  });
}

function metallbFindings(lab: Lab, { metallb }: ObservedCluster): string[] {
  return [
    ...(metallb.notReady ?? ['MetalLB']).map((name) => `not up: ${name}`),
    ...otherVersions(lab, metallb).map(
      ([name, version]) => `MetalLB's ${name} is ${version}, not ${lab.stack.versions.metallb}`,
    ),
  ];
}

function notUp({ nodes }: Region, { readyNodes, ciliumNotReady, release }: ObservedCluster): string[] {
  const notReady = nodes.filter((name) => !readyNodes.includes(name)).map((name) => `node/${name}`);
  const things = [...notReady, ...ciliumNotReady];
  const state = release?.status ?? 'not installed';
  return [
    ...(state === 'deployed' ? [] : [`not up: the Cilium release is ${state}`]),
    ...things.map((name) => `not up: ${name}`),
  ];
}

function scenarioFindings({ scenarios: seen }: ObservedCluster, { scenarios }: Desired): string[] {
  return [...scenarios].flatMap(([name, objects]) => {
    const { state, detail } = scenarioState(objects, seen.get(name));
    return state === 'up'
      ? []
      : [`the scenario ${name} ${detail === undefined ? `is ${state}` : `${state}: ${detail}`}`];
  });
}

/** Addresses of the lab's own Services: those of the user may come from another pool. */
function addressFindings({ pool }: Region, { addresses }: ObservedCluster): string[] {
  return addresses
    .filter(({ service }) => service.startsWith('kube-system/'))
    .flatMap(({ service, address: text }) => {
      if (text === undefined) return [`${service} has no address`];
      const address = Ipv4.tryParse(text);
      const isIn = address !== undefined && holds(pool, address);
      return isIn ? [] : [`${service} has the address ${text}, outside the pool ${pool}`];
    });
}
