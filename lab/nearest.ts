import { closest, distance } from 'fastest-levenshtein';

/** The candidate that `word` probably is a slip of: at most a third of its letters, and two at least, may differ. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  if (candidates.length === 0 || word.length > LONGEST_WORD) return undefined;
  const best = closest(word, candidates);
  return distance(word, best) <= Math.max(2, Math.floor(word.length / 3)) ? best : undefined;
}

/** Longer than any key or value that could be meant. */
const LONGEST_WORD = 64;

/** `nearest` for the first words that are asked for: of a thousand wrong ones nobody reads more. */
export function nearestFew(): typeof nearest {
  let left = 50;
  return (word, candidates) => (left-- > 0 ? nearest(word, candidates) : undefined);
}
