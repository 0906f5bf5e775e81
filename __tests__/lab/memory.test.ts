import { describe, expect, it } from 'vitest';
import type { KnownAddresses } from '../../lab/addresses.ts';
import { Cidr, IpRange } from '../../lab/cidr.ts';
import type { Memory } from '../../lab/memory.ts';
import { labOfRaw, lines, memoryOf, type RawLab, type RawRegion } from './raw-lab.ts';

const regions = (...names: string[]): RawRegion[] => names.map((name) => ({ name, workers: 1 }));
/** The plan of the second lab, after the first was synthesized. */
const after = (first: RawLab, second: RawLab): string[] => lines(labOfRaw(second, memoryOf(labOfRaw(first))));

const a = 'a 1 10.0.0.0/16 10.1.0.0/16 172.19.255.1-172.19.255.100';
const b = 'b 2 10.2.0.0/16 10.3.0.0/16 172.19.255.101-172.19.255.200';
const c = 'c 3 10.4.0.0/16 10.5.0.0/16 172.19.254.1-172.19.254.100';
const abc = { regions: regions('a', 'b', 'c') };

describe('GIVEN three regions that were synthesized', () => {
  it('without a memory THEN each has what its position gives it', () => {
    expect(lines(labOfRaw(abc))).toEqual([a, b, c]);
  });

  it.each<[string, string[], string[]]>([
    ['the first goes', ['b', 'c'], [b, c]],
    ['they are put in another order', ['c', 'a', 'b'], [c, a, b]],
    [
      'one comes in front THEN it gets what it would get at the end',
      ['new', 'a', 'b', 'c'],
      ['new 4 10.6.0.0/16 10.7.0.0/16 172.19.254.101-172.19.254.200', a, b, c],
    ],
    [
      'one comes in the place of another THEN it takes what that one left',
      ['a', 'new', 'c'],
      [a, 'new 2 10.2.0.0/16 10.3.0.0/16 172.19.255.101-172.19.255.200', c],
    ],
    [
      'one is renamed THEN it is a new one',
      ['a', 'b', 'd'],
      [a, b, 'd 3 10.4.0.0/16 10.5.0.0/16 172.19.254.1-172.19.254.100'],
    ],
  ])('WHEN %s', (_, names, plan) => {
    expect(after(abc, { regions: regions(...names) })).toEqual(plan);
  });

  it('WHEN lab.yaml gives one what another has THEN the given wins, and the other moves alone', () => {
    const given = { name: 'a', workers: 1, id: 2, podSubnet: '10.2.0.0/16', pool: '172.19.255.150-172.19.255.160' };
    expect(after(abc, { regions: [given, ...regions('b', 'c')] })).toEqual([
      'a 2 10.2.0.0/16 10.1.0.0/16 172.19.255.150-172.19.255.160',
      'b 1 10.255.0.0/16 10.3.0.0/16 172.19.128.101-172.19.128.200',
      c,
    ]);
  });
});

describe('GIVEN addresses that lab.yaml gave', () => {
  const given = { name: 'a', id: 9, podSubnet: '10.64.0.0/18', serviceSubnet: '10.96.0.0/20', pool: '172.19.200.9-172.19.200.19' }; // prettier-ignore

  it('WHEN it gives them no longer THEN they stay', () => {
    expect(after({ regions: [given] }, { regions: [{ name: 'a' }] })).toEqual([
      'a 9 10.64.0.0/18 10.96.0.0/20 172.19.200.9-172.19.200.19',
    ]);
  });

  it('WHEN it gives no longer a service subnet outside network.pods THEN that is allocated', () => {
    const outside = { regions: [{ name: 'a', serviceSubnet: '172.30.0.0/16' }] };
    expect(after(outside, { regions: regions('a') })).toEqual([a]);
  });
});

describe('WHEN loadBalancer.addressesPerRegion changes', () => {
  const pools = (plan: readonly string[]) => plan.map((line) => line.split(' ')[4]);

  it('to less THEN each pool keeps its first addresses, and a new region gets none of those that are given up', () => {
    const fewer = { regions: regions('a', 'b', 'c', 'd'), loadBalancer: { addressesPerRegion: 50 } };
    expect(pools(after(abc, fewer))).toEqual([
      '172.19.255.1-172.19.255.50',
      '172.19.255.101-172.19.255.150',
      '172.19.254.1-172.19.254.50',
      '172.19.128.201-172.19.128.250',
    ]);
  });

  it('to more THEN pools are allocated anew, around all that were', () => {
    expect(pools(after(abc, { ...abc, loadBalancer: { addressesPerRegion: 200 } }))).toEqual([
      '172.19.128.1-172.19.128.200',
      '172.19.129.1-172.19.129.200',
      '172.19.253.1-172.19.253.200',
    ]);
  });

  it('to more than there is room for around them THEN as if nothing had been', () => {
    const small = { regions: regions('a', 'b'), network: { subnet: '172.19.0.0/24' } };
    expect(pools(after(small, { ...small, loadBalancer: { addressesPerRegion: 60 } }))).toEqual([
      '172.19.0.129-172.19.0.188',
      '172.19.0.189-172.19.0.248',
    ]);
  });

  it('to nothing THEN pools keep their size', () => {
    const two = { ...abc, loadBalancer: { addressesPerRegion: 2 } };
    expect(after(two, abc)).toEqual(lines(labOfRaw(two)));
  });
});

