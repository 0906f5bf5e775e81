import { hostsToml } from '../../lab/registries.ts';
import { nothingThere as bare } from '../../scripts/bench/nothing-there.ts';
import { join } from 'node:path';
import { engineImages } from '../../lab/engine-images.ts';
import type { Lab, Region, Values } from '../../lab/lab.ts';
import { downloadsOf } from '../../lab/published.ts';
import { mergeValues } from '../../lab/values.ts';
import type { DesiredRegions } from '../../scripts/files/desired.ts';
import type { Observed, ObservedCluster, ObservedMetalLb, ObservedRegion } from '../../scripts/observe/observed.ts';
import { Paths } from '../../scripts/files/paths.ts';
import { ImageUses } from '../../scripts/supply/image-uses.ts';
import { SourceFiles } from '../../scripts/supply/sources.ts';
import { LearnedSums } from '../../scripts/supply/sums.ts';
import { Supply } from '../../scripts/supply/supply.ts';
import { NodeAddresses } from '../../scripts/steps/node-addresses.ts';
import { Queries } from '../../scripts/observe/queries.ts';
import { caValues, type SharedCa } from '../../scripts/files/shared-ca.ts';
import type { Work } from '../../scripts/steps/step.ts';
import type { DockerNetwork } from '../../scripts/tools/docker.ts';
import type { KindContainer } from '../../scripts/tools/docker-container.ts';
import { Runner } from '../../scripts/tools/runner.ts';
import { articleLab } from '../constructs/article-lab.ts';

export { articleLab, athens, fullMesh, hurup } from '../constructs/article-lab.ts';

/** The CA that living regions share. */
export const ca: SharedCa = { certificate: 'the certificate\n', key: 'the key\n' };

/** What dist/ asks of each region, in small. */
export function desiredOf(lab: Lab): DesiredRegions {
  return new Map(
    lab.regions.map((region) => [
      region.name,
      {
        values: { cluster: { name: region.name, id: region.id }, kubeProxyReplacement: 'strict' },
        hosts: new Map(lab.registries.map((registry) => [registry.host, hostsToml(registry, true)])),
        texts: new Map(),
        poolObjects: poolObjectsOf(lab, region),
        scenarios: new Map(),
      },
    ]),
  );
}

function poolObjectsOf({ loadBalancer }: Lab, { pool }: Region): ReadonlyMap<string, unknown> {
  const { first, last } = pool;
  return new Map<string, unknown>(
    loadBalancer === 'metallb'
      ? [
          ['IPAddressPool/default-pool', { addresses: [String(pool)] }],
          ['L2Advertisement/default', { ipAddressPools: ['default-pool'] }],
        ]
      : [
          ['CiliumLoadBalancerIPPool/default-pool', { blocks: [{ start: String(first), stop: String(last) }] }],
          ['CiliumL2AnnouncementPolicy/default', { loadBalancerIPs: true }],
        ],
  );
}

/** What `clustermesh enable` and `connect` wrote into a real release (CLI v0.15). */
export const meshValues: Values = {
  clustermesh: {
    useAPIServer: true,
    apiserver: {
      service: { type: 'LoadBalancer' },
      tls: { auto: { enabled: true, method: 'cronJob', schedule: '0 0 1 */4 *' } },
    },
    config: { enabled: true, clusters: [{ ips: ['172.19.255.102'], name: 'region-hurup', port: 2379 }] },
  },
  externalWorkloads: { enabled: false },
};

/** The same, as it is in one region of a connected lab: it dials the addresses of all others. */
function meshOf(lab: Lab, region: Region): Values {
  const others = lab.regions.filter(({ name }) => name !== region.name);
  const clusters = others.map(({ name, meshAddress }) => ({ ips: [String(meshAddress)], name, port: 2379 }));
  return mergeValues(meshValues, { clustermesh: { config: { enabled: true, clusters } } });
}

/** Id of the folder that the lab is in. */
export const owner = '7d3c2f0e-0000-4000-8000-000000000001';

/** The lab's own docker network, as the driver makes it. */
export function labNetwork({ name, network }: Lab, changes: Partial<DockerNetwork> = {}): DockerNetwork {
  return {
    name: network.name,
    subnets: [String(network.subnet)],
    ipRange: String(network.nodeRange),
    mtu: undefined,
    lab: name,
    owner,
    containers: [],
    ...changes,
  };
}

export function containersOf(region: Region, changes: Partial<KindContainer> = {}): KindContainer[] {
  return region.nodes.map((name) => ({
    name,
    cluster: region.name,
    isNode: true,
    isWorker: name.includes('-worker'),
    state: 'running',
    networks: ['clustermesh-lab'],
    ...changes,
  }));
}

/** MetalLB that is up, controller and speakers of one version. */
export const metallbOf = (version: string, changes: Partial<ObservedMetalLb> = {}): ObservedMetalLb => ({
  crds: true,
  notReady: [],
  versions: new Map([
    ['controller', version],
    ['speaker', version],
  ]),
  ...changes,
});

export const noMetallb: ObservedMetalLb = { crds: false, notReady: undefined, versions: new Map() };

