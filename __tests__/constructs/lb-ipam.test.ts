import { describe, expect, it } from 'vitest';
import { synthesize } from '../../constructs/lab-app.ts';
import { CiliumAnnouncement, CiliumPool } from '../../constructs/lb-ipam.ts';
import { resolveStack } from '../../lab/stacks.ts';
import { articleLab, athens } from './article-lab.ts';
import { yamlOf } from './yaml.ts';

const poolOf = (cilium: string): string => {
  const { lbIpam } = resolveStack('article', { cilium });
  return yamlOf((chart) => new CiliumPool(chart, 'pool', { range: athens().pool, lbIpam }));
};

describe('CiliumPool', () => {
  it('GIVEN Cilium 1.14 THEN CIDRs that give nothing beside the range, and the range as an annotation', () => {
    expect(poolOf('1.14.2')).toBe(`apiVersion: cilium.io/v2alpha1
kind: CiliumLoadBalancerIPPool
metadata:
  annotations:
    clustermesh-lab/pool: 172.19.255.1-172.19.255.100
  name: default-pool
spec:
  cidrs:
    - cidr: 172.19.255.0/26
    - cidr: 172.19.255.64/27
    - cidr: 172.19.255.96/30
`);
  });

  it.each([
    ['1.15.0', 'cilium.io/v2alpha1'],
    ['1.20.0', 'cilium.io/v2'],
  ])('GIVEN Cilium %s THEN the range, in %s', (cilium, apiVersion) => {
    expect(poolOf(cilium)).toBe(`apiVersion: ${apiVersion}
kind: CiliumLoadBalancerIPPool
metadata:
  name: default-pool
spec:
  blocks:
    - start: 172.19.255.1
      stop: 172.19.255.100
`);
  });
});

describe('CiliumAnnouncement', () => {
  it('THEN it announces the LoadBalancer addresses of all Services from all nodes', () => {
    expect(yamlOf((chart) => new CiliumAnnouncement(chart, 'announcement'))).toBe(`apiVersion: cilium.io/v2alpha1
kind: CiliumL2AnnouncementPolicy
metadata:
  name: default
spec:
  loadBalancerIPs: true
`);
  });
});

describe("a region whose addresses are Cilium's", () => {
  it("THEN its files are Cilium's two in place of MetalLB's", () => {
    const scenarios = { 'high-availability': { affinity: 'none', unshared: [], replicas: 2 } } as const;
    const files = synthesize(articleLab({ loadBalancer: 'cilium', scenarios, regions: [athens()] }));

    expect([...files.keys()]).toEqual(
      [
        ...['kind', 'cilium-values', 'ciliumloadbalancerippool', 'ciliuml2announcementpolicy'],
        ...['probes', 'scenarios/high-availability'],
      ].map((name) => `region-athens/${name}.yaml`),
    );
    expect(files.get('region-athens/ciliumloadbalancerippool.yaml')).toMatch(
      /^# region-athens: LoadBalancer address pool of Cilium\. Generated/,
    );
  });
});
