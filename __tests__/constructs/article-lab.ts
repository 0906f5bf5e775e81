import { Cidr, IpRange, Ipv4 } from '../../lab/cidr.ts';
import type { Lab, Region } from '../../lab/lab.ts';
import { publishedCache } from '../../lab/registries.ts';
import { type StackName, stacks } from '../../lab/stacks.ts';
import type { Switches } from '../../lab/switches.ts';

const agent = {
  name: 'quay.io/cilium/cilium:v1.14.2',
  reference: `quay.io/cilium/cilium:v1.14.2@sha256:${'a'.repeat(64)}`,
};

const probe = {
  name: 'quay.io/cilium/json-mock:v1.4.1',
  reference: `quay.io/cilium/json-mock:v1.4.1@sha256:${'b'.repeat(64)}`,
};

/** The article's lab, written out by hand: what constructs are given, without lab.yaml. */
export function articleLab(changes: Partial<Lab> = {}): Lab {
  return {
    name: 'clustermesh-lab',
    stack: stacks.article,
    sources: {
      ciliumChart: { url: 'https://charts.example/cilium-1.14.2.tgz', sha256: 'c'.repeat(64) },
      metallbManifest: { url: 'https://metallb.example/metallb-native.yaml', sha256: 'd'.repeat(64) },
    },
    mirrors: {},
    network: {
      name: 'clustermesh-lab',
      subnet: Cidr.parse('172.19.0.0/16'),
      gateway: Ipv4.parse('172.19.0.1'),
      nodeRange: Cidr.parse('172.19.0.0/17'),
    },
    nativeRoutingCidr: Cidr.parse('10.0.0.0/8'),
    maxConnectedClusters: 255,
    meshMethod: 'cli',
    imagesBy: 'preload',
    registries: [],
    cacheImage: publishedCache,
    probeImage: probe.name,
    scenarios: {},
    switches: { encryption: 'none', routing: 'tunnel', hubble: true, kvstoremesh: undefined, mcs: false, tuned: true },
    loadBalancer: 'metallb',
    expected: {},
    profiles: new Map(),
    testOnly: [],
    ...changes,
    regions: fullMesh(changes.regions ?? [athens(), hurup()]),
  };
}

/** The regions, each connected to all others. */
export function fullMesh(regions: readonly Region[]): Region[] {
  const names = regions.map(({ name }) => name);
  return regions.map((region) => ({ ...region, links: names.filter((name) => name !== region.name) }));
}

/** Every switch as it is not by itself, as far as the stack has it. */
export const switched: Readonly<Record<StackName, Switches>> = {
  article: { encryption: 'wireguard', routing: 'native', hubble: false, kvstoremesh: true, mcs: false, tuned: false },
  current: { encryption: 'ipsec', routing: 'native', hubble: false, kvstoremesh: false, mcs: true, tuned: false },
};

/** The article's first region. */
export function athens(changes: Partial<Region> = {}): Region {
  return {
    name: 'region-athens',
    id: 1,
    context: 'kind-region-athens',
    links: ['region-hurup'],
    controlPlanes: 1,
    workers: 3,
    nodes: nodesOf('region-athens'),
    apiServerHost: 'region-athens-control-plane',
    nodeImage: stacks.article.nodeImage,
    podSubnet: Cidr.parse('10.0.0.0/16'),
    serviceSubnet: Cidr.parse('10.1.0.0/16'),
    pool: IpRange.parse('172.19.255.1-172.19.255.100'),
    meshAddress: Ipv4.parse('172.19.255.2'),
    hubbleUi: true,
    preload: { images: [agent, probe] },
    values: {},
    ...changes,
  };
}

/** The article's second region. */
export function hurup(changes: Partial<Region> = {}): Region {
  return athens({
    name: 'region-hurup',
    id: 2,
    context: 'kind-region-hurup',
    links: ['region-athens'],
    nodes: nodesOf('region-hurup'),
    apiServerHost: 'region-hurup-control-plane',
    podSubnet: Cidr.parse('10.2.0.0/16'),
    serviceSubnet: Cidr.parse('10.3.0.0/16'),
    pool: IpRange.parse('172.19.255.101-172.19.255.200'),
    meshAddress: Ipv4.parse('172.19.255.102'),
    ...changes,
  });
}

function nodesOf(region: string): readonly string[] {
  return ['control-plane', 'worker', 'worker2', 'worker3'].map((role) => `${region}-${role}`);
}
