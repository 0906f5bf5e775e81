import type { Lab, Region } from '../../lab/lab.ts';
import type { PlannedLine } from '../events/events.ts';
import { meshGap as findGap } from '../observe/mesh.ts';
import { wholeCluster } from '../observe/observed.ts';
import type { Decision, RegionSituation, Situation, Step, StepName } from '../steps/step.ts';
import { needOf } from '../steps/cilium.ts';
import { steps } from '../steps/index.ts';
import { once } from '../tools/once.ts';

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
export type PlanInput = Omit<Situation, 'runs' | 'meshGap'>;

/** Every step with `run` or `skip` and the reason. Pure: the same observation, the same plan. Linear in the number of steps. */
export function makePlan(input: PlanInput): Plan {
  const decisions = new Map<string, Decision>();
  const decide = (step: Step, at: Sight | undefined): Decision => {
    const id = stepId(step.name, at?.region);
    const known = decisions.get(id) ?? decisionOf(step, at, situation);
    decisions.set(id, known);
    return known;
  };
  const works = ({ action, onlyWait }: Decision): boolean => action === 'run' && onlyWait !== true;
  const working = new Map<StepName, boolean>();
  // a step may ask of any other, so each is decided when it is first asked of
  const runs = (name: StepName, region?: Region): boolean => {
    const step = byName.get(name);
    if (step === undefined) return false;
    if (region !== undefined) return works(decide(step, sights.get(region.name)));
    const known = working.get(name) ?? placesOf(step).some((at) => works(decide(step, at)));
    working.set(name, known);
    return known;
  };
  const meshGap = once(() => findGap(input.regions, input.observed));
  const situation: Situation = { ...input, runs, meshGap };
  const sights = new Map(input.regions.map((region) => [region.name, sight(region, input)]));
  const placesOf = ({ scope }: Step): readonly (Sight | undefined)[] =>
    scope === 'lab' ? [undefined] : [...sights.values()];
  const own = stepsOf(input.lab);
  return own.flatMap((step) =>
    placesOf(step).map((at) => ({
      ...decide(step, at),
      id: stepId(step.name, at?.region),
      step,
      region: at?.region,
      after: after(step, at?.region, input, own),
    })),
  );
}

/** What the steps of one region look at. */
type Sight = Pick<RegionSituation, 'region' | 'wanted' | 'seen' | 'cluster' | 'need'>;

function sight(region: Region, { lab, observed, desired }: PlanInput): Sight {
  const seen = observed.regions.get(region.name);
  const wanted = desired.get(region.name);
  if (seen === undefined || wanted === undefined) throw new Error(`${region.name} was not observed`);
  const cluster = wholeCluster(region, seen);
  return { region, wanted, seen, cluster, need: once(() => needOf({ lab, region, wanted, cluster, observed })) };
}

function decisionOf(step: Step, at: Sight | undefined, situation: Situation): Decision {
  if (step.scope === 'lab') return step.decide(situation);
  if (at === undefined) throw new Error(`${step.name} is decided in a region`);
  return step.decide({ ...situation, ...at });
}

/** `region-athens/cilium`, or `connect` for the lab's. */
function stepId(step: StepName, region: Region | undefined): string {
  return region === undefined ? step : `${region.name}/${step}`;
}

const byName = new Map(steps.map((step) => [step.name, step]));

function after(step: Step, region: Region | undefined, { regions }: PlanInput, own: readonly Step[]): string[] {
  const names = step.after.filter((name) => own.some((each) => each.name === name));
  return names.flatMap((name) => {
    if (byName.get(name)?.scope === 'lab') return [name];
    return region === undefined ? regions.map((each) => stepId(name, each)) : [stepId(name, region)];
  });
}

/** The steps that a lab has, in their order. */
const stepsOf = (lab: Lab): readonly Step[] => steps.filter(({ concerns }) => concerns?.(lab) ?? true);

/** The plan as reporters tell it. */
export function planLines(plan: Plan): PlannedLine[] {
  return plan.map(({ step, region, action, reason }) => ({
    step: step.name,
    ...(region === undefined ? {} : { region: region.name }),
    action,
    reason,
  }));
}
