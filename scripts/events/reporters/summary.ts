import type { FinishedEvent, Timing } from '../events.ts';
import { counted, duration, fold, type Style, table } from './text.ts';

/**
 * How long each step took, one column a region where they fit, the critical path marked; and what bounded the whole.
 * @param regions in the order of their columns; that of the lab comes first
 * @param columns of the terminal, at which sentences are folded, and which the table keeps to
 */
export function summaryLines(
  { at, outcome, ran, skipped, timings, criticalPath }: FinishedEvent,
  regions: readonly string[],
  style: Style,
  columns = Infinity,
): string[] {
  if (ran === 0) return [];
  const verdict = outcome === 'done' ? style.good('done') : style.bad('not done');
  // the last look alone needs no table
  const isLook = timings.every(({ step }) => step === 'verify');
  const times =
    criticalPath.length === 0 || isLook
      ? []
      : ['', ...timingTable(timings, criticalPath, regions, columns), '', ...fold(bounds(criticalPath), columns, 2)];
  return [...times, '', `${verdict} in ${duration(at)}: ${counted(ran, 'step')} run, ${skipped} skipped`];
}

/** The fullest table that fits: a column a region, or the slowest region of each step, or that without its last column. */
function timingTable(
  ...[timings, criticalPath, regions, columns]: [...Parameters<typeof timingRows>, number]
): string[] {
  const slowest = slowestRows(timings, criticalPath);
  const shortest = table(slowest.map((row) => row.slice(0, 3)));
  const fuller = [timingRows(timings, criticalPath, regions), slowest].map((rows) => table(rows));
  return fuller.find((lines) => lines.every(({ length }) => length <= columns)) ?? shortest;
}

/** Names a region once for all of its steps in a row: `network → region-hurup: cluster, load → connect`. */
function bounds(criticalPath: readonly string[]): string {
  const parts: { region: string | undefined; steps: string[] }[] = [];
  for (const id of criticalPath) {
    const [region, step] = id.includes('/') ? (id.split('/') as [string, string]) : [undefined, id];
    const last = parts.at(-1);
    if (last !== undefined && last.region === region) last.steps.push(step);
    else parts.push({ region, steps: [step] });
  }
  const text = parts.map(({ region, steps }) => (region === undefined ? '' : `${region}: `) + steps.join(', '));
  return `* on the critical path: ${text.join(' → ')}`;
}

/** Most places that have a column each. */
const mostColumns = 6;

/** One row a step, one column a place: the lab, then the regions. The critical path is marked by `*`. */
export function timingRows(
  timings: readonly Timing[],
  criticalPath: readonly string[],
  regions: readonly string[],
): string[][] {
  const steps = [...new Set(timings.map(({ step }) => step))];
  const known = new Set(timings.map(({ region }) => region ?? 'lab'));
  const places = [...new Set(['lab', ...regions, ...known])].filter((where) => known.has(where));
  const cell = (step: string, where: string): string => {
    const timing = timings.find((each) => each.step === step && (each.region ?? 'lab') === where);
    if (timing === undefined) return '';
    return timeOf(timing, criticalPath);
  };
  // many regions: one row each would be a wall of columns, so the slowest region of each step stands for all
  if (places.length > mostColumns) return slowestRows(timings, criticalPath);
  return [['', ...places], ...steps.map((step) => [step, ...places.map((where) => cell(step, where))])];
}

/** `1 min 5 s *`: it is on the critical path. */
function timeOf({ id, from, to }: Timing, criticalPath: readonly string[]): string {
  return `${duration(to - from)}${criticalPath.includes(id) ? ' *' : ''}`;
}

function slowestRows(timings: readonly Timing[], criticalPath: readonly string[]): string[][] {
  const steps = [...new Set(timings.map(({ step }) => step))];
  return steps.map((step) => {
    const all = timings.filter((timing) => timing.step === step).sort((a, b) => b.to - b.from - (a.to - a.from));
    const [slowest] = all;
    if (slowest === undefined) return [step];
    return [step, timeOf(slowest, criticalPath), slowest.region ?? 'lab', `slowest of ${all.length}`];
  });
}
