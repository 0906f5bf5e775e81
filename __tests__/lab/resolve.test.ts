import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Cidr, IpRange, Ipv4 } from '../../lab/cidr.ts';
import { loadLab } from '../../lab/load.ts';
import { asWritten } from '../../lab/published.ts';
import { stacks } from '../../lab/stacks.ts';
import { articleLab, labOf } from './lab-file.ts';

/** A lab as plain data, its addresses as text. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_, item: unknown) => (isAddress(item) ? item.toString() : item)));
}

function isAddress(item: unknown): item is Ipv4 | Cidr | IpRange {
  return item instanceof Ipv4 || item instanceof Cidr || item instanceof IpRange;
}

describe('the article’s lab', () => {
  it('has exactly the article’s numbers', () => {
    const lab = labOf(articleLab);
    expect(
      lab.regions.map(({ id, podSubnet, serviceSubnet, pool, ...region }) => ({
        name: region.name,
        id,
        podSubnet: podSubnet.toString(),
        serviceSubnet: serviceSubnet.toString(),
        pool: pool.toString(),
        meshAddress: region.meshAddress.toString(),
      })),
    ).toEqual([
      {
        name: 'region-athens',
        id: 1,
        podSubnet: '10.0.0.0/16',
        serviceSubnet: '10.1.0.0/16',
        pool: '172.19.255.1-172.19.255.100',
        meshAddress: '172.19.255.2',
      },
      {
        name: 'region-hurup',
        id: 2,
        podSubnet: '10.2.0.0/16',
        serviceSubnet: '10.3.0.0/16',
        pool: '172.19.255.101-172.19.255.200',
        meshAddress: '172.19.255.102',
      },
    ]);
    expect(lab.nativeRoutingCidr.toString()).toBe('10.0.0.0/8');
  });

  it('has a docker network whose lower half is for nodes', () => {
    const { network } = labOf(articleLab);
    expect(network.name).toBe('lab');
    expect([network.subnet, network.gateway, network.nodeRange].map(String)).toEqual([
      '172.19.0.0/16',
      '172.19.0.1',
      '172.19.0.0/17',
    ]);
  });

  it('has the article’s stack, published sources and nodes', () => {
    const lab = labOf(articleLab);
    expect(lab.stack).toEqual(stacks.article);
    expect(lab.sources).toEqual({
      ciliumChart: {
        url: 'https://helm.cilium.io/cilium-1.14.2.tgz',
        sha256: '5ed64fbbf48e5d226ef0080eb2c6c00f156f4505a795d637bd2f365c2fad82aa',
      },
      metallbManifest: {
        url: 'https://raw.githubusercontent.com/metallb/metallb/v0.13.7/config/manifests/metallb-native.yaml',
        sha256: '241df5f65d4a13768cdc0456e294cde4f6f96d62e70af3789b3456faee5dea2f',
      },
    });
    expect(lab.regions[0]?.preload.images.map(({ name }) => name)).toEqual([
      'quay.io/cilium/cilium:v1.14.2',
      'quay.io/cilium/json-mock:v1.4.1',
    ]);
    expect(lab).toMatchObject({ name: 'lab', maxConnectedClusters: 255, meshMethod: 'cli', testOnly: [] });
    expect(lab.regions[0]).toMatchObject({
      context: 'kind-region-athens',
      controlPlanes: 1,
      workers: 3,
      nodes: ['region-athens-control-plane', 'region-athens-worker', 'region-athens-worker2', 'region-athens-worker3'],
      apiServerHost: 'region-athens-control-plane',
      nodeImage: stacks.article.nodeImage,
      values: {},
    });
  });

  it('is the lab.yaml of this project, but for its scenario', () => {
    const file = fileURLToPath(new URL('../../lab.yaml', import.meta.url));
    const lab = loadLab(file);
    const article = labOf(articleLab);
    expect(lab.name).toBe('clustermesh-lab');
    expect(Object.keys(lab.scenarios)).toEqual(['high-availability']);
    expect(plain({ ...lab, name: 'lab', network: { ...lab.network, name: 'lab' }, scenarios: {} })).toEqual(
      plain(article),
    );
    // the comments of lab.yaml tell the truth; pools move with network.subnet, and are not in them
    for (const { id, podSubnet, serviceSubnet } of lab.regions) {
      expect(readFileSync(file, 'utf8')).toContain(
        `# id ${id}, pods ${podSubnet.toString()}, services ${serviceSubnet.toString()}\n`,
      );
    }
  });
});

describe('what lab.yaml gives is kept', () => {
  it('GIVEN everything of a region THEN nothing of it is allocated', () => {
    const [region] = labOf(`name: lab
regions:
  - name: a
    id: 9
    podSubnet: 10.200.0.0/20
    serviceSubnet: 10.96.0.0/16
    pool: 172.19.200.1-172.19.200.2
    nodeImage: mirror.example/node:v1
    workers: 0
`).regions;
    expect(plain(region)).toMatchObject({
      id: 9,
      podSubnet: '10.200.0.0/20',
      serviceSubnet: '10.96.0.0/16',
      pool: '172.19.200.1-172.19.200.2',
      nodeImage: 'mirror.example/node:v1',
      nodes: ['a-control-plane'],
    });
    expect(String(region?.meshAddress)).toBe('172.19.200.2');
  });

  it('GIVEN several control planes THEN the load balancer before them serves the API', () => {
    const [region] = labOf('name: lab\nregions: [{ name: a, controlPlanes: 3, workers: 1 }]\n').regions;
    expect(region?.nodes).toEqual(['a-control-plane', 'a-control-plane2', 'a-control-plane3', 'a-worker']);
    expect(region?.apiServerHost).toBe('a-external-load-balancer');
  });

  it('GIVEN values of lab and region THEN they are merged, the region’s winning', () => {
    const { regions } = labOf(`name: lab
cilium: { values: { debug: { enabled: true }, operator: { replicas: 1 } } }
regions:
  - name: a
    cilium: { values: { operator: { replicas: 2 } } }
  - name: b
`);
    expect(regions.map(({ values }) => values)).toEqual([
      { debug: { enabled: true }, operator: { replicas: 2 } },
      { debug: { enabled: true }, operator: { replicas: 1 } },
    ]);
  });

  it('GIVEN pins THEN stack, sources and node image follow', () => {
    const lab = labOf(`name: lab
stack: current
versions: { cilium: 1.19.6, metallb: v0.15.2 }
sources: { nodeImage: "mirror.example/node:v1.36.1", images: { by: nodes } }
network: { name: other, subnet: 192.168.0.0/20, pods: 10.64.0.0/10 }
mesh: { method: install }
test: { only: [no-policies] }
regions: [{ name: a }]
`);
    expect(lab.sources).toEqual({
      ciliumChart: { url: 'https://helm.cilium.io/cilium-1.19.6.tgz', sha256: undefined },
      metallbManifest: {
        url: 'https://raw.githubusercontent.com/metallb/metallb/v0.15.2/config/manifests/metallb-native.yaml',
        sha256: undefined,
      },
    });
    expect(lab.regions[0]?.preload).toEqual({ images: [], withoutAgent: 'sources.images.by is nodes' });
    expect(lab.stack.versions).toMatchObject({ kind: 'v0.32.0', cilium: '1.19.6', metallb: 'v0.15.2' });
    expect(lab).toMatchObject({ meshMethod: 'install', testOnly: ['no-policies'], network: { name: 'other' } });
    expect([lab.nativeRoutingCidr, lab.network.nodeRange, lab.network.gateway].map(String)).toEqual([
      '10.64.0.0/10',
      '192.168.0.0/21',
      '192.168.0.1',
    ]);
    expect(plain(lab.regions[0])).toMatchObject({
      nodeImage: 'mirror.example/node:v1.36.1',
      podSubnet: '10.64.0.0/16',
      serviceSubnet: '10.65.0.0/16',
      pool: '192.168.15.1-192.168.15.100',
    });
  });

  it.each([
    ['a path', '/charts/cilium', { place: '/charts/cilium' }],
    [
      'an address that Helm alone can read',
      'oci://registry.example/cilium',
      { place: 'oci://registry.example/cilium' },
    ],
    ['a URL', 'https://mirror.example/c.tgz', { url: 'https://mirror.example/c.tgz', sha256: undefined }],
    [
      'a URL with its digest',
      `https://mirror.example/c.tgz#sha256=${'A1'.repeat(32)}`,
      { url: 'https://mirror.example/c.tgz', sha256: 'a1'.repeat(32) },
    ],
  ])('GIVEN %s as sources.ciliumChart THEN it is %s', (_, given, source) => {
    const { ciliumChart } = labOf(`name: lab\nsources: { ciliumChart: "${given}" }\nregions: [{ name: a }]\n`).sources;
    expect(ciliumChart).toEqual(source);
    expect(asWritten(ciliumChart)).toBe(given.replace('A1'.repeat(32), 'a1'.repeat(32)));
  });

  it.each([
    [
      `HTTPS://Mirror.example/C.tgz#SHA256=${'A1'.repeat(32)}`,
      `https://Mirror.example/C.tgz#sha256=${'A1'.repeat(32)}`,
    ],
    ['OCI://mirror.example/C', 'oci://mirror.example/C'],
  ])('GIVEN %s THEN it is the same as %s', (capitals, small) => {
    const sourceOf = (given: string) =>
      labOf(`name: lab\nsources: { ciliumChart: "${given}" }\nregions: [{ name: a }]\n`).sources.ciliumChart;
    expect(sourceOf(capitals)).toEqual(sourceOf(small));
  });

  it('GIVEN an id above 255 THEN all regions connect up to 511', () => {
    const text = 'name: lab\nstack: current\nregions: [{ name: a, id: 256 }, { name: b }]\n';
    expect(labOf(text).maxConnectedClusters).toBe(511);
  });
});
