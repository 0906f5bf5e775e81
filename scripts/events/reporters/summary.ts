import type { DriverEvent, Timing } from '../events.ts';
import { counted, duration, type Style, table } from './text.ts';

type Finished = Extract<DriverEvent, { event: 'finished' }>;

/** How long each step took, one column a region, the critical path marked; and what bounded the whole. */
export function summaryLines({ at, outcome, ran, skipped, timings, criticalPath }: Finished, style: Style): string[] {
  if (ran === 0) return [];
  const verdict = outcome === 'done' ? style.good('done') : style.bad('not done');
  // the last look alone needs no table
  const isLook = timings.every(({ step }) => step === 'verify');
  const times =
    criticalPath.length === 0 || isLook ? [] : ['', ...timingTable(timings, criticalPath), '', bounds(criticalPath)];
  return [...times, '', `${verdict} in ${duration(at)}: ${counted(ran, 'step')} run, ${skipped} skipped`];
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

function timingTable(timings: readonly Timing[], criticalPath: readonly string[]): string[] {
  const steps = [...new Set(timings.map(({ step }) => step))];
  const places = [...new Set(timings.map(({ region }) => region ?? 'lab'))];
  const cell = (step: string, where: string): string => {
    const timing = timings.find((each) => each.step === step && (each.region ?? 'lab') === where);
    if (timing === undefined) return '';
    return `${duration(timing.to - timing.from)}${criticalPath.includes(timing.id) ? ' *' : ''}`;
  };
  // many regions: one row each would be a wall of columns, so the slowest region of each step stands for all
  if (places.length > 6) return slowestTable(timings, steps);
  return table([['', ...places], ...steps.map((step) => [step, ...places.map((where) => cell(step, where))])]);
}

function slowestTable(timings: readonly Timing[], steps: readonly string[]): string[] {
  const rows = steps.map((step) => {
    const all = timings.filter((timing) => timing.step === step).sort((a, b) => b.to - b.from - (a.to - a.from));
    const [slowest] = all;
    if (slowest === undefined) return [step];
    return [step, duration(slowest.to - slowest.from), slowest.region ?? 'lab', `slowest of ${all.length}`];
  });
  return table(rows);
}
