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

/** Every step with `run` or `skip` and the reason. Pure: the same observation, the same plan. */
export function makePlan(input: PlanInput): Plan {
  const plan: PlannedStep[] = [];
  const runs = (name: StepName, region?: Region): boolean =>
    plan.some(
      (planned) =>
        planned.action === 'run' && planned.step.name === name && (region === undefined || planned.region === region),
    );
  const situation: Situation = { ...input, runs };
  for (const step of steps) {
    if (step.scope === 'lab') {
      plan.push({ ...step.decide(situation), ...placed(step, undefined, input.regions) });
      continue;
    }
    for (const region of input.regions) {
      const seen = input.observed.regions.get(region.name);
      const wanted = input.desired.get(region.name);
      if (seen === undefined || wanted === undefined) throw new Error(`${region.name} was not observed`);
      const decision = step.decide({ ...situation, region, wanted, seen, cluster: wholeCluster(region, seen) });
      plan.push({ ...decision, ...placed(step, region, input.regions) });
    }
  }
  return plan;
}

const stepId = (step: Step | StepName, region: Region | undefined): string => {
  const name = typeof step === 'string' ? step : step.name;
  return region === undefined ? name : `${region.name}/${name}`;
};

function placed(step: Step, region: Region | undefined, regions: readonly Region[]): Omit<PlannedStep, keyof Decision> {
  const after = step.after.flatMap((name) => {
    const before = steps.find((other) => other.name === name);
    if (before?.scope !== 'region') return [name];
    return region === undefined ? regions.map((each) => stepId(name, each)) : [stepId(name, region)];
  });
  return { id: stepId(step, region), step, region, after };
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
