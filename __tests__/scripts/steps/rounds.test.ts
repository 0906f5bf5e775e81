import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inRounds } from '../../../scripts/steps/rounds.ts';

type Pair = readonly [number, number];

const places = (count: number): number[] => Array.from({ length: count }, (_, place) => place);

function pairsOf(list: readonly number[]): Pair[] {
  return list.flatMap((one, index) => list.slice(index + 1).map((other) => [one, other] as const));
}

/** Turns that pairs take in this order, each as early as both of its members are free. */
function turns(pairs: readonly Pair[]): number {
  const free = new Map<number, number>();
  return pairs.reduce((most, pair) => {
    const turn = Math.max(...pair.map((member) => free.get(member) ?? 0));
    for (const member of pair) free.set(member, turn + 1);
    return Math.max(most, turn + 1);
  }, 0);
}

describe('every pair in rounds', () => {
  it.each([
    { regions: 2, rounds: 1 },
    { regions: 3, rounds: 3 },
    { regions: 4, rounds: 3 },
    { regions: 5, rounds: 5 },
    { regions: 6, rounds: 5 },
    { regions: 10, rounds: 9 },
    { regions: 12, rounds: 11 },
    { regions: 24, rounds: 23 },
    { regions: 25, rounds: 25 },
  ])(
    'GIVEN $regions regions WHEN run in this order THEN $rounds turns, the fewest there can be',
    ({ regions, rounds }) => {
      expect(turns(inRounds(pairsOf(places(regions)), regions))).toBe(rounds);
    },
  );

  it('GIVEN any of the pairs WHEN ordered THEN each is there once, and more turns than for all pairs are never needed', () => {
    const some = fc
      .integer({ min: 2, max: 16 })
      .chain((members) => fc.tuple(fc.constant(members), fc.subarray(pairsOf(places(members)))));
    fc.assert(
      fc.property(some, ([members, pairs]) => {
        const ordered = inRounds(pairs, members);

        expect(new Set(ordered)).toEqual(new Set(pairs));
        expect(ordered).toHaveLength(pairs.length);
        expect(turns(ordered)).toBeLessThanOrEqual(members + (members % 2) - 1);
      }),
    );
  });
});
