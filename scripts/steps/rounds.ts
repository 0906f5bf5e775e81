/** Sorts pairs into rounds in which nobody appears twice, so that the pairs of a round can be handled at once. */
export function rounds<T>(pairs: readonly (readonly [T, T])[]): (readonly [T, T])[][] {
  const sorted: (readonly [T, T])[][] = [];
  for (const pair of pairs) {
    const free = sorted.find((round) => !round.flat().some((member) => pair.includes(member)));
    if (free === undefined) sorted.push([pair]);
    else free.push(pair);
  }
  return sorted;
}