/** A region of which everything is up: Cilium, MetalLB, pool, and the mesh with all others. */
export function livingCluster(lab: Lab, region: Region, changes: Partial<ObservedCluster> = {}): ObservedCluster {
  const desired = desiredOf(lab).get(region.name);
  const others = lab.regions.filter(({ name }) => name !== region.name);
  return {
    nodes: region.nodes,
    readyNodes: region.nodes,
    kubernetes: lab.stack.versions.kubernetes,
    uid: `uid-of-${region.name}`,
    tuned: lab.switches.tuned,
    podSubnet: String(region.podSubnet),
    serviceSubnet: String(region.serviceSubnet),
    missingImages: new Map(region.nodes.map((node) => [node, []])),
    hosts: new Map(),
    release: {
      revision: 3,
      status: 'deployed',
      chart: `cilium-${lab.stack.versions.cilium}`,
      values: mergeValues(mergeValues(meshOf(lab, region), desired?.values ?? {}), caValues(ca)),
      workloads: ['DaemonSet/cilium', 'Deployment/cilium-operator', 'Deployment/clustermesh-apiserver'],
    },
    ipsecKey: undefined,
    ciliumNotReady: [],
    ciliumIdle: [],
    metallb: lab.loadBalancer === 'metallb' ? metallbOf(lab.stack.versions.metallb) : noMetallb,
    poolObjects: (desired?.poolObjects ?? new Map()) as ObservedCluster['poolObjects'],
    mesh: {
      address: String(region.meshAddress),
      total: region.nodes.length,
      connected: Object.fromEntries(others.map(({ name }) => [name, region.nodes.length])),
    },
    scenarios: new Map(),
    addresses: [
      { service: 'kube-system/hubble-ui', address: String(region.pool.first) },
      { service: 'kube-system/clustermesh-apiserver', address: String(region.meshAddress) },
    ],
    silent: [],
    hubbleUi: String(region.pool.first),
    ...changes,
  };
}

/** A region as it was seen: all up unless changed; `cluster: undefined` where its API server does not answer. */
export function livingRegion(lab: Lab, region: Region, changes: Partial<ObservedRegion> = {}): ObservedRegion {
  const cluster = livingCluster(lab, region);
  return {
    containers: containersOf(region),
    ownership: 'ours',
    creating: false,
    kubeconfig: true,
    cluster,
    ...changes,
  };
}

const engine: Observed['engine'] = {
  id: 'ENGINE',
  serverVersion: '28.2.2',
  containerdImageStore: false,
  platform: 'linux/amd64',
  cgroupVersion: '2',
  isRootless: false,
  host: {
    system: 'Debian GNU/Linux 12 (bookworm)',
    kernel: '6.1.0-40-amd64',
    memory: 16e9,
    cpus: 4,
    folder: '/var/lib/docker',
    storageDriver: 'overlay2',
    keepsEntryTypes: true,
    cgroupDriver: 'systemd',
    hasLimits: true,
    clockAhead: 0,
  },
};

/** A machine on which nothing of the lab exists. */
export function nothingThere(lab: Lab, changes: Partial<Observed> = {}): Observed {
  return bare(lab, { engine, owner, ...changes });
}

/** A machine on which all of the lab is up. @param regions regions that are not as they should be, by name */
export function allThere(lab: Lab, regions: Readonly<Record<string, ObservedRegion>> = {}): Observed {
  const seen = lab.regions.map((region) => [region.name, regions[region.name] ?? livingRegion(lab, region)] as const);
  return nothingThere(lab, {
    networks: [labNetwork(lab)],
    containers: seen.flatMap(([, { containers }]) => containers),
    images: imagesOf(lab),
    sources: new Map(downloadsOf(lab.sources).map(({ url, sha256 }) => [url, sha256 ?? ''])),
    ca,
    regions: new Map(seen),
  });
}

/** Images of its nodes, and the preloaded ones, as they are pulled. */
export const imagesOf = (lab: Lab): ReadonlyMap<string, string> =>
  new Map(engineImages(lab).map((image) => [image, image]));

/** The means of a step, with programs of the given PATH alone; what it told and how long it paused is kept. */
export function makeWork(path: string, changes: Partial<Work> = {}): Work & { told: string[]; paused: number[] } {
  const lab = articleLab();
  const runner = new Runner({ PATH: path }, new AbortController().signal);
  const options = { log: undefined, timeoutSeconds: 10 };
  const told: string[] = [];
  const paused: number[] = [];
  return {
    lab,
    regions: lab.regions,
    desired: desiredOf(lab),
    observed: nothingThere(lab),
    paths: new Paths({ labFile: join(path, 'lab.yaml'), dist: undefined, lab: lab.name, cwd: path }),
    queries: new Queries(runner),
    credentialsOf: () => Promise.resolve(undefined),
    uses: new ImageUses(join(path, 'cache')),
    sources: new SourceFiles(new Supply(join(path, 'cache'), {}, {}), new LearnedSums(join(path, 'sums'))),
    owner,
    addresses: new NodeAddresses(),
    signal: new AbortController().signal,
    timeoutSeconds: 10,
    patienceSeconds: 5,
    run: (command) => runner.run(command, options),
    attempt: (command) => runner.attempt(command, options),
    farewell: (command) => runner.attempt(command, options),
    isUntouched: false,
    isOver: () => false,
    reached: () => undefined,
    found: (text) => told.push(text),
    progress: (text) => told.push(text),
    holdCluster: () => Promise.resolve({ release: () => Promise.resolve() }),
    holdCache: () => Promise.resolve({ release: () => Promise.resolve() }),
    pause: (seconds) => {
      paused.push(seconds);
      return Promise.resolve();
    },
    told,
    paused,
    ...changes,
  };
}
