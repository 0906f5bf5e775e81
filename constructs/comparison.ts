import { join } from 'node:path';

/** How synthesized files differ from what lies in the output folder; paths below it, sorted. */
export interface Comparison {
  readonly changed: readonly string[];
  readonly added: readonly string[];
  /** Files that synth wrote once and would not write today: those of regions that are gone. */
  readonly removed: readonly string[];
}

/** Whether nothing differs. */
export function isSame({ changed, added, removed }: Comparison): boolean {
  return changed.length + added.length + removed.length === 0;
}

/** What `--check` says: that the folder is up to date, or every file that synth would touch, one a line. */
export function checkText(out: string, comparison: Comparison): string {
  if (isSame(comparison)) return `${join(out, '/')} is up to date`;
  return [
    `${join(out, '/')} is not what synth would write:`,
    ...comparison.changed.map((path) => `  would change ${path}`),
    ...comparison.added.map((path) => `  would add ${path}`),
    ...comparison.removed.map((path) => `  would remove ${path}`),
  ].join('\n');
}

/**
 * What synth says when it has written, in one line: `dist/: 2 regions, 8 files (1 changed: region-hurup/kind.yaml)`.
 *
 * @param paths of all synthesized files
 */
export function writtenText(out: string, paths: Iterable<string>, comparison: Comparison): string {
  const all = [...paths];
  const regions = new Set(all.map((path) => path.split('/')[0]));
  const { changed, added, removed } = comparison;
  const differences = [...some('changed', changed), ...some('added', added), ...some('removed', removed)];
  const what = differences.length === 0 ? 'unchanged' : differences.join('; ');
  return `${join(out, '/')}: ${count(regions.size, 'region')}, ${count(all.length, 'file')} (${what})`;
}

/** The number, and the first two by name; nothing for none. */
function some(word: string, paths: readonly string[]): string[] {
  if (paths.length === 0) return [];
  return [`${paths.length} ${word}: ${paths.slice(0, 2).join(', ')}${paths.length > 2 ? ', …' : ''}`];
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
