import type { Region } from '../../lab/lab.ts';
import type { PlannedLine } from '../events/events.ts';
import { wholeCluster } from '../observe/observed.ts';
import type { Decision, Situation, Step, StepName } from '../steps/step.ts';
import { steps } from '../steps/index.ts';

/** One step, of the lab or of one region, with its decision. */
export interface PlannedStep extends Decision {
  /** `network`, or `region-athens/cilium`. */
  readonly id: string;
  readonly step: Step;
  /** `undefined` for a lab step. */
  readonly region: Region | undefined;
  /** Ids that come first. */
  readonly after: readonly string[];
}

export type Plan = readonly PlannedStep[];

/** What a plan is made from. */
export type PlanInput = Omit<Situation, 'runs'>;

/** Every step with `run` or `skip` and the reason. Pure: the same observation, the same plan. Linear in the number of steps. */
export function makePlan(input: PlanInput): Plan {
  const running = new Set<string>();
  const runs = (name: StepName, region?: Region): boolean => running.has(stepId(name, region));
  const situation: Situation = { ...input, runs };
  const sights = input.regions.map((region) => sight(region, input));
  return steps.flatMap((step) => {
    const planned: PlannedStep[] =
      step.scope === 'lab'
        ? [{ ...step.decide(situation), id: step.name, step, region: undefined, after: after(step, undefined, input) }]
        : sights.map((seen) => ({
            ...step.decide({ ...situation, ...seen }),
            id: stepId(step.name, seen.region),
            step,
            region: seen.region,
            after: after(step, seen.region, input),
          }));
    for (const { id, action, onlyWait } of planned)
      if (action === 'run' && onlyWait !== true) running.add(id).add(step.name);
    return planned;
  });
}

/** What the steps of one region look at. */
function sight(region: Region, { observed, desired }: PlanInput) {
  const seen = observed.regions.get(region.name);
  const wanted = desired.get(region.name);
  if (seen === undefined || wanted === undefined) throw new Error(`${region.name} was not observed`);
  return { region, wanted, seen, cluster: wholeCluster(region, seen) };
}

/** `region-athens/cilium`, or `connect` for the lab's. */
function stepId(step: StepName, region: Region | undefined): string {
  return region === undefined ? step : `${region.name}/${step}`;
}

const scopes = new Map(steps.map(({ name, scope }) => [name, scope]));

function after(step: Step, region: Region | undefined, { regions }: PlanInput): string[] {
  return step.after.flatMap((name) => {
    if (scopes.get(name) === 'lab') return [name];
    return region === undefined ? regions.map((each) => stepId(name, each)) : [stepId(name, region)];
  });
}

/** The plan as reporters tell it. */
export function planLines(plan: Plan): PlannedLine[] {
  return plan.map(({ step, region, action, reason }) => ({
    step: step.name,
    ...(region === undefined ? {} : { region: region.name }),
    action,
    reason,
  }));
}
