import { describe, expect, it } from 'vitest';
import { allocate, type RegionWish, type Wish } from '../../lab/addresses.ts';
import { Cidr, IpRange } from '../../lab/cidr.ts';

/** A region's wish in text: `{ pods: '10.0.0.0/16' }`. */
interface Given {
  readonly id?: number;
  readonly pods?: string;
  readonly services?: string;
  readonly pool?: string;
}

const wishOf = ({ id, pods, services, pool }: Given): RegionWish => ({
  id,
  podSubnet: pods === undefined ? undefined : Cidr.parse(pods),
  serviceSubnet: services === undefined ? undefined : Cidr.parse(services),
  pool: pool === undefined ? undefined : IpRange.parse(pool),
  nodes: 4,
});

/** The address plan of the regions, one line each: id, pods, services, pool. */
function planOf(regions: readonly Given[], lab: Partial<Omit<Wish, 'regions'>> = {}): readonly string[] {
  const plan = allocate({
    regions: regions.map(wishOf),
    pods: Cidr.parse('10.0.0.0/8'),
    subnet: Cidr.parse('172.19.0.0/16'),
    ...lab,
  });
  if ('problems' in plan) return plan.problems.map(({ message }) => message);
  return plan.regions.map(({ id, podSubnet, serviceSubnet, pool }) => [id, podSubnet, serviceSubnet, pool].join(' '));
}

const column = (lines: readonly string[], index: number) => lines.map((line) => line.split(' ')[index]);
const free = (count: number): Given[] => Array.from({ length: count }, () => ({}));

describe('with nothing given', () => {
  it.each([
    [1, '1 10.0.0.0/16 10.1.0.0/16 172.19.255.1-172.19.255.100'],
    [2, '2 10.2.0.0/16 10.3.0.0/16 172.19.255.101-172.19.255.200'],
    [3, '3 10.4.0.0/16 10.5.0.0/16 172.19.254.1-172.19.254.100'],
    [128, '128 10.254.0.0/16 10.255.0.0/16 172.19.192.101-172.19.192.200'],
    [129, '129 10.128.0.0/17 10.128.128.0/17 172.19.191.1-172.19.191.100'],
    [256, '256 10.255.0.0/17 10.255.128.0/17 172.19.128.101-172.19.128.200'],
    [257, '257 10.128.0.0/18 10.128.64.0/18 172.19.204.51-172.19.204.100'],
    [511, '511 10.255.0.0/18 10.255.64.0/18 172.19.153.1-172.19.153.50'],
  ])('the last of %i regions gets %s', (count, last) => {
    expect(planOf(free(count)).at(-1)).toBe(last);
  });

  it('a smaller space of pods is cut into smaller blocks, down to a /24 for each node', () => {
    const pods = Cidr.parse('10.0.0.0/19');
    expect(column(planOf(free(4), { pods }), 1)).toEqual([
      '10.0.0.0/22',
      '10.0.8.0/22',
      '10.0.16.0/22',
      '10.0.24.0/22',
    ]);
    expect(planOf(free(5), { pods })[0]).toContain('network.pods 10.0.0.0/19 has no room');
  });

  it.each([
    ['172.19.0.0/16', undefined, ['172.19.255.1-172.19.255.100', '172.19.255.101-172.19.255.200']],
    ['172.19.0.0/16', 200, ['172.19.255.1-172.19.255.200', '172.19.254.1-172.19.254.200']],
    ['172.19.0.0/16', 300, ['172.19.254.1-172.19.255.44', '172.19.252.1-172.19.253.44']],
    ['172.19.0.0/16', 2, ['172.19.255.1-172.19.255.2', '172.19.255.3-172.19.255.4']],
    ['172.19.0.0/24', undefined, ['172.19.0.129-172.19.0.178', '172.19.0.179-172.19.0.228']],
    ['172.19.0.0/28', undefined, ['172.19.0.9-172.19.0.11', '172.19.0.12-172.19.0.14']],
  ])('in the docker subnet %s with %s addresses a region the pools are %s', (subnet, addressesPerRegion, pools) => {
    expect(column(planOf(free(2), { subnet: Cidr.parse(subnet), addressesPerRegion }), 3)).toEqual(pools);
  });
});

