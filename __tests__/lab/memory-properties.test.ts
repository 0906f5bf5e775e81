import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { KnownAddresses } from '../../lab/addresses.ts';
import { IpRange, overlap } from '../../lab/cidr.ts';
import type { Memory } from '../../lab/memory.ts';
import { addressKeys, labOfRaw, lines, memoryOf, type RawLab, type RawRegion, resolveRaw, spelled } from './raw-lab.ts';

/** A change of lab.yaml. */
type Edit = (raw: RawLab) => RawLab;

/** An edit of the region at that place, counted modulo their number. */
const ofRegion = (place: number, change: (region: RawRegion) => RawRegion): Edit => {
  return (raw) => ({
    ...raw,
    regions: raw.regions.map((region, index) => (index === place % raw.regions.length ? change(region) : region)),
  });
};
/** A name that is new, or that of a region that went, every time. */
const name = fc.integer({ min: 0, max: 30 }).map((number) => `r${number}`);
const place = fc.nat({ max: 40 });

const edits = {
  add: fc.tuple(place, name, fc.integer({ min: 0, max: 3 })).map(([at, newName, workers]): Edit => (raw) => ({
    ...raw,
    regions: raw.regions.toSpliced(at % (raw.regions.length + 1), 0, { name: newName, workers }),
  })),
  remove: place.map((at): Edit => (raw) => ({
    ...raw,
    regions: raw.regions.toSpliced(at % raw.regions.length, 1),
  })),
  move: fc.tuple(place, place).map(([from, to]): Edit => (raw) => {
    const [region] = raw.regions.slice(from % raw.regions.length);
    const others = raw.regions.filter((other) => other !== region);
    return region === undefined ? raw : { ...raw, regions: others.toSpliced(to % raw.regions.length, 0, region) };
  }),
  rename: fc.tuple(place, name).map(([at, newName]) => ofRegion(at, (region) => ({ ...region, name: newName }))),
  workers: fc
    .tuple(place, fc.integer({ min: 0, max: 9 }))
    .map(([at, workers]) => ofRegion(at, (region) => ({ ...region, workers }))),
  leaveOut: fc
    .tuple(place, fc.constantFrom(...addressKeys))
    .map(([at, key]) => ofRegion(at, (region) => ({ ...region, [key]: undefined }))),
  stack: fc.constantFrom('article', 'current').map((stack): Edit => (raw) => ({ ...raw, stack })),
};

const give = (pick: (number: number) => Partial<RawRegion>, max: number) =>
  fc.tuple(place, fc.nat({ max })).map(([at, number]) => ofRegion(at, (region) => ({ ...region, ...pick(number) })));

/** Gives a region addresses where nothing is allocated to a lab of this size. */
const giveAside = fc.oneof(
  give((number) => ({ id: 100 + number }), 60),
  give((number) => ({ podSubnet: `10.${100 + number}.0.0/18` }), 60),
  give((number) => ({ serviceSubnet: `10.${100 + number}.128.0/20` }), 60),
  give((number) => ({ pool: `172.19.${160 + number}.7-172.19.${160 + number}.${60 + number}` }), 60),
);

/** Gives a region addresses that others may well have. */
const giveAnything = fc.oneof(
  give((number) => ({ id: number + 1 }), 8),
  give((number) => ({ podSubnet: `10.${number}.0.0/16` }), 16),
  give((number) => ({ serviceSubnet: `10.0.${number}.0/24` }), 63),
  give((number) => ({ pool: `172.19.${255 - number}.50-172.19.${255 - number}.150` }), 4),
);

const otherNetwork = fc
  .record({
    subnet: fc.constantFrom('172.19.0.0/16', '172.19.0.0/16', '172.31.0.0/16', '10.3.0.0/16'),
    pods: fc.constantFrom('10.0.0.0/8', '10.0.0.0/8', '10.0.0.0/13', '10.0.0.0/14', '10.4.0.0/14', '10.0.0.0/17'),
  })
  .map((changed): Edit => (raw) => ({ ...raw, network: changed }));
