import type { Lab, Region } from '../../../lab/lab.ts';
import type { Observed, ObservedCluster } from '../../../scripts/observe/observed.ts';
import { makePlan, type Plan, type PlanInput } from '../../../scripts/plan/plan.ts';
import { allThere, articleLab, desiredOf, livingCluster, livingRegion } from '../fixtures.ts';

export const lab = articleLab();

/** The first region of the lab. */
export const athens = firstOf(lab.regions);

/** The plan of the article's lab, its mesh tested, on what was observed; changed as the test asks. */
export function plan(observed: Observed, changes: Partial<PlanInput> = {}): Plan {
  const of = changes.lab ?? lab;
  const tested = new Set(['region-athens--region-hurup']);
  const input = {
    lab: of,
    regions: of.regions,
    desired: desiredOf(of),
    observed,
    tested,
    tried: true,
    skipTest: false,
    atOnce: false,
  };
  return makePlan({ ...input, ...changes });
}

/** Each step as `region-athens/cilium run: not installed`. */
export const told = (steps: Plan): string[] => steps.map(({ id, action, reason }) => `${id} ${action}: ${reason}`);

/** As `told`, the steps that have work to do: all that run but the last look, which runs always. */
export const running = (steps: Plan): string[] =>
  told(steps.filter(({ action, step }) => action === 'run' && step.name !== 'verify'));

/** All is there, but for changes to the cluster region-athens. */
export function athensWith(changes: Partial<ObservedCluster>, of: Lab = lab): Observed {
  const cluster = livingCluster(of, athens, changes);
  return allThere(of, { 'region-athens': livingRegion(of, athens, { cluster }) });
}

function firstOf([first]: readonly Region[]): Region {
  if (first === undefined) throw new Error('the article has two regions');
  return first;
}
