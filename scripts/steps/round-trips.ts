import type { Region } from '../../lab/lab.ts';
import { roundTrip } from '../observe/round-trips.ts';
import type { NodesOf } from './shaping.ts';
import type { LabStep } from './step.ts';

/** Round trips by pair, in their order; undefined where nothing answered. */
export type Times = Map<readonly string[], number | undefined>;

/** Measures the way between the first nodes of each pair; one after the other, since on a busy machine they would wait for each other. */
export function measuring(
  name: 'before' | 'after',
  pairs: readonly (readonly string[])[],
  regions: readonly Region[],
  nodes: NodesOf,
  times: Times,
): LabStep {
  return {
    name,
    title: 'measure round trips',
    scope: 'lab',
    after: [],
    decide: () => ({ action: 'run', reason: name }),
    run: async (work) => {
      for (const pair of pairs) {
        const [from, to] = pair.map((each) => regions.find((region) => region.name === each));
        const address = nodes.get(to?.name ?? '')?.[0];
        const node = from?.nodes[0];
        if (node === undefined || address === undefined) continue;
        work.progress(pair.join(' → '));
        times.set(pair, await roundTrip(work.queries, node, address));
      }
    },
  };
}
