import type { Timing } from '../events/events.ts';

/**
 * The steps that bound a deployment: from its last step back, always to the one before that it waited for longest. To make it
 * faster, one of these must become faster.
 * @param after ids of the steps that each step waits for
 * @param enough when a step had what it needed of one before it @default - at its end
 */
export function criticalPath(
  timings: readonly Timing[],
  after: ReadonlyMap<string, readonly string[]>,
  enough: (before: Timing, id: string) => number = ({ to }) => to,
): string[] {
  const byId = new Map(timings.map((timing) => [timing.id, timing]));
  const path: string[] = [];
  const passed = new Set<string>();
  let current = latest(timings, ({ to }) => to);
  // no step waits for itself
  while (current !== undefined && !passed.has(current.id)) {
    const { id } = current;
    passed.add(id);
    path.unshift(id);
    current = latest(predecessors(id, byId, after), (before) => enough(before, id));
  }
  return path;
}

function latest(candidates: readonly Timing[], when: (timing: Timing) => number): Timing | undefined {
  return candidates.reduce<Timing | undefined>(
    (last, timing) => (last === undefined || when(timing) > when(last) ? timing : last),
    undefined,
  );
}

/** The nearest earlier steps that ran; steps that were skipped are looked through, each once. */
function predecessors(
  id: string,
  timings: ReadonlyMap<string, Timing>,
  after: ReadonlyMap<string, readonly string[]>,
): Timing[] {
  const found: Timing[] = [];
  const seen = new Set<string>();
  const open = [...(after.get(id) ?? [])];
  for (let before = open.pop(); before !== undefined; before = open.pop()) {
    if (seen.has(before)) continue;
    seen.add(before);
    const timing = timings.get(before);
    if (timing === undefined) open.push(...(after.get(before) ?? []));
    else found.push(timing);
  }
  return found;
}
