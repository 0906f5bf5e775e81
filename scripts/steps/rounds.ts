/**
 * Pairs of a row of members, in the order of a tournament: in each round nobody appears twice, and n members take n - 1
 * rounds, one more where n is odd (the circle method). Those who run pairs in this order, side by side, waste no turn.
 * @param pairs places in the row, the lower first, and whatever else
 */
export function inRounds<T extends readonly [number, number, ...unknown[]]>(pairs: readonly T[], members: number): T[] {
  const last = members + (members % 2) - 1;
  const round = ([one, other]: T): number => (other === last ? 2 * one : one + other) % last;
  return pairs.toSorted((a, b) => round(a) - round(b));
}
