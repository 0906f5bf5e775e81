import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Region } from '../../../lab/lab.ts';
import { isFullMesh, type Link, linksAmong, neighbours, starsOf } from '../../../scripts/steps/pairs.ts';
import { athens, fullMesh } from '../fixtures.ts';

/** Regions with these names, connected by these pairs: `a-b`. */
function regionsOf(names: string, pairs: readonly string[]): Region[] {
  const isLinked = (one: string, other: string) =>
    pairs.includes(`${one}-${other}`) || pairs.includes(`${other}-${one}`);
  const all = Array.from(names);
  return all.map((name) => athens({ name, links: all.filter((other) => isLinked(name, other)) }));
}

const named = (links: readonly Link[]): string[] => links.map(([one, other]) => `${one.name}-${other.name}`);

/** Some regions, and any of the pairs of them. */
const graphs = fc.integer({ min: 1, max: 8 }).chain((count) => {
  const names = Array.from('abcdefgh'.slice(0, count));
  const all = names.flatMap((one, index) => names.slice(index + 1).map((other) => `${one}-${other}`));
  return fc.subarray(all).map((pairs) => ({ pairs, regions: regionsOf(names.join(''), pairs) }));
});

describe('links', () => {
  it('GIVEN any graph THEN each of its links is there once, the earlier region first', () => {
    fc.assert(
      fc.property(graphs, ({ pairs, regions }) => {
        expect(named(linksAmong(regions))).toEqual(pairs);
        expect(isFullMesh(regions)).toBe(pairs.length === (regions.length * (regions.length - 1)) / 2);
      }),
    );
  });

  it('GIVEN some regions of a lab THEN the links between them alone', () => {
    const [a, , c] = fullMesh(regionsOf('abc', []));
    expect(named(linksAmong([a, c].filter((region) => region !== undefined)))).toEqual(['a-c']);
  });
});

describe('stars', () => {
  const starred = (regions: readonly Region[]) =>
    starsOf(linksAmong(regions)).map(
      ([centre, remotes]) => `${centre.name}: ${remotes.map(({ name }) => name).join(' ')}`,
    );

  it.each([
    { graph: 'a hub', names: 'abcd', pairs: ['a-c', 'b-c', 'c-d'], stars: ['c: a b d'] },
    { graph: 'a line', names: 'abcd', pairs: ['a-b', 'b-c', 'c-d'], stars: ['b: a c', 'c: d'] },
    { graph: 'two pairs', names: 'abcd', pairs: ['a-b', 'c-d'], stars: ['a: b', 'c: d'] },
    { graph: 'nothing', names: 'ab', pairs: [], stars: [] },
  ])('GIVEN $graph THEN $stars', ({ names, pairs, stars }) => {
    expect(starred(regionsOf(names, pairs))).toEqual(stars);
  });

  it('GIVEN any graph THEN the stars have each link once', () => {
    fc.assert(
      fc.property(graphs, ({ pairs, regions }) => {
        const links = starsOf(linksAmong(regions)).flatMap(([centre, remotes]) =>
          remotes.map(({ name }) => [centre.name, name].toSorted().join('-')),
        );
        expect(links.toSorted()).toEqual(pairs.toSorted());
      }),
    );
  });
});

describe('neighbours', () => {
  it.each([
    {
      graph: 'a full mesh',
      names: 'abcd',
      pairs: ['a-b', 'a-c', 'a-d', 'b-c', 'b-d', 'c-d'],
      chosen: ['a-b', 'b-c', 'c-d'],
    },
    { graph: 'a hub in front', names: 'abc', pairs: ['a-b', 'a-c'], chosen: ['a-b', 'a-c'] },
    { graph: 'a hub behind', names: 'abc', pairs: ['a-c', 'b-c'], chosen: ['a-c', 'b-c'] },
    { graph: 'a region without links', names: 'abc', pairs: ['a-c'], chosen: ['a-c'] },
  ])('GIVEN $graph THEN $chosen', ({ names, pairs, chosen }) => {
    expect(named(neighbours(regionsOf(names, pairs)))).toEqual(chosen);
  });

  it('GIVEN any graph THEN every region that has a link is seen from another one, by fewer links than regions', () => {
    fc.assert(
      fc.property(graphs, ({ regions }) => {
        const chosen = neighbours(regions);
        for (const region of regions)
          expect(chosen.some((link) => link.includes(region))).toBe(region.links.length > 0);
        expect(chosen.length).toBeLessThanOrEqual(Math.max(0, regions.length - 1));
      }),
    );
  });
});
