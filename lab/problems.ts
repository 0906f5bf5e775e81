import { oneLine, shown } from './shown.ts';

/** Keys and indices from the root of lab.yaml to a value: `['regions', 0, 'podSubnet']`. */
export type Path = readonly (string | number)[];

/** Something that lab.yaml gets wrong: where, and a message with the value and the remedy. */
export interface Problem {
  readonly path: Path;
  readonly message: string;
}

/** A problem with its place in the file; lines and columns count from 1. Without a place it concerns the whole file. */
export interface LocatedProblem extends Problem {
  readonly line?: number;
  readonly column?: number;
}

/** How many problems a message tells; a person mends no more at once. */
const MOST_TOLD = 20;

/**
 * A lab file that cannot be used. The message has one line per problem, `lab.yaml:7:5  what is wrong and what to do`, at
 * most 20 of them and then how many more there are.
 */
export class LabError extends Error {
  override readonly name = 'LabError';

  /** All problems of the file, in its order, told or not. */
  readonly problems: readonly LocatedProblem[];

  constructor(
    readonly file: string,
    problems: readonly LocatedProblem[],
  ) {
    const ordered = problems.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
    const told = ordered.slice(0, MOST_TOLD).map((problem) => `${placeOf(file, problem)}  ${oneLine(problem.message)}`);
    const more = ordered.length - told.length;
    super([...told, ...(more > 0 ? [`and ${more} more. Mend these first.`] : [])].join('\n'));
    this.problems = ordered;
  }
}

function placeOf(file: string, { line, column }: LocatedProblem): string {
  return line === undefined || column === undefined ? file : `${file}:${line}:${column}`;
}

/** Whether `path` lies at or below `root`. */
export function isWithin(path: Path, root: Path): boolean {
  return root.every((step, index) => path[index] === step);
}

/** `regions[0].podSubnet`, as people write it. */
export function pathText(path: Path): string {
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${shown(step)}`))
    .join('')
    .replace(/^\./, '');
}
