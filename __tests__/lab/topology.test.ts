import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { labOf, refusalOf } from './lab-file.ts';

const three = 'name: lab\nregions:\n  - name: a\n  - name: b\n  - name: c\n';
const linksOf = (mesh: string): Record<string, readonly string[]> =>
  Object.fromEntries(labOf(`${three}mesh: ${mesh}\n`).regions.map(({ name, links }) => [name, links]));

describe('who is connected to whom', () => {
  it.each([
    { mesh: '{}', links: { a: ['b', 'c'], b: ['a', 'c'], c: ['a', 'b'] } },
    { mesh: '{ topology: full }', links: { a: ['b', 'c'], b: ['a', 'c'], c: ['a', 'b'] } },
    { mesh: '{ topology: hub }', links: { a: ['b', 'c'], b: ['a'], c: ['a'] } },
    { mesh: '{ topology: hub, hub: c }', links: { a: ['c'], b: ['c'], c: ['a', 'b'] } },
    { mesh: '{ pairs: [[c, b]] }', links: { a: [], b: ['c'], c: ['b'] } },
    { mesh: '{ pairs: [] }', links: { a: [], b: [], c: [] } },
  ])('GIVEN mesh: $mesh WHEN resolved THEN $links', ({ mesh, links }) => {
    expect(linksOf(mesh)).toEqual(links);
  });

  it('GIVEN any pairs THEN a link stands at both of its ends, and nowhere else', () => {
    const names = ['a', 'b', 'c'];
    const all = [
      ['a', 'b'],
      ['a', 'c'],
      ['b', 'c'],
    ] as const;
    const turned = fc.tuple(fc.subarray([...all]), fc.infiniteStream(fc.boolean()));
    fc.assert(
      fc.property(turned, ([pairs, turns]) => {
        const given = pairs.map(([one, other]) => (turns.next().value ? [other, one] : [one, other]));
        const links = linksOf(JSON.stringify({ pairs: given }));
        const isGiven = (one: string, other: string) =>
          given.some((pair: readonly string[]) => one !== other && pair.includes(one) && pair.includes(other));
        for (const one of names)
          for (const other of names) expect(links[one]?.includes(other)).toBe(isGiven(one, other));
      }),
      { numRuns: 30 },
    );
  });
});

describe('a topology that cannot be', () => {
  it.each([
    {
      mesh: '{ hub: a }',
      said: ['lab.yaml:6:9  mesh.hub a has no meaning without `topology: hub`. Add that, or remove mesh.hub.'],
    },
    {
      mesh: '{ topology: hub, hub: d }',
      said: ['lab.yaml:6:24  mesh.hub names d, which is no region of the lab. Did you mean a?'],
    },
    {
      mesh: '{ topology: hub, hub: rhodos }',
      said: ['lab.yaml:6:24  mesh.hub names rhodos, which is no region of the lab. Use one of a, b, c.'],
    },
    {
      mesh: '{ topology: hub, pairs: [[a, b]] }',
      said: [
        'lab.yaml:6:24  mesh.pairs says which regions are connected, and so does mesh.topology. Remove one of them.',
      ],
    },
    {
      mesh: '{ pairs: [[a, a], [a, b], [b, a], [a, crete]] }',
      said: [
        'lab.yaml:6:17  mesh.pairs[0] connects a to itself. Name two regions.',
        'lab.yaml:6:33  mesh.pairs[2] connects b and a, as mesh.pairs[1] does. Remove it.',
        'lab.yaml:6:45  mesh.pairs[3] names crete, which is no region of the lab. Use one of a, b, c.',
      ],
    },
  ])('GIVEN mesh: $mesh THEN $said', ({ mesh, said }) => {
    expect(refusalOf(`${three}mesh: ${mesh}\n`)).toEqual(said);
  });

  it('GIVEN a pair of three, and a topology that is none THEN each is told where it stands', () => {
    expect(refusalOf(`${three}mesh: { topology: ring, pairs: [[a, b, c]] }\n`)).toEqual([
      'lab.yaml:6:9  mesh.topology is "ring", which is none of full, hub. Choose one of them.',
      'lab.yaml:6:33  mesh.pairs[0] is no pair. Name two regions: [region-a, region-b].',
    ]);
  });
});
