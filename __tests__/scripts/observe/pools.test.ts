import { describe, expect, it } from 'vitest';
import { balancerOf, livingPools } from '../../../scripts/observe/pools.ts';
import { articleLab, athens, livingCluster, noMetallb } from '../fixtures.ts';

type Spec = Readonly<Record<string, unknown>>;
const [metallb, cilium] = ['IPAddressPool/default-pool', 'CiliumLoadBalancerIPPool/default-pool'];

describe('the ranges of a living pool', () => {
  it.each<[string, string, Spec, string[]]>([
    ['a range of MetalLB', metallb, { addresses: ['10.0.0.1-10.0.0.9'] }, ['10.0.0.1-10.0.0.9']],
    ['a CIDR of MetalLB', metallb, { addresses: ['10.0.0.0/30'] }, ['10.0.0.0-10.0.0.3']],
    ['a range of Cilium', cilium, { blocks: [{ start: '10.0.0.1', stop: '10.0.0.9' }] }, ['10.0.0.1-10.0.0.9']],
    [
      'CIDRs of Cilium',
      cilium,
      { cidrs: [{ cidr: '10.0.0.64/27' }, { cidr: '10.0.0.0/26' }, { cidr: '10.0.0.96/32' }] },
      ['10.0.0.1-10.0.0.94'],
    ],
    ['what is written in other ways', cilium, { blocks: [{ cidr: '10.0.0.0/30' }, 7], cidrs: 'x' }, []],
    ['nothing', 'IPAddressPool/mine', { addresses: ['10.0.0.1-10.0.0.9'] }, []],
  ])('GIVEN %s THEN %s with %j is %j', (_, name, spec, ranges) => {
    expect(livingPools({ poolObjects: new Map([[name, spec]]) }).map(String)).toEqual(ranges);
  });
});

describe('who gives the addresses of a living region', () => {
  const seen = (changes: Parameters<typeof livingCluster>[2]) =>
    balancerOf(livingCluster(articleLab(), athens(), changes));

  it('GIVEN MetalLB, or its pool, THEN it', () => {
    expect(seen({})).toBe('metallb');
    expect(seen({ poolObjects: new Map([[cilium, {}]]) })).toBe('metallb');
    expect(seen({ metallb: noMetallb, poolObjects: new Map([[metallb, {}]]) })).toBe('metallb');
  });

  it("GIVEN Cilium's pool alone THEN Cilium; GIVEN none THEN nobody", () => {
    expect(seen({ metallb: noMetallb, poolObjects: new Map([[cilium, {}]]) })).toBe('cilium');
    expect(seen({ metallb: noMetallb, poolObjects: new Map([['CiliumLoadBalancerIPPool/mine', {}]]) })).toBeUndefined();
  });
});