describe('around what is given', () => {
  it.each([
    ['none', [{}, {}, {}], [1, 2, 3]],
    ['one that is preferred by another', [{}, { id: 1 }, {}], [2, 1, 3]],
    ['two that are', [{}, { id: 1 }, { id: 2 }, {}], [3, 1, 2, 4]],
    ['one that lies beyond', [{}, { id: 300 }, {}], [1, 300, 3]],
    ['the last', [{ id: 3 }, {}, {}], [3, 2, 1]],
  ])('ids: %s', (_, regions, ids) => {
    expect(column(planOf(regions), 0)).toEqual(ids.map(String));
  });

  it('a region whose blocks are given to another takes those which that one leaves', () => {
    expect(column(planOf([{ pods: '10.2.0.0/16' }, {}, {}]), 1)).toEqual(['10.2.0.0/16', '10.0.0.0/16', '10.4.0.0/16']);
  });

  it('a region whose block is taken takes the last free one where none was left', () => {
    const plan = planOf([{}, { pods: '10.0.0.0/16' }, {}]);
    expect(column(plan, 1)).toEqual(['10.255.0.0/16', '10.0.0.0/16', '10.4.0.0/16']);
    expect(column(plan, 2)).toEqual(['10.1.0.0/16', '10.3.0.0/16', '10.5.0.0/16']);
  });

  it('blocks in the docker subnet are not used', () => {
    const plan = planOf(free(2), { subnet: Cidr.parse('10.2.0.0/16') });
    expect(column(plan, 1)).toEqual(['10.0.0.0/16', '10.255.0.0/16']);
  });

  it('blocks shrink where the given leaves too few', () => {
    const plan = planOf([{ pods: '10.0.0.0/17' }, {}], { pods: Cidr.parse('10.0.0.0/16') });
    expect(column(plan, 1)).toEqual(['10.0.0.0/17', '10.0.192.0/19']);
    expect(column(plan, 2)).toEqual(['10.0.224.0/19', '10.0.160.0/19']);
  });

  it('a space of pods that is full serves regions that give all their subnets', () => {
    const pods = Cidr.parse('10.0.0.0/22');
    const plan = planOf([{ pods: '10.0.0.0/22', services: '10.96.0.0/16' }], { pods });
    expect(plan).toEqual(['1 10.0.0.0/22 10.96.0.0/16 172.19.255.1-172.19.255.100']);
  });

  it('a pool in the place of others sends them to the left place, then to the far end', () => {
    expect(column(planOf([{ pool: '172.19.255.150-172.19.255.160' }, {}, {}]), 3)).toEqual([
      '172.19.255.150-172.19.255.160',
      '172.19.255.1-172.19.255.100',
      '172.19.254.1-172.19.254.100',
    ]);
    expect(column(planOf([{}, { pool: '172.19.255.90-172.19.255.110' }]), 3)).toEqual([
      '172.19.128.101-172.19.128.200',
      '172.19.255.90-172.19.255.110',
    ]);
  });
});

it('GIVEN no room for both THEN both are said', () => {
  const small = { pods: Cidr.parse('10.0.0.0/21'), subnet: Cidr.parse('172.19.0.0/28') };
  expect(planOf(free(4), small)).toEqual([
    'network.pods 10.0.0.0/21 has no room for the pod and service subnets of 4 regions with up to 4 nodes each. Use a larger network.pods, fewer regions or fewer nodes.',
    'The upper half of network.subnet 172.19.0.0/28 has no room for 4 address pools of 2 addresses. Use a larger network.subnet, fewer regions or a smaller loadBalancer.addressesPerRegion.',
  ]);
});
