import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contains, IpRange, Ipv4, overlap } from '../../lab/cidr.ts';
import { cidrsWithin, givenOf } from '../../lab/lb-ipam.ts';
import { labOf, refusalOf } from './lab-file.ts';

describe('a pool as CIDRs of which neither the first nor the last address is given', () => {
  it.each([
    ['172.19.255.1-172.19.255.100', ['172.19.255.0/26', '172.19.255.64/27', '172.19.255.96/30']],
    [
      '172.19.255.101-172.19.255.200',
      ['172.19.255.100/30', '172.19.255.104/29', '172.19.255.112/28', '172.19.255.128/26', '172.19.255.192/29'],
    ],
    ['172.19.255.1-172.19.255.2', ['172.19.255.0/30']],
    ['172.19.254.1-172.19.255.254', ['172.19.254.0/23']],
    ['172.19.255.3-172.19.255.6', ['172.19.255.4/30']],
    ['172.19.255.2-172.19.255.5', []],
  ])('GIVEN %s THEN %j', (range, cidrs) => {
    expect(cidrsWithin(IpRange.parse(range)).map(String)).toEqual(cidrs);
  });

  it('GIVEN any pool THEN what is given lies in it, of no two CIDRs the same, and the first two where it begins one above a multiple of four', () => {
    const first = fc.integer({ min: 0x0a000001, max: 0x0a0fffff });
    fc.assert(
      fc.property(first, fc.integer({ min: 2, max: 70_000 }), (value, size) => {
        const pool = IpRange.of(Ipv4.of(value), Ipv4.of(value + size - 1));
        const cidrs = cidrsWithin(pool);
        const given = cidrs.flatMap((cidr) => givenOf(cidr) ?? []);
        expect(given).toHaveLength(cidrs.length);
        expect(given.every((range) => contains(pool, range))).toBe(true);
        expect(cidrs.some((cidr, at) => at > 0 && overlap(cidr, cidrs[at - 1] ?? pool))).toBe(false);
        if (value % 4 === 1) expect(given[0]?.first.value).toBe(value);
        if (value % 4 === 1) expect(given[0]?.size).toBeGreaterThanOrEqual(2);
      }),
    );
  });
});

describe('loadBalancer.by: cilium', () => {
  const lab = (more: string, region = '{ name: a }') =>
    `name: lab\nregions: [${region}]\nloadBalancer: { by: cilium }\n${more}`;

  it('needs no manifest of MetalLB, and asks nothing of a given one', () => {
    const { loadBalancer, sources } = labOf(lab('sources: { metallbManifest: /nowhere }\n'));

    expect([loadBalancer, sources.metallbManifest]).toEqual(['cilium', undefined]);
  });

  it("takes a single node, whose label MetalLB's speakers heed", () => {
    const single = '{ name: a, workers: 0 }';

    expect(labOf(lab('versions: { metallb: v0.14.2 }\n', single)).regions).toHaveLength(1);
  });

  it('with Cilium 1.14 is refused where the first addresses of a pool would be given to nobody', () => {
    const why = 'gives to nobody: its pools are CIDRs, without the first and the last address of each';
    const remedy = 'Give the region a pool that begins one above a multiple of four';

    expect(refusalOf(lab('', '{ name: a, pool: 172.19.255.10-172.19.255.20 }'))).toEqual([
      `lab.yaml:2:22  a's pool 172.19.255.10-172.19.255.20 begins with an address that Cilium 1.14.2 ${why}. ${remedy}, such as 172.19.255.13-172.19.255.20; or use Cilium 1.15 or later.`,
    ]);
    expect(refusalOf(lab('network: { subnet: 172.19.0.0/24 }\n', '{ name: a }, { name: b }'))).toEqual([
      `lab.yaml:2:24  b's pool 172.19.0.179-172.19.0.228 begins with an address that Cilium 1.14.2 ${why}. ${remedy}, such as 172.19.0.181-172.19.0.228; or use Cilium 1.15 or later.`,
    ]);
    expect(refusalOf(lab('', '{ name: a, pool: 172.19.255.10-172.19.255.13 }'))).toEqual([
      `lab.yaml:2:22  a's pool 172.19.255.10-172.19.255.13 begins with an address that Cilium 1.14.2 ${why}. ${remedy}; or use Cilium 1.15 or later.`,
    ]);
    expect(labOf(lab('stack: current\n', '{ name: a, pool: 172.19.255.10-172.19.255.20 }')).regions).toHaveLength(1);
  });

  it.each([
    ['1.14.2', 'cilium.io/v2alpha1', false, 'io.cilium/lb-ipam-ips'],
    ['1.15.0', 'cilium.io/v2alpha1', true, 'io.cilium/lb-ipam-ips'],
    ['1.16.0', 'cilium.io/v2alpha1', true, 'lbipam.cilium.io/ips'],
    ['1.18.0', 'cilium.io/v2', true, 'lbipam.cilium.io/ips'],
  ])('with Cilium %s has pools of %s, ranges %s, addresses by %s', (cilium, apiVersion, ranges, addressAnnotation) => {
    const { stack } = labOf(lab(`stack: current\nversions: { cilium: ${cilium} }\n`));

    expect(stack.lbIpam).toEqual({ apiVersion, ranges, addressAnnotation });
  });

  it('is the place to say so: the value is refused', () => {
    expect(refusalOf(lab('cilium: { values: { l2announcements: { enabled: false } } }\n'))).toEqual([
      'lab.yaml:4:40  cilium.values.l2announcements.enabled is decided by the lab. Remove it. Use loadBalancer.by.',
    ]);
  });
});
