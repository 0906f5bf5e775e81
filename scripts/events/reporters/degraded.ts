import { listed } from '../../../lab/listed.ts';
import type { Degradation, DegradedEvent } from '../degraded-event.ts';
import { fold, type Style, table } from './text.ts';

/** What is on now, and what it makes of the way between regions. */
export function degradedLines({ profile, roundTrips }: DegradedEvent, style: Style): string[] {
  const [head = '', ...rows] = table([
    ['round trip', 'before', 'after'],
    ...roundTrips.map(({ between, before, after }) => [between.join(' ↔ '), milliseconds(before), milliseconds(after)]),
  ]);
  return [
    style.bold(profile === undefined ? 'no worse network is on' : `degraded by ${profile}`),
    ...(rows.length === 0 ? [] : ['', style.bold(head), ...rows]),
  ];
}

/** `0.21 ms`, `80.4 ms` */
function milliseconds(value: number | undefined): string {
  return value === undefined ? 'no answer' : `${value.toFixed(value < 10 ? 2 : 1)} ms`;
}

/**
 * As `status` says it: `degraded by wan`, or `! wan, but not on region-a-worker`, and how that is put right.
 * @param mend the command that does
 */
export function degradationLines(degradation: Degradation, mend: string, style: Style, columns: number): string[] {
  const what = otherThan(degradation);
  if (what === undefined) return [`degraded by ${degradation.profile}`];
  return [...fold(`${style.warn('!')} ${what}`, columns, 2), `  ${mend}`];
}

/** In what that which is on is not the profile of lab.yaml: `wan, but not on region-a-worker`; undefined where it is. */
export function otherThan({ profile, missing, whole, changed }: Degradation): string | undefined {
  if (!whole) return `${profile}, but putting it on was cut off`;
  if (missing.length > 0) return `${profile}, but not on ${listed(missing)}`;
  return changed ? `${profile}, as it was before lab.yaml was changed` : undefined;
}
