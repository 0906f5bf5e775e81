import { listed } from '../../../lab/listed.ts';
import type { PairLine, PathFailure, VerifyEvent } from '../verify-event.ts';
import { counted, duration, fold, type Style, table } from './text.ts';

/** Most regions whose pairs are shown each by each. */
const MOST_IN_MATRIX = 12;

/** Who reaches whom, what does not, and what it comes to. @param columns of the terminal */
export function verifyLines(event: VerifyEvent, style: Style, columns = Infinity): string[] {
  const { pairs, failures, missing, seconds } = event;
  const { asked, ok } = triesOf(event);
  const verdict = event.ok
    ? `${style.good('✓')} ${counted(asked, 'path')} in ${duration(seconds)}, each as it should be`
    : `${style.bad('✗')} ${asked - ok} of ${counted(asked, 'path')} not as they should be, ${duration(seconds)}`;
  return [
    ...matrix(pairs, style, columns),
    '',
    ...missing.flatMap((node) => [`${style.bad('✗')} no probe is ready on ${node}: nothing was asked from there`, '']),
    ...failures.flatMap((failure) => [...failureLines(failure, style, columns), '']),
    verdict,
  ];
}

/** How many tries there were, and how many of them went as they should. */
export function triesOf({ pairs }: Pick<VerifyEvent, 'pairs'>): { readonly asked: number; readonly ok: number } {
  const paths = pairs.flatMap((pair) => pair.paths);
  return {
    asked: paths.reduce((sum, path) => sum + path.asked, 0),
    ok: paths.reduce((sum, path) => sum + path.ok, 0),
  };
}

/** Rows ask columns. Without colour a cell says the same: ✓ and the time of a pod's answer, `shut`, or what fails. */
function matrix(pairs: readonly PairLine[], style: Style, columns: number): string[] {
  const names = [...new Set(pairs.map(({ from }) => from))];
  const rows = names.map((name) => [name, ...pairs.filter(({ from }) => from === name).map(cellOf)]);
  const lines = table([['from \\ to', ...names], ...rows]);
  if (names.length > MOST_IN_MATRIX || lines.some(({ length }) => length > columns)) return counts(names, pairs, style);
  return lines.map((line, index) => (index === 0 ? style.bold(line) : line));
}

export function cellOf({ linked, paths, ok }: PairLine): string {
  const failed = paths.filter((path) => path.ok < path.asked).map(({ path }) => path);
  if (failed.length > 0) return `✗ ${failed.join(' ')}`;
  if (!ok) return '✗ no probe';
  if (!linked) return 'shut';
  const time = paths.find(({ milliseconds }) => milliseconds !== undefined)?.milliseconds;
  return time === undefined ? '✓' : `✓ ${time} ms`;
}

/** One row a region, where a square would not fit. */
function counts(names: readonly string[], pairs: readonly PairLine[], style: Style): string[] {
  const rows = names.map((name) => {
    const own = pairs.filter(({ from }) => from === name);
    const bad = own.filter(({ ok }) => !ok);
    return [name, `${own.length - bad.length}/${own.length}`, listed(bad.map(({ to }) => to))];
  });
  const [head = '', ...body] = table([['from', 'reaches', 'not as it should be'], ...rows]);
  return [style.bold(head), ...body];
}

function failureLines(failure: PathFailure, style: Style, columns: number): string[] {
  const { ways, fromNode, toNode, expected, seen, cause, look, count } = failure;
  const node = toNode === undefined ? `from ${fromNode}` : `from ${fromNode} to ${toNode}`;
  const rows = [
    ['paths', `${wayText(ways)} (${count === 1 ? 'once' : `${count} times`})`],
    ['expected', expected],
    ['seen', `${seen}, ${node}`],
    ['look', look],
  ] as const;
  return [
    `${style.bad('✗')} ${style.bold(cause)}`,
    ...rows.flatMap(([word, text]) => fold(`  ${word.padEnd(8)}  ${text}`, columns, 12)),
  ];
}

/** `region-a → region-b: pod mtu; region-b → region-a: pod` */
export const wayText = (ways: PathFailure['ways']): string =>
  ways.map(({ from, to, paths }) => `${from} → ${to}: ${paths.join(' ')}`).join('; ');

/** What is another one than in the round before; nothing where all is as it was. */
export function changedLines(before: VerifyEvent, now: VerifyEvent, style: Style, columns = Infinity): string[] {
  const key = ({ cause, ways }: PathFailure): string => JSON.stringify([cause, ways]);
  const known = new Set(before.failures.map(key));
  const causes = new Set(now.failures.map(({ cause }) => cause));
  const gone = now.missing.filter((node) => !before.missing.includes(node));
  return [
    ...gone.map((node) => `${style.bad('✗')} no probe is ready on ${node}`),
    ...now.failures
      .filter((failure) => !known.has(key(failure)))
      .flatMap((failure) => failureLines(failure, style, columns)),
    ...before.failures
      .filter(({ cause }) => !causes.has(cause))
      .map(({ cause }) => `${style.good('✓')} no more: ${cause}`),
    ...(now.ok && !before.ok ? [`${style.good('✓')} each path is as it should be`] : []),
  ];
}