describe('WHEN the network changes', () => {
  it('network.subnet moves THEN the pools move with it', () => {
    const given = { regions: [...regions('a'), { name: 'b', workers: 1, pool: '172.19.240.7-172.19.240.9' }] };
    expect(after(given, { regions: regions('b', 'a'), network: { subnet: '172.31.0.0/16' } })).toEqual([
      'b 2 10.2.0.0/16 10.3.0.0/16 172.31.240.7-172.31.240.9',
      'a 1 10.0.0.0/16 10.1.0.0/16 172.31.255.1-172.31.255.100',
    ]);
  });

  it('network.subnet moves to a smaller one THEN pools in its upper half move, the first of two that meet', () => {
    const given = { regions: [...regions('a', 'b'), { name: 'c', pool: '172.19.239.100-172.19.239.110' }] };
    expect(after(given, { ...abc, network: { subnet: '192.168.16.0/20' } })).toEqual([
      a.replaceAll('172.19.255', '192.168.31'),
      b.replaceAll('172.19.255', '192.168.31'),
      c.replaceAll('172.19.254', '192.168.30'),
    ]);
  });

  it('network.subnet grows, and the pools lie in its lower half now THEN they are allocated anew', () => {
    expect(after(abc, { ...abc, network: { subnet: '172.16.0.0/12' } })).toEqual(
      lines(labOfRaw({ ...abc, network: { subnet: '172.16.0.0/12' } })),
    );
  });

  it('network.pods shrinks THEN what lies inside stays', () => {
    expect(after(abc, { ...abc, network: { pods: '10.0.0.0/13' } })).toEqual([a, b, c]);
  });

  it('network.pods moves THEN subnets are allocated anew, ids and pools stay', () => {
    expect(after(abc, { regions: regions('c', 'b'), network: { pods: '10.64.0.0/10' } })).toEqual([
      c.replace('10.4', '10.64').replace('10.5', '10.65'),
      b.replace('10.2', '10.66').replace('10.3', '10.67'),
    ]);
  });

  it('GIVEN more nodes than a pod subnet holds THEN that one is allocated anew', () => {
    const small = { regions: [{ name: 'a', workers: 1, podSubnet: '10.0.0.0/23' }, ...regions('b')] };
    expect(after(small, { regions: [{ name: 'a', workers: 2 }, ...regions('b')] })).toEqual([
      a.replace('10.0.0.0/16', '10.255.0.0/16'),
      b,
    ]);
  });

  it('GIVEN a stack that connects fewer THEN an id above is allocated anew', () => {
    const high = { stack: 'current', regions: [{ name: 'a', id: 300 }, ...regions('b')] };
    expect(after(high, { regions: regions('a', 'b') })).toEqual([a, b]);
  });

  it('GIVEN a lab so full that nothing fits beside it WHEN a region is added THEN all subnets are allocated anew, and only they', () => {
    const network = { pods: '10.0.0.0/14' };
    const plan = after({ regions: regions('b', 'a'), network }, { ...abc, network });
    expect(plan).toEqual([
      'a 2 10.0.0.0/17 10.0.128.0/17 172.19.255.101-172.19.255.200',
      'b 1 10.1.0.0/17 10.1.128.0/17 172.19.255.1-172.19.255.100',
      'c 3 10.2.0.0/17 10.2.128.0/17 172.19.254.1-172.19.254.100',
    ]);
  });
});

describe('GIVEN a memory that no lab could have left', () => {
  it('two regions with the same addresses, as after a merge THEN the first keeps them', () => {
    const same = { id: 5, podSubnet: Cidr.parse('10.8.0.0/16'), pool: IpRange.parse('172.19.240.1-172.19.240.9') };
    const memory: Memory = new Map(['a', 'b'].map((name) => [name, same]));
    expect(lines(labOfRaw({ regions: regions('a', 'b') }, memory))).toEqual([
      'a 5 10.8.0.0/16 10.1.0.0/16 172.19.240.1-172.19.240.9',
      'b 2 10.2.0.0/16 10.3.0.0/16 172.19.255.101-172.19.255.200',
    ]);
  });

  it.each<[string, KnownAddresses]>([
    ['a pod subnet in the docker network', { podSubnet: Cidr.parse('172.19.0.0/16') }],
    ['a pod subnet too small', { podSubnet: Cidr.parse('10.0.0.0/24') }],
    ['a service subnet too large', { serviceSubnet: Cidr.parse('10.0.0.0/9') }],
    ['a service subnet too small', { serviceSubnet: Cidr.parse('10.0.0.0/29') }],
    ['a pool where the nodes are', { pool: IpRange.parse('172.19.0.10-172.19.0.20') }],
    ['a pool of one address', { pool: IpRange.parse('172.19.200.1-172.19.200.1') }],
    ['a pool with the broadcast address', { pool: IpRange.parse('172.19.255.201-172.19.255.255') }],
    ['a pool across the end of the subnet', { pool: IpRange.parse('172.19.255.250-172.20.0.5') }],
    ['a pool at the very end of all addresses', { pool: IpRange.parse('255.255.255.250-255.255.255.255') }],
    ['an id above the highest', { id: 256 }],
  ])('%s THEN it is not kept', (_, known) => {
    const { regions: planned } = labOfRaw({ regions: regions('a') }, new Map([['a', known]]));
    for (const [key, value] of Object.entries(known)) expect(planned[0]).not.toHaveProperty(key, value);
  });
});
