import type { Lab, Region } from '../../lab/lab.ts';
import type { Desired, DesiredRegions } from '../files/desired.ts';
import type { Paths } from '../files/paths.ts';
import type { Observed } from '../observe/observed.ts';
import type { Plan, PlannedStep } from '../plan/plan.ts';
import type { StepName, Work } from '../steps/step.ts';
import type { Claim, Task } from './schedule.ts';

/** One task of a step: its work, a part of its work, or its wait. */
export interface StepTask extends Task {
  readonly planned: PlannedStep;
  /** Absolute path; parts that run side by side have one each. */
  readonly log: string;
  /** Its end is the step's end. */
  readonly isLast: boolean;
  readonly work: (work: Work) => Promise<void>;
}

/** Is a step of that region among those that run? */
export const isAtWork = (running: Iterable<StepTask>, step: StepName, region: string): boolean =>
  [...running].some(({ planned }) => planned.step.name === step && planned.region?.name === region);

/** What tasks are made from. */
export interface TaskInput {
  readonly lab: Lab;
  readonly regions: readonly Region[];
  readonly desired: DesiredRegions;
  readonly observed: Observed;
  readonly paths: Paths;
  /** Most regions that work at once. */
  readonly concurrency: number;
}

/** Images go through the disk: more at once take longer together (logging-operator#2287). */
const loadsAtOnce = 2;

/**
 * The steps of a plan that run, as tasks. What works claims places and what waits claims none; the last task of a step bears
 * the step's id. Pure, linear in the number of steps.
 */
export function tasksOf(plan: Plan, input: TaskInput): StepTask[] {
  const before = runningBefore(plan);
  return plan.filter(({ action }) => action === 'run').flatMap((planned) => stepTasks(planned, before, input));
}

function stepTasks(planned: PlannedStep, before: Before, input: TaskInput): StepTask[] {
  const { id, step, region, onlyWait } = planned;
  const after = before(planned);
  const common = { planned, log: input.paths.log(step.name, region?.name), isLast: false };
  const acts = onlyWait === true ? [] : actsOf(planned, input).map((act) => ({ ...common, after, ...act }));
  const wait = waitOf(planned, input);
  const [only] = acts;
  if (wait === undefined && acts.length === 1 && only !== undefined) return [{ ...only, id, isLast: true }];
  const end = {
    ...common,
    id,
    after: acts.length === 0 ? after : acts.map((act) => act.id),
    finishes: acts.length > 0,
    isLast: true,
    work: wait ?? (() => Promise.resolve()),
  };
  return [...acts, end];
}

type Act = Pick<StepTask, 'id' | 'work'> & Partial<Pick<StepTask, 'claims' | 'log' | 'reaches'>>;

function actsOf({ id, step, region }: PlannedStep, input: TaskInput): Act[] {
  if (step.scope === 'region') {
    const { run, takes = 'region' } = step;
    if (run === undefined) return [];
    const claims = takes === 'nothing' ? [] : [place(takes, region, input)];
    const reaches = step.reaches === undefined ? {} : { reaches: reachedBy(id, step.reaches) };
    return [{ id: `${id} (work)`, claims, ...reaches, work: (work) => run(work, ...inRegion(region, input)) }];
  }
  const { run, parts } = step;
  if (run !== undefined) return [{ id: `${id} (work)`, work: run }];
  return (parts?.(input) ?? []).map((part) => ({
    id: `${id} (${part.name})`,
    claims: part.regions.map(({ name }) => ({ name: `region ${name}`, atOnce: 1 })),
    log: input.paths.log(`${step.name}-${part.name}`),
    work: (work) => part.run(work),
  }));
}

function waitOf({ step, region }: PlannedStep, input: TaskInput): StepTask['work'] | undefined {
  if (step.scope === 'lab') return step.wait;
  const { wait } = step;
  return wait && ((work) => wait(work, ...inRegion(region, input)));
}

/** Steps of one region that run side by side have one place among the regions. */
function place(name: 'region' | 'image-load' | 'upgrade', region: Region | undefined, input: TaskInput): Claim {
  const atOnce = { region: input.concurrency, 'image-load': loadsAtOnce, upgrade: 1 };
  return { name, atOnce: atOnce[name], ...(name === 'region' && region !== undefined && { holder: region.name }) };
}

function inRegion(region: Region | undefined, { desired }: TaskInput): [Region, Desired] {
  const wanted = region && desired.get(region.name);
  if (region === undefined || wanted === undefined) throw new Error(`${region?.name ?? 'the lab'} is not in dist/`);
  return [region, wanted];
}

/** `region-athens/cluster: the API server` */
const reachedBy = (id: string, what: string): string => `${id}: ${what}`;

/** What a step has to wait for: the nearest earlier steps that run, or what they reach. */
type Before = (planned: PlannedStep) => string[];

function runningBefore(plan: Plan): Before {
  const byId = new Map(plan.map((planned) => [planned.id, planned]));
  const known = new Map<string, readonly PlannedStep[]>();
  // one that is skipped stands for those before it
  const nearest = (id: string): readonly PlannedStep[] => {
    const earlier = byId.get(id);
    if (earlier === undefined) return [];
    if (earlier.action === 'run') return [earlier];
    const found = known.get(id) ?? [...new Set(earlier.after.flatMap(nearest))];
    known.set(id, found);
    return found;
  };
  return ({ step: { early = [] }, after }) => {
    const needed = ({ id, step }: PlannedStep): string =>
      step.scope === 'region' && step.reaches !== undefined && early.includes(step.name)
        ? reachedBy(id, step.reaches)
        : id;
    return [...new Set(after.flatMap(nearest))].map(needed);
  };
}