const poolSize = (...sizes: (number | undefined)[]) =>
  fc
    .constantFrom(...sizes)
    .map((addressesPerRegion): Edit => (raw) => ({ ...raw, loadBalancer: { addressesPerRegion } }));
const anything = [giveAnything, otherNetwork, poolSize(undefined, 2, 50, 100, 120, 250, 5000)];

const sequence = (...more: fc.Arbitrary<Edit>[]) =>
  fc.array(fc.oneof({ arbitrary: edits.add, weight: 3 }, ...Object.values(edits), ...more), {
    minLength: 1,
    maxLength: 20,
  });

/** Every lab of a history that lab.yaml is not refused for, with the one before it. */
function* history(changes: readonly Edit[], network: RawLab['network'] = {}) {
  let raw: RawLab = { regions: [{ name: 'r0', workers: 1 }], network };
  let lab = labOfRaw(raw);
  for (const change of changes) {
    const next = change(raw);
    if (next.regions.length === 0) continue;
    const former = { raw, lab, memory: memoryOf(lab) };
    const result = resolveRaw(next, former.memory);
    if ('problems' in result) continue;
    yield { raw: next, lab: result.lab, former };
    raw = next;
    lab = result.lab;
  }
}

/** Each address of a lab: `r3 pool`, as it is, as lab.yaml gives it, as it was. */
function* addresses({ raw, lab, memory }: { raw: RawLab; lab: ReturnType<typeof labOfRaw>; memory: Memory }) {
  for (const [index, region] of lab.regions.entries())
    for (const key of addressKeys)
      yield {
        index,
        key,
        name: `${region.name} ${key}`,
        is: spelled(region, key),
        given: raw.regions[index]?.[key],
        was: spelled(memory.get(region.name), key),
      };
}

it('GIVEN any edits of regions in a lab with room THEN no region that stays changes an address', () => {
  let steps = 0;
  fc.assert(
    fc.property(sequence(giveAside), (changes) => {
      for (const { raw, lab, former } of history(changes)) {
        steps++;
        for (const { name: what, is, given, was } of addresses({ raw, lab, memory: former.memory })) {
          // addresses are kept for the life of a region, also those that lab.yaml gave once and gives no longer
          if (was !== undefined || given !== undefined) expect(`${what} ${is}`).toBe(`${what} ${given ?? was}`);
        }
      }
    }),
    { numRuns: 100 },
  );
  expect(steps).toBeGreaterThan(300);
});

/**
 * The lab with all that it could give of what its regions had: beside what it does give, and beside what the regions before
 * in the list keep.
 */
function withAllThatFits(raw: RawLab, memory: Memory): RawLab {
  let lab = raw;
  for (const [index, { name: region, ...given }] of raw.regions.entries()) {
    for (const key of addressKeys.filter((each) => given[each] === undefined)) {
      const next = ofRegion(index, (each) => ({ ...each, [key]: spelled(memory.get(region), key) }))(lab);
      if (problemsOf(next).every(isAboutRoom)) lab = next;
    }
  }
  return lab;
}

const problemsOf = (raw: RawLab) => {
  const result = resolveRaw(raw);
  return 'problems' in result ? result.problems.map(({ path }) => path.join('.')) : [];
};
const isAboutRoom = (path: string) => ['network.pods', 'network.subnet'].includes(path);

it('GIVEN any edits of regions THEN what lab.yaml could give as well is kept, wherever the lab that gives it has room', () => {
  const steps = { room: 0, none: 0 };
  const small = fc.record({
    pods: fc.constantFrom('10.0.0.0/8', '10.0.0.0/14', '10.0.0.0/18'),
    subnet: fc.constantFrom('172.19.0.0/16', '172.19.240.0/20', '172.19.255.0/24', '172.19.255.224/27'),
  });
  fc.assert(
    fc.property(sequence(giveAnything), small, (changes, network) => {
      for (const { raw, lab, former } of history(changes, network)) {
        const fitting = withAllThatFits(raw, former.memory);
        const problems = problemsOf(fitting);
        for (const { index, key, name: what, is } of addresses({ raw, lab, memory: former.memory })) {
          const kept = fitting.regions[index]?.[key];
          const hasRoom = key === 'id' || !problems.includes(key === 'pool' ? 'network.subnet' : 'network.pods');
          if (kept !== undefined && hasRoom) expect(`${what} ${is}`).toBe(`${what} ${kept}`);
          steps[hasRoom ? 'room' : 'none']++;
        }
      }
    }),
    { numRuns: 100 },
  );
  // the property says nothing where there never is room, and little where there always is
  expect(Math.min(steps.room, steps.none)).toBeGreaterThan(20);
});

