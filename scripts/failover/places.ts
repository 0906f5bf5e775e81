import type { Region } from '../../lab/lab.ts';
import { placesOf } from '../observe/places.ts';
import type { Work } from '../steps/step.ts';
import { getReleases, parseReleases } from '../tools/helm.ts';
import { getAll, getEverywhere, type KubeObject, parseObjects } from '../tools/kubectl.ts';
import { type Place, SCENARIO } from './faults.ts';

/** A region of the scenario, and where it is asked. */
export interface AskedPlace extends Place {
  /** Cluster address of the Service that all regions answer. */
  readonly service: string;
  /** Its LoadBalancer address; undefined where it has none. */
  readonly published: string | undefined;
  /** Names of the regions that it is connected to. */
  readonly links: readonly string[];
}

/** The regions as faults and clients see them, now. */
export async function placesIn({ lab, queries, paths, sources }: Work): Promise<AskedPlace[]> {
  const { network, scenarios, stack } = lab;
  return Promise.all(
    lab.regions.map(async (region) => {
      const target = paths.target(region);
      const [containers, [release], services, pods] = await Promise.all([
        placesOf(queries, region.nodes),
        queries.read(getReleases(target), parseReleases),
        queries.read(getEverywhere(target, 'services'), parseObjects),
        queries.read(getAll(target, SCENARIO, 'pods'), parseObjects),
      ]);
      const own = services.find(({ metadata }) => metadata.namespace === SCENARIO && metadata.name === 'server');
      const nodes = containers.flatMap(({ addresses }) => addresses.get(network.name)?.address ?? []);
      return {
        name: region.name,
        target,
        nodes: region.nodes,
        addresses: [...nodes, ...services.flatMap((service) => balancerOf(service) ?? [])],
        replicas: scenarios[SCENARIO]?.replicas ?? 1,
        serverNode: serverNode(region, pods),
        release: {
          revision: release?.revision ?? 0,
          chart: sources.place(lab.sources.ciliumChart),
          version: stack.versions.cilium,
        },
        links: region.links,
        service: (own?.spec as { clusterIP?: string } | undefined)?.clusterIP ?? '',
        published: own && balancerOf(own),
      };
    }),
  );
}

function balancerOf({ status }: KubeObject): string | undefined {
  return (status as { loadBalancer?: { ingress?: { ip?: string }[] } } | undefined)?.loadBalancer?.ingress?.[0]?.ip;
}

/** A node with servers, and best without the client, which would be frozen with it; a worker rather than a control plane. */
export function serverNode({ nodes }: Region, pods: readonly KubeObject[]): string {
  const nodesOf = (app: string): string[] =>
    pods.flatMap(({ metadata, spec }) =>
      metadata.labels?.app === app ? [(spec as { nodeName?: string } | undefined)?.nodeName ?? ''] : [],
    );
  const [servers, clients] = [nodesOf('server'), nodesOf('client')];
  const byWorth = (node: string): number =>
    (servers.includes(node) ? 4 : 0) + (clients.includes(node) ? 0 : 2) + (node.includes('-worker') ? 1 : 0);
  return nodes.toSorted((one, other) => byWorth(other) - byWorth(one))[0] ?? '';
}
