import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { ciliumValues } from '../../constructs/cilium-values.ts';
import { chartKeys } from '../../lab/chart.ts';
import { unknownValues } from '../../lab/chart-keys.ts';
import { stacks } from '../../lab/stacks.ts';
import { articleLab, athens, hurup, switched } from './article-lab.ts';

/** Every `--set` of the article for region-athens, as Helm reads it, but hostServices.enabled, which the chart does not know. */
const article = [
  ['cluster.name', 'region-athens'],
  ['cluster.id', 1],
  ['image.pullPolicy', 'IfNotPresent'],
  ['ipam.mode', 'kubernetes'],
  ['kubeProxyReplacement', 'strict'],
  ['nodeinit.enabled', true],
  ['externalIPs.enabled', true],
  ['nodePort.enabled', true],
  ['hostPort.enabled', true],
  ['k8sServiceHost', 'region-athens-control-plane'],
  ['k8sServicePort', 6443],
  ['hubble.enabled', true],
  ['hubble.relay.enabled', true],
  ['hubble.ui.enabled', true],
  ['hubble.ui.service.type', 'LoadBalancer'],
  ['ipv4NativeRoutingCIDR', '10.0.0.0/8'],
] as const;

const untuned = articleLab({ switches: { ...articleLab().switches, tuned: false } });

describe('ciliumValues', () => {
  it.each(article)("GIVEN the article's lab, not tuned, THEN %s is %s", (key, value) => {
    expect(ciliumValues(untuned, athens())).toHaveProperty(key, value);
  });

  it('GIVEN it is tuned THEN it has one operator and no nodeinit, AND all else as before', () => {
    const { nodeinit: _nodeinit, operator, ...others } = ciliumValues(untuned, athens());

    expect(ciliumValues(articleLab(), athens())).toEqual({ ...others, operator: { ...operator, replicas: 1 } });
  });

  it("GIVEN the article's lab, not tuned, THEN these are all of its values", async () => {
    const values = ciliumValues(untuned, athens());

    await expect(stringify(values, { aliasDuplicateObjects: false })).toMatchFileSnapshot('golden/cilium-values.yaml');
  });

  it('GIVEN the current stack THEN kubeProxyReplacement is true and the keys that the chart dropped are absent', () => {
    const values = ciliumValues(articleLab({ stack: stacks.current }), athens());

    expect(values.kubeProxyReplacement).toBe(true);
    expect(values).not.toHaveProperty('externalIPs');
    expect(values).not.toHaveProperty('nodePort');
    expect(values).not.toHaveProperty('hostPort');
  });

  it('GIVEN no Hubble THEN neither relay nor UI', () => {
    const lab = articleLab({ switches: { ...articleLab().switches, hubble: false } });

    expect(ciliumValues(lab, athens()).hubble).toEqual({ enabled: false });
  });

  it("GIVEN a region that preloads the agent's image THEN the chart asks for it by tag", () => {
    expect(ciliumValues(articleLab(), athens()).image).toEqual({ pullPolicy: 'IfNotPresent', useDigest: false });
  });

  it('GIVEN a region that preloads nothing THEN the chart asks for the agent by digest', () => {
    const region = athens({ preload: { images: [], withoutAgent: 'sources.images.by is nodes' } });

    expect(ciliumValues(articleLab(), region).image).toEqual({ pullPolicy: 'IfNotPresent' });
  });

  it('GIVEN a region of one node THEN one operator', () => {
    const alone = athens({ workers: 0, nodes: ['region-athens-control-plane'] });

    expect(ciliumValues(untuned, alone).operator).toEqual({ rollOutPods: true, replicas: 1 });
    expect(ciliumValues(untuned, athens()).operator).toEqual({ rollOutPods: true });
  });

  it('GIVEN several control planes THEN the API is reached by their load balancer', () => {
    const region = athens({ controlPlanes: 3, apiServerHost: 'region-athens-external-load-balancer' });

    expect(ciliumValues(articleLab(), region).k8sServiceHost).toBe('region-athens-external-load-balancer');
  });

  it('GIVEN a mesh by the CLI THEN clustermesh is left to it, whatever the other regions are', () => {
    const two = ciliumValues(articleLab(), athens());
    const one = ciliumValues(articleLab({ regions: [athens()] }), athens());

    expect(two).not.toHaveProperty('clustermesh');
    expect(two).toEqual(one);
  });

  it('GIVEN room for 511 regions THEN the mesh is told so', () => {
    const lab = articleLab({ stack: stacks.current, maxConnectedClusters: 511 });

    expect(ciliumValues(lab, athens()).clustermesh).toEqual({ maxConnectedClusters: 511 });
  });
});

