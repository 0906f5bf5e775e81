import type { Timing } from '../events/events.ts';

/**
 * The steps that bound a deployment: from its last step back, always to the predecessor that ended last. To make it
 * faster, one of these must become faster.
 * @param after ids of the steps that each step waits for
 */
export function criticalPath(timings: readonly Timing[], after: ReadonlyMap<string, readonly string[]>): string[] {
  const latest = (candidates: readonly Timing[]): Timing | undefined =>
    candidates.reduce<Timing | undefined>(
      (last, timing) => (last === undefined || timing.to > last.to ? timing : last),
      undefined,
    );
  const path: string[] = [];
  let current = latest(timings);
  while (current !== undefined) {
    path.unshift(current.id);
    current = latest(predecessors(current.id, timings, after));
  }
  return path;
}

/** The nearest earlier steps that ran; steps that were skipped are looked through. */
function predecessors(id: string, timings: readonly Timing[], after: ReadonlyMap<string, readonly string[]>): Timing[] {
  return (after.get(id) ?? []).flatMap((before) => {
    const timing = timings.find((candidate) => candidate.id === before);
    return timing === undefined ? predecessors(before, timings, after) : [timing];
  });
}
