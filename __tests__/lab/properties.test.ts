import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Lab } from '../../lab/lab.ts';
import { resolveLab } from '../../lab/resolve.ts';
import { labSchema } from '../../lab/schema.ts';

// Everything here is computed from the text of lab.yaml and of the plan, not by lab/cidr.ts.

interface RawRegion {
  name: string;
  id?: number | undefined;
  podSubnet?: string | undefined;
  serviceSubnet?: string | undefined;
  pool?: string | undefined;
  workers: number;
  controlPlanes: number;
}
interface RawLab {
  name: string;
  stack: string;
  regions: RawRegion[];
  network: { subnet: string; pods: string };
  loadBalancer: { addressesPerRegion?: number | undefined };
}

const text = (value: number) => [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
const number = (address: string) => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

/** First and last address of `a.b.c.d/p` or `a.b.c.d-e.f.g.h`. */
function bounds(span: string): readonly [number, number] {
  const [first = '', rest = ''] = span.split(/[/-]/);
  return span.includes('/')
    ? [number(first), number(first) + 2 ** (32 - Number(rest)) - 1]
    : [number(first), number(rest)];
}

const share = (a: string, b: string) => bounds(a)[0] <= bounds(b)[1] && bounds(b)[0] <= bounds(a)[1];
const isWithin = (inner: string, outer: string) =>
  bounds(outer)[0] <= bounds(inner)[0] && bounds(inner)[1] <= bounds(outer)[1];

/** Pairs of spans that share addresses, at least one where there are any. */
function pairsThatShare(spans: readonly string[]): string[] {
  const sorted = spans.map((span) => ({ span, last: bounds(span)[1], first: bounds(span)[0] }));
  sorted.sort((a, b) => a.first - b.first || a.last - b.last);
  return sorted.flatMap((a, index) => {
    const b = sorted[index + 1];
    return b !== undefined && b.first <= a.last ? [`${a.span} and ${b.span}`] : [];
  });
}

/** Given once in four times. */
const seldom = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });

/** A subnet of that prefix length within `base/bits`, host bits clear. */
const subnetIn = (base: string, bits: number, min: number, max: number) =>
  fc
    .record({ prefix: fc.integer({ min, max }), at: fc.double({ min: 0, max: 0.999999, noNaN: true }) })
    .map(({ prefix, at }) => {
      const index = Math.floor(at * 2 ** (prefix - bits));
      return `${text(number(base) + index * 2 ** (32 - prefix))}/${prefix}`;
    });

/** A pool in the upper half of 172.19.0.0/16, or a little outside. */
const pool = fc
  .record({ first: fc.integer({ min: -400, max: 2 ** 15 + 200 }), size: fc.integer({ min: 1, max: 600 }) })
  .map(({ first, size }) => {
    const start = number('172.19.128.0') + first;
    return `${text(start)}-${text(start + size - 1)}`;
  });

const rawLab: fc.Arbitrary<RawLab> = fc
  .record({
    stack: fc.constantFrom('article', 'current'),
    regions: fc.array(
      fc.record({
        id: seldom(fc.integer({ min: 1, max: 12 })),
        podSubnet: seldom(subnetIn('10.0.0.0', 8, 12, 22)),
        serviceSubnet: seldom(fc.oneof(subnetIn('10.0.0.0', 8, 12, 28), subnetIn('172.16.0.0', 12, 16, 24))),
        pool: seldom(pool),
        workers: fc.integer({ min: 0, max: 3 }),
        controlPlanes: fc.constantFrom(1, 1, 1, 1, 1, 1, 3),
      }),
      { minLength: 1, maxLength: 8 },
    ),
    subnet: fc.constantFrom('172.19.0.0/16', '172.19.128.0/17', '10.4.0.0/16', '10.0.0.0/12', '192.168.7.0/25'),
    pods: fc.constantFrom('10.0.0.0/8', '10.0.0.0/8', '10.0.0.0/12', '10.0.0.0/16'),
    addressesPerRegion: fc.option(fc.integer({ min: 2, max: 700 }), { nil: undefined }),
  })
  .map(({ stack, regions, subnet, pods, addressesPerRegion }) => ({
    name: 'lab',
    stack,
    regions: regions.map((region, index) => ({ name: `r${index}`, ...region })),
    network: { subnet, pods },
    loadBalancer: { addressesPerRegion },
  }));

