import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rounds } from '../../../scripts/steps/rounds.ts';

type Pair = readonly [number, number];

const pair = fc.tuple(fc.nat(12), fc.nat(12)).filter(([one, other]) => one !== other);

function allPairs(count: number): Pair[] {
  return Array.from({ length: count }, (_, one) =>
    Array.from({ length: count - one - 1 }, (_, index): Pair => [one, one + index + 1]),
  ).flat();
}

describe('pairs in rounds', () => {
  it.each([
    { regions: 1, sorted: [] },
    { regions: 2, sorted: [[[0, 1]]] },
    { regions: 3, sorted: [[[0, 1]], [[0, 2]], [[1, 2]]] },
    {
      regions: 4,
      sorted: [
        [
          [0, 1],
          [2, 3],
        ],
        [
          [0, 2],
          [1, 3],
        ],
        [
          [0, 3],
          [1, 2],
        ],
      ],
    },
  ])('GIVEN every pair of $regions regions WHEN sorted THEN $sorted', ({ regions, sorted }) => {
    expect(rounds(allPairs(regions))).toEqual(sorted);
  });

  it('GIVEN any pairs WHEN sorted THEN nobody is in two of one round, and every pair is in exactly one', () => {
    fc.assert(
      fc.property(fc.array(pair), (pairs) => {
        const sorted = rounds<number>(pairs);

        for (const round of sorted) {
          const members = round.flat();
          expect(new Set(members).size).toBe(members.length);
        }
        expect(sorted.flat().toSorted(byText)).toEqual(pairs.toSorted(byText));
      }),
    );
  });
});

function byText(one: Pair, other: Pair): number {
  return one.join().localeCompare(other.join());
}