it('GIVEN any edits THEN nothing overlaps: the plan, written out in lab.yaml, is a lab too, and the same', () => {
  fc.assert(
    fc.property(sequence(...anything), (changes) => {
      for (const { raw, lab } of history(changes)) {
        const written = lab.regions.map((region, index) => ({
          ...raw.regions[index],
          ...Object.fromEntries(addressKeys.map((key) => [key, spelled(region, key)])),
        })) as RawRegion[];
        expect(lines(labOfRaw({ ...raw, regions: written }))).toEqual(lines(lab));
      }
    }),
    { numRuns: 100 },
  );
});

it('GIVEN any edits THEN synth has nothing to change the second time, however the memory is ordered', () => {
  fc.assert(
    fc.property(sequence(...anything), (changes) => {
      for (const { raw, lab, former } of history(changes)) {
        expect(lines(labOfRaw(raw, memoryOf(lab)))).toEqual(lines(lab));
        expect(lines(labOfRaw(raw, new Map([...former.memory].reverse())))).toEqual(lines(lab));
      }
    }),
    { numRuns: 100 },
  );
});

it('GIVEN pools of other sizes in a lab with room THEN none ever gets an address that another region had', () => {
  const pool = (known: KnownAddresses | undefined) => known?.pool ?? IpRange.parse('0.0.0.0-0.0.0.0');
  fc.assert(
    fc.property(sequence(poolSize(undefined, 2, 50, 100, 120, 250)), (changes) => {
      for (const { lab, former } of history(changes)) {
        for (const region of lab.regions) {
          const others = lab.regions.filter(({ name: other }) => other !== region.name);
          const robbed = others.filter(({ name: other }) => overlap(pool(former.memory.get(other)), region.pool));
          expect(robbed).toEqual([]);
        }
      }
    }),
    { numRuns: 100 },
  );
});

it('GIVEN a memory of other regions alone THEN it is as if there were none', () => {
  const strangers = memoryOf(labOfRaw({ regions: [{ name: 'x' }, { name: 'y', id: 1 }] }));
  fc.assert(
    fc.property(sequence(...anything), (changes) => {
      for (const { raw } of history(changes)) {
        const [plain, around] = [resolveRaw(raw), resolveRaw(raw, strangers)];
        expect('lab' in around ? lines(around.lab) : around).toEqual('lab' in plain ? lines(plain.lab) : plain);
      }
    }),
    { numRuns: 100 },
  );
});

it.each([
  { remembered: 100, room: true },
  { remembered: 255, room: false },
])(
  '511 regions resolve around a memory of $remembered of them within two seconds of the processor; room: $room',
  ({ remembered, room }) => {
    const named = (count: number) =>
      Array.from({ length: count }, (_, index) => ({ name: `r${2 * index}`, workers: 1 }));
    const memory = memoryOf(labOfRaw({ stack: 'current', regions: named(remembered) }));
    const start = process.cpuUsage();
    const { regions } = labOfRaw({ stack: 'current', regions: named(511).reverse() }, memory);
    // not of the clock: the machine may have other things to do
    expect(process.cpuUsage(start).user).toBeLessThan(2_000_000);
    const kept = regions.filter(
      ({ name: each, podSubnet }) => String(memory.get(each)?.podSubnet) === String(podSubnet),
    );
    expect(kept.length === remembered).toBe(room);
  },
);
