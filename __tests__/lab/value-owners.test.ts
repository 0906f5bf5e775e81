import { describe, expect, it } from 'vitest';
import { ciliumValues } from '../../constructs/cilium-values.ts';
import { ownedValues, secretValues, valueOwners, writtenByTheCli } from '../../lab/value-owners.ts';
import { isValues } from '../../lab/values.ts';
import { articleLab as article, athens } from '../constructs/article-lab.ts';
import { labOf, refusalOf } from './lab-file.ts';

const refused = (values: object, method: 'cli' | 'install' = 'cli') =>
  ownedValues({ ...values }, method, ['cilium', 'values']).map(({ message }) =>
    message.replace(/^cilium\.values\./, ''),
  );

describe('what the lab decides', () => {
  it.each([
    [{ cluster: { name: 'x' } }, 'cluster.name is decided by the lab. Remove it. Use regions[].name.'],
    [{ cluster: { id: 9 } }, 'cluster.id is decided by the lab. Remove it. Use regions[].id.'],
    [
      { ipam: { mode: 'cluster-pool' } },
      'ipam.mode is decided by the lab. Remove it. kind gives each node its part of the pod subnet, so it is kubernetes.',
    ],
    [
      { kubeProxyReplacement: false },
      'kubeProxyReplacement is decided by the lab. Remove it. The clusters have no kube-proxy, so Cilium always replaces it.',
    ],
    [
      { k8sServiceHost: 'x' },
      'k8sServiceHost is decided by the lab. Remove it. It follows from regions[].name and regions[].controlPlanes.',
    ],
    [
      { k8sServicePort: 443 },
      'k8sServicePort is decided by the lab. Remove it. The API server of a kind cluster listens on 6443.',
    ],
    [
      { ipv4NativeRoutingCIDR: '10.0.0.0/9' },
      'ipv4NativeRoutingCIDR is decided by the lab. Remove it. Use network.pods.',
    ],
    [
      { clustermesh: { apiserver: { kvstoremesh: { enabled: true } } } },
      'clustermesh.apiserver.kvstoremesh.enabled is decided by the lab. Remove it. Use cilium.kvstoremesh.',
    ],
    [{ encryption: { enabled: true } }, 'encryption.enabled is decided by the lab. Remove it. Use cilium.encryption.'],
    [{ encryption: { type: 'ipsec' } }, 'encryption.type is decided by the lab. Remove it. Use cilium.encryption.'],
    [
      { encryption: { ipsec: { secretName: 'x' } } },
      'encryption.ipsec.secretName is decided by the lab. Remove it. A deploy makes the key, and the Secret by its usual name.',
    ],
    [{ routingMode: 'native' }, 'routingMode is decided by the lab. Remove it. Use cilium.routing.'],
    [
      { autoDirectNodeRoutes: true },
      'autoDirectNodeRoutes is decided by the lab. Remove it. Use `cilium: { routing: native }`, which has it on.',
    ],
    [
      { tunnel: 'geneve' },
      'tunnel is decided by the lab. Remove it. Use cilium.routing, and cilium.values.tunnelProtocol for Geneve.',
    ],
    [
      { clustermesh: { mcsapi: { enabled: true } } },
      'clustermesh.mcsapi.enabled is decided by the lab. Remove it. Use mcs.',
    ],
    [{ hubble: { enabled: false } }, 'hubble.enabled is decided by the lab. Remove it. Use cilium.hubble.'],
    [
      { tls: { ca: { key: 'K' } } },
      'tls.ca.key is decided by the lab. Remove it. The regions share a CA that deploy makes and keeps under .lab/.',
    ],
    [
      { clustermesh: { maxConnectedClusters: 511 } },
      'clustermesh.maxConnectedClusters is decided by the lab. Remove it. Use mesh.maxConnectedClusters.',
    ],
  ])('is refused in cilium.values, however the mesh is made: %j', (values, message) => {
    expect(refused(values, 'cli')).toEqual([message]);
    expect(refused(values, 'install')).toEqual([message]);
  });

  it.each([
    [
      { cluster: null },
      'cluster is not a map, and the lab decides cluster.name in it. Write a map there, or remove it.',
    ],
    [
      { ipam: 'kubernetes' },
      'ipam is not a map, and the lab decides ipam.mode in it. Write a map there, or remove it.',
    ],
    [
      { tls: { ca: [] } },
      'tls.ca is not a map, and the lab decides tls.ca.cert in it. Write a map there, or remove it.',
    ],
    [
      { clustermesh: null },
      'clustermesh is not a map, and the lab decides clustermesh.maxConnectedClusters in it. Write a map there, or remove it.',
    ],
  ])('cannot be removed with the map that holds it: %j', (values, message) => {
    expect(refused(values)).toEqual([message]);
  });

  it('is all that the lab sets and a region depends on', () => {
    const lab = article({ meshMethod: 'install' });
    const set = leaves({ ...ciliumValues(lab, athens()) });
    const owned = valueOwners.filter(({ owner }) => owner.install === 'lab').map(({ path }) => path.join('.'));
    expect(set.filter((path) => !owned.includes(path))).toEqual([
      'image.pullPolicy',
      'image.useDigest',
      'externalIPs.enabled',
      'nodePort.enabled',
      'hostPort.enabled',
      'hubble.relay.enabled',
      'hubble.ui.enabled',
      'hubble.ui.service.type',
      'rollOutCiliumPods',
      'operator.rollOutPods',
      'operator.replicas',
    ]);
  });
});

