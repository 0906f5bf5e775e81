import type { Cluster, World } from '../stand-ins/lab-bench.ts';

/** What a deploy makes, without what differs from one deploy to the next: identifiers, addresses of nodes, revisions, keys. */
export function endState({ networks, containers, clusters }: World): unknown {
  return {
    // the owner is drawn anew for each lab
    networks: mapValues(networks, ({ labels, config }) => ({
      labels: mapValues(labels, (value, key) => (key === 'clustermesh-lab.owner' ? 'UUID' : value)),
      config,
    })),
    containers: mapValues(containers, ({ network, image, images, labels }) => ({
      network,
      image,
      images: images.toSorted(),
      labels,
    })),
    clusters: mapValues(clusters, clusterState),
  };
}

function clusterState(cluster: Cluster): unknown {
  const { nodes, tainted, storageClass, namespaces, objects, addresses, connected, releases } = cluster;
  const last = releases.at(-1);
  return {
    nodes: nodes.map(({ name, role }) => `${role} ${name}`).toSorted(),
    tainted,
    storageClass,
    namespaces: Object.keys(namespaces).toSorted(),
    objects: mapValues(objects, ({ spec }) => spec),
    addresses: mapValues(addresses, (address) => address),
    connected: connected.toSorted(),
    release: { status: last?.status, version: last?.version, config: withoutKeys(last?.config) },
  };
}

function withoutKeys(config: Record<string, unknown> | undefined): unknown {
  return { ...config, tls: config?.tls === undefined ? 'none' : 'the shared CA' };
}

function mapValues<T>(
  record: Readonly<Record<string, T>>,
  change: (value: T, key: string) => unknown,
): Record<string, unknown> {
  const keys = Object.keys(record).toSorted();
  return Object.fromEntries(keys.map((key) => [key, change(record[key] as T, key)]));
}

/** The values of a region's release that are in force. */
export function releaseValues(world: World, region: string): Record<string, unknown> {
  return world.clusters[region]?.releases.at(-1)?.config ?? {};
}

/** The mesh's part of them. */
export function meshOf(
  world: World,
  region: string,
): { useAPIServer?: boolean; config?: { clusters?: { name: string }[] } } {
  return releaseValues(world, region).clustermesh ?? {};
}

/** By region: the regions that its agents are connected to. */
export function links(world: World): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(world.clusters).map(([name, { connected }]) => [name, connected.toSorted()]),
  );
}

/** Someone restarts the agents of a region: they need so many looks to be up again. */
export function restartAgents(world: World, region: string, looks: number): World {
  const cluster = world.clusters[region] as Cluster & { looks: Record<string, number> };
  return {
    ...world,
    clusters: { ...world.clusters, [region]: { ...cluster, looks: { ...cluster.looks, agents: looks } } },
  };
}

/** The pods of a workload in kube-system do not come up: `Deployment/hubble-relay`. */
export function trouble(
  world: World,
  region: string,
  workload: string,
  status: Record<string, unknown>,
  event?: string,
): World {
  const cluster = world.clusters[region];
  if (cluster === undefined) return world;
  const troubles = [{ workload, status, ...(event !== undefined && { event }) }];
  return { ...world, clusters: { ...world.clusters, [region]: { ...cluster, troubles } } };
}

/** Someone upgrades the release of a region without the values of the mesh. */
export function forgetMesh(world: World, region: string): World {
  const cluster = world.clusters[region] as Cluster & { live: Record<string, unknown> };
  const { clustermesh: _live, ...live } = cluster.live;
  const releases = cluster.releases.map((release, index) => {
    const { clustermesh: _mesh, ...config } = release.config;
    return index === cluster.releases.length - 1 ? { ...release, config } : release;
  });
  return { ...world, clusters: { ...world.clusters, [region]: { ...cluster, live, releases } } };
}

/** Someone deletes the pool of a region. */
export function forgetPool(world: World, region: string): World {
  const cluster = world.clusters[region];
  if (cluster === undefined) return world;
  const objects = Object.fromEntries(
    Object.entries(cluster.objects).filter(([key]) => !key.startsWith('IPAddressPool/')),
  );
  return { ...world, clusters: { ...world.clusters, [region]: { ...cluster, objects } } };
}
