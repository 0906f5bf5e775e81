import type { DriverEvent, Timing } from '../events.ts';
import { counted } from './lines.ts';
import { duration, type Style, table } from './text.ts';

type Finished = Extract<DriverEvent, { event: 'finished' }>;

/** How long each step took, one column a region, the critical path marked; and what bounded the whole. */
export function summaryLines({ at, outcome, ran, skipped, timings, criticalPath }: Finished, style: Style): string[] {
  if (ran === 0) return [];
  const verdict = outcome === 'done' ? style.good('done') : style.bad('not done');
  return [
    '',
    ...timingTable(timings, criticalPath),
    '',
    `* bounds the whole: ${criticalPath.map((id) => id.replace('/', ' ')).join(' → ')}`,
    `${verdict} in ${duration(at)}: ${counted(ran, 'step')} run, ${skipped} skipped`,
  ];
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