describe('what the Cilium CLI writes', () => {
  it.each([
    [{ useAPIServer: true }, 'clustermesh.useAPIServer'],
    [{ config: { clusters: [] } }, 'clustermesh.config.clusters'],
  ])('is refused where the CLI makes the mesh: %j', (clustermesh, path) => {
    expect(refused({ clustermesh })[0]).toContain(`${path} is decided by the Cilium CLI. Remove it.`);
  });

  it("is the lab's or the user's where the mesh is installed", () => {
    expect(refused({ clustermesh: { useAPIServer: true } }, 'install')).toEqual([
      'clustermesh.useAPIServer is decided by the lab. Remove it. Use mesh.method.',
    ]);
    expect(refused({ externalWorkloads: { enabled: true } }, 'install')).toEqual([]);
  });

  it('is what its maps are named by, and not the maps', () => {
    expect(writtenByTheCli.map((path) => path.join('.'))).toEqual([
      'clustermesh.useAPIServer',
      'clustermesh.config.enabled',
      'clustermesh.config.clusters',
      'clustermesh.apiserver.service.type',
      'clustermesh.apiserver.tls.auto.enabled',
      'clustermesh.apiserver.tls.auto.method',
      'clustermesh.apiserver.tls.auto.schedule',
      'clustermesh.apiserver.kvstoremesh.enabled',
      'externalWorkloads.enabled',
    ]);
    expect(secretValues).toEqual([
      ['tls', 'ca', 'cert'],
      ['tls', 'ca', 'key'],
    ]);
  });
});

it.each([
  { cluster: {}, hubble: { ui: { service: { type: 'ClusterIP' } } }, image: { useDigest: true } },
  { tls: { ca: { certValidityDuration: 3650 } } },
  {
    clustermesh: {
      config: { domain: 'mesh.example' },
      apiserver: { replicas: 2, tls: { auto: { certValidityDuration: 30 } } },
    },
  },
  {
    clustermesh: { apiserver: { service: { annotations: { 'metallb.universe.tf/loadBalancerIPs': '172.19.255.9' } } } },
  },
])('everything else is the user\u2019s: %j', (values) => {
  expect(refused(values)).toEqual([]);
});

describe('in lab.yaml', () => {
  it('GIVEN values of the lab, in lab and region, THEN each is told at its line, once', () => {
    const text = `name: lab
regions:
  - name: a
    cilium:
      values:
        cluster:
          id: 9
cilium:
  values:
    bandwidthManager: [1]
    cluster: null
    tls: { ca: { key: K } }
`;
    expect(refusalOf(text)).toEqual([
      'lab.yaml:7:11  regions[0].cilium.values.cluster.id is decided by the lab. Remove it. Use regions[].id.',
      'lab.yaml:10:5  cilium.values.bandwidthManager is a list, and the Cilium 1.14.2 chart has a map there. Write a map, such as { enabled: false }.',
      'lab.yaml:11:5  cilium.values.cluster is not a map, and the lab decides cluster.name in it. Write a map there, or remove it.',
      'lab.yaml:12:18  cilium.values.tls.ca.key is decided by the lab. Remove it. The regions share a CA that deploy makes and keeps under .lab/.',
    ]);
  });

  it('GIVEN the same with a chart that is not at hand THEN it is told too', () => {
    const text =
      'name: lab\nregions: [{ name: a }]\nversions: { cilium: 1.14.9 }\ncilium: { values: { cluster: { id: 2 } } }\n';
    expect(refusalOf(text)).toEqual([
      'lab.yaml:4:32  cilium.values.cluster.id is decided by the lab. Remove it. Use regions[].id.',
    ]);
  });
});

describe('mesh.maxConnectedClusters', () => {
  const lab = (mesh: string, more = '') => `name: lab\nregions:\n  - name: a\n${more}mesh: { ${mesh} }\n`;

  it('is 511 where that is asked for, and 255 or 511 by itself', () => {
    expect(labOf(`stack: current\n${lab('maxConnectedClusters: 511')}`).maxConnectedClusters).toBe(511);
    expect(labOf(`stack: current\n${lab('maxConnectedClusters: 255')}`).maxConnectedClusters).toBe(255);
  });

  it.each([
    [
      lab('maxConnectedClusters: 300'),
      'lab.yaml:4:9  mesh.maxConnectedClusters is 300, which is none of 255, 511. Choose one of them.',
    ],
    [
      lab('maxConnectedClusters: 511'),
      'lab.yaml:4:9  Cilium 1.14.2 connects 255 clusters, not 511. Remove it, or use Cilium 1.15 or later: `stack: current`.',
    ],
    [
      `stack: current\n${lab('maxConnectedClusters: 255', '    id: 300\n')}`,
      "lab.yaml:5:5  a's id 300 is above 255, the highest of mesh.maxConnectedClusters 255. Give a lower one. Or use `mesh.maxConnectedClusters: 511`.",
    ],
  ])('%j is refused', (text, message) => {
    expect(refusalOf(text)).toEqual([message]);
  });
});

function leaves(value: unknown, path = ''): string[] {
  if (!isValues(value)) return [path];
  return Object.entries(value).flatMap(([key, below]) => leaves(below, path === '' ? key : `${path}.${key}`));
}