describe.each(['cli', 'install'] as const)('KVStoreMesh with mesh.method %s', (meshMethod) => {
  const kvstoremesh = (given: boolean | undefined) => {
    const { switches } = articleLab();
    const lab = articleLab({ meshMethod, switches: { ...switches, kvstoremesh: given } });
    return ciliumValues(lab, athens()).clustermesh?.apiserver?.kvstoremesh;
  };

  it('is said where lab.yaml says it, and left to the chart otherwise', () => {
    expect(kvstoremesh(true)).toEqual({ enabled: true });
    expect(kvstoremesh(false)).toEqual({ enabled: false });
    expect(kvstoremesh(undefined)).toBeUndefined();
  });
});

it('GIVEN KVStoreMesh in an installed mesh THEN the API server has its address all the same', () => {
  const { switches } = articleLab();
  const lab = articleLab({ meshMethod: 'install', switches: { ...switches, kvstoremesh: true } });

  expect(ciliumValues(lab, athens()).clustermesh?.apiserver).toMatchObject({
    kvstoremesh: { enabled: true },
    service: { type: 'LoadBalancer' },
    tls: { auto: { method: 'helm' } },
  });
});

describe('ciliumValues with mesh.method install', () => {
  it('GIVEN two regions THEN each has its own fixed address and names the other', async () => {
    const lab = articleLab({ meshMethod: 'install' });

    const meshes = lab.regions.map((region) => ({ [region.name]: ciliumValues(lab, region).clustermesh }));

    await expect(stringify(meshes)).toMatchFileSnapshot('golden/clustermesh-values.yaml');
  });

  it('GIVEN a newer MetalLB THEN the address is asked for by its annotation', () => {
    const lab = articleLab({ meshMethod: 'install', stack: stacks.current });

    expect(ciliumValues(lab, hurup()).clustermesh?.apiserver?.service?.annotations).toEqual({
      'metallb.io/loadBalancerIPs': '172.19.255.102',
    });
  });

  it('GIVEN a single region THEN its mesh is ready for others and names none', () => {
    const lab = articleLab({ meshMethod: 'install', regions: [athens()] });

    expect(ciliumValues(lab, athens()).clustermesh?.config).toEqual({ enabled: true, clusters: [] });
  });
});

describe('ciliumValues with loadBalancer.by cilium', () => {
  it.each([
    ['article', 'io.cilium/lb-ipam-ips'],
    ['current', 'lbipam.cilium.io/ips'],
  ] as const)('GIVEN the stack %s THEN addresses are announced, and asked for by %s', (name, annotation) => {
    const lab = articleLab({ loadBalancer: 'cilium', stack: stacks[name], meshMethod: 'install' });
    const { l2announcements, k8sClientRateLimit, hubble, clustermesh } = ciliumValues(lab, hurup());
    const addressed = (address: string) => ({ type: 'LoadBalancer', annotations: { [annotation]: address } });

    expect({ l2announcements, k8sClientRateLimit }).toEqual({
      l2announcements: { enabled: true },
      k8sClientRateLimit: { qps: 50, burst: 100 },
    });
    expect(hubble).toHaveProperty('ui.service', addressed('172.19.255.101'));
    expect(clustermesh?.apiserver?.service).toEqual(addressed('172.19.255.102'));
  });

  it('GIVEN no Hubble THEN its UI asks for no address', () => {
    const lab = articleLab({ loadBalancer: 'cilium', switches: { ...articleLab().switches, hubble: false } });

    expect(ciliumValues(lab, hurup()).hubble).toEqual({ enabled: false });
  });
});

describe.each(Object.values(stacks))('the stack $name', (stack) => {
  const lab = articleLab({ stack, switches: switched[stack.name] });

  it('GIVEN every switch THEN these are the values', async () => {
    const values = stringify(ciliumValues(lab, athens()), { aliasDuplicateObjects: false });

    await expect(values).toMatchFileSnapshot(`golden/cilium-values-switched-${stack.name}.yaml`);
  });

  it.each([
    articleLab(),
    lab,
    { ...lab, switches: { ...lab.switches, encryption: 'wireguard' as const } },
    articleLab({ loadBalancer: 'cilium' }),
  ])('its chart knows every key that the lab sets: addresses by $loadBalancer, $switches', (ways) => {
    const all = { ...ways, stack, meshMethod: 'install' as const, maxConnectedClusters: stack.maxClusters };
    const alone = athens({ nodes: ['region-athens-control-plane'] });
    const keys = chartKeys(undefined, stack.versions.cilium);

    expect(keys).toBeDefined();
    expect(unknownValues({ ...ciliumValues(all, alone) }, keys ?? {}, [], 'the chart')).toEqual([]);
  });
});