const resolve = (raw: RawLab) => resolveLab(labSchema.parse(raw));

function labFor(raw: RawLab): Lab {
  const result = resolve(raw);
  if ('problems' in result) throw new Error(result.problems.map(({ message }) => message).join('\n'));
  return result.lab;
}

/** Everything that an accepted lab promises; an empty list when all of it holds. */
function brokenPromises(raw: RawLab, lab: Lab): readonly string[] {
  const { regions, network } = lab;
  const subnets = regions.flatMap(({ podSubnet, serviceSubnet }) => [String(podSubnet), String(serviceSubnet)]);
  const pools = regions.map(({ pool: range }) => String(range));
  const subnet = String(network.subnet);
  const broadcast = text(bounds(subnet)[1]);
  const containers = regions.reduce((sum, { nodes }) => sum + nodes.length, 0);
  const kept = raw.regions.every((given, index) =>
    (['id', 'podSubnet', 'serviceSubnet', 'pool'] as const).every(
      (key) => given[key] === undefined || String(given[key]) === String(regions[index]?.[key]),
    ),
  );
  return [
    ...pairsThatShare([...subnets, subnet]),
    ...pairsThatShare([raw.network.pods, subnet]),
    ...pairsThatShare([...pools, String(network.nodeRange), `${broadcast}-${broadcast}`]),
    ...pools.filter((range) => !isWithin(range, subnet)),
    ...regions.filter(({ podSubnet }) => !isWithin(String(podSubnet), raw.network.pods)).map(({ name }) => name),
    ...regions
      .filter(({ podSubnet, nodes }) => 2 ** (24 - podSubnet.prefix) < nodes.length)
      .map(({ name }) => `${name}: too many nodes`),
    ...(new Set(regions.map(({ id }) => id)).size === regions.length ? [] : ['ids']),
    ...(new Set(regions.flatMap(({ nodes }) => nodes)).size === containers ? [] : ['node names']),
    ...(containers <= 2 ** (31 - network.subnet.prefix) - 2 ? [] : ['nodes']),
    ...(kept ? [] : ['given']),
  ];
}

describe('every accepted lab', () => {
  it('has no overlap, unique ids and nodes, covered pod subnets, and what was given', () => {
    let accepted = 0;
    fc.assert(
      fc.property(rawLab, (raw) => {
        const result = resolve(raw);
        if ('problems' in result) return;
        accepted++;
        expect(brokenPromises(raw, result.lab)).toEqual([]);
      }),
      { numRuns: 500 },
    );
    // the property says nothing where nothing is accepted
    expect(accepted).toBeGreaterThan(20);
  });

  it('is there for 1 to 511 regions with the defaults', () => {
    // all small ones, those beside a power of two, and some between
    const near = [32, 64, 128, 256, 512].flatMap((power) => [power - 1, power, power + 1]);
    const between = Array.from({ length: 13 }, (_, index) => 40 * index + 25);
    const counts = [...Array.from({ length: 24 }, (_, index) => index + 1), ...near, ...between];
    for (const count of counts.filter((each) => each <= 511)) {
      const raw: RawLab = {
        name: 'lab',
        stack: 'current',
        regions: Array.from({ length: count }, (_, index) => ({ name: `r${index}`, workers: 3, controlPlanes: 1 })),
        network: { subnet: '172.19.0.0/16', pods: '10.0.0.0/8' },
        loadBalancer: {},
      };
      const lab = labFor(raw);
      expect(brokenPromises(raw, lab)).toEqual([]);
      expect(lab.regions.map(({ id }) => id)).toEqual(raw.regions.map((_, index) => index + 1));
      expect(lab.maxConnectedClusters).toBe(count > 255 ? 511 : 255);
    }
  }, 60_000);
});

