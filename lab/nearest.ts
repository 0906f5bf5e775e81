import { closest, distance } from 'fastest-levenshtein';

/** The candidate that `word` probably is a slip of: at most a third of its letters, and two at least, may differ. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  if (candidates.length === 0) return undefined;
  const best = closest(word, candidates);
  return distance(word, best) <= Math.max(2, Math.floor(word.length / 3)) ? best : undefined;
}