describe('every refusal is right', () => {
  it('overlaps are told exactly where there are some', () => {
    fc.assert(
      fc.property(rawLab, (raw) => {
        const result = resolve(raw);
        const told = 'problems' in result ? result.problems.map(({ message }) => message) : [];
        const given = (key: 'podSubnet' | 'serviceSubnet' | 'pool') =>
          raw.regions.flatMap((region) => region[key] ?? []);
        const overlapping = [
          ...pairsThatShare([raw.network.subnet, ...given('podSubnet'), ...given('serviceSubnet')]),
          ...pairsThatShare(given('pool')),
        ];
        expect(told.some((message) => message.includes('Change one of them'))).toBe(overlapping.length > 0);
        expect(told.some((message) => message.includes('the native routing CIDR, so pods'))).toBe(
          share(raw.network.subnet, raw.network.pods),
        );
        for (const [, a = '', b = ''] of told.flatMap((message) => [...message.matchAll(TWO_OWNERS)])) {
          expect(share(a, b), `${a} and ${b}`).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('GIVEN addresses that fit THEN they are not refused', () => {
    fc.assert(
      fc.property(rawLab, (raw) => {
        fc.pre(!('problems' in resolve(raw)));
        const { regions } = labFor(raw);
        // the plan, written out in lab.yaml, is a lab too: the same one
        const spelled = {
          ...raw,
          regions: raw.regions.map((region, index) => ({
            ...region,
            id: regions[index]?.id,
            podSubnet: regions[index]?.podSubnet.toString(),
            serviceSubnet: regions[index]?.serviceSubnet.toString(),
            pool: regions[index]?.pool.toString(),
          })),
        };
        expect(labFor(spelled).regions).toEqual(regions);
      }),
      { numRuns: 20 },
    );
  });
});

const TWO_OWNERS = /(\S+) overlaps .*? (\S+)\. Change/g;

describe('appending a region', () => {
  /** Regions that leave plenty of room, so that no block must shrink. */
  const roomy = fc.array(
    fc.record(
      {
        id: fc.integer({ min: 1, max: 20 }),
        podSubnet: subnetIn('10.0.0.0', 12, 20, 22),
        serviceSubnet: subnetIn('10.16.0.0', 12, 20, 28),
        workers: fc.constant(1),
        controlPlanes: fc.constant(1),
      },
      { requiredKeys: ['workers', 'controlPlanes'] },
    ),
    { minLength: 1, maxLength: 12 },
  );

  it('changes nothing of the others', () => {
    fc.assert(
      fc.property(roomy, fc.integer({ min: 1, max: 20 }), (given, more) => {
        const lab = (count: number): RawLab => ({
          name: 'lab',
          stack: 'article',
          regions: [...given, ...Array.from({ length: count }, () => ({ workers: 1, controlPlanes: 1 }))].map(
            (region, index) => ({ name: `r${index}`, ...region }),
          ),
          network: { subnet: '172.19.0.0/16', pods: '10.0.0.0/8' },
          loadBalancer: {},
        });
        fc.pre(!('problems' in resolve(lab(0))));
        const [before, after] = [labFor(lab(0)).regions, labFor(lab(more)).regions];
        const kept = after.slice(0, given.length);
        expect(kept.map((region, index) => ({ ...region, links: before[index]?.links }))).toEqual(before);
        // but that each has a link to the new ones too
        expect(kept.map(({ links }) => links.length)).toEqual(kept.map(() => after.length - 1));
      }),
      { numRuns: 200 },
    );
  });
});

it('511 regions resolve in well under a second', () => {
  const regions = Array.from({ length: 511 }, (_, index) => ({ name: `r${index}`, workers: 1, controlPlanes: 1 }));
  const raw = { name: 'lab', stack: 'current', regions, network: { subnet: '172.19.0.0/16', pods: '10.0.0.0/8' } };
  const start = process.cpuUsage();
  labFor({ ...raw, loadBalancer: {} });
  expect(process.cpuUsage(start).user).toBeLessThan(500_000);
});
