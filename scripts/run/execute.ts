import { setTimeout as sleep } from 'node:timers/promises';
import type { Lab, Region } from '../../lab/lab.ts';
import type { Runner } from '../tools/runner.ts';
import { criticalPath } from './critical-path.ts';
import type { DesiredRegions } from '../files/desired.ts';
import type { DriverEvent } from '../events/events.ts';
import { Journal } from './journal.ts';
import type { Queries } from '../observe/queries.ts';
import type { Observed } from '../observe/observed.ts';
import type { Paths } from '../files/paths.ts';
import type { Plan, PlannedStep } from '../plan/plan.ts';
import { schedule, type Task } from './schedule.ts';
import type { SharedCa } from '../files/shared-ca.ts';
import type { StepName, Work } from '../steps/step.ts';

export interface Execution {
  readonly lab: Lab;
  readonly regions: readonly Region[];
  readonly desired: DesiredRegions;
  readonly observed: Observed;
  readonly paths: Paths;
  readonly queries: Queries;
  readonly runner: Runner;
  readonly ca: SharedCa;
  /** Most regions that work at once. */
  readonly concurrency: number;
  /** Seconds for each command and wait; undefined: the step's own. */
  readonly timeoutSeconds: number | undefined;
  readonly report: (event: DriverEvent) => void;
}

/** Seconds: slow machines and slow networks included; the connectivity test has some hundred actions. */
const stepSeconds = (step: StepName): number => (step === 'test' ? 3600 : 900);

/** Images go through the disk: more at once take longer together (logging-operator#2287). */
const loadsAtOnce = 2;

/** Runs the steps of a plan that are to run, and reports each. After a failure nothing new starts, and what runs ends. */
export async function execute(plan: Plan, execution: Execution): Promise<'done' | 'failed'> {
  const { report, runner } = execution;
  const journal = new Journal(report, runner.signal);
  const running = plan.filter(({ action }) => action === 'run');
  const states = await schedule(
    running.map((planned) => ({ ...task(planned, plan, execution), planned })),
    ({ planned }) => runStep(planned, execution, journal),
    runner.signal,
  );
  const outcome = [...states.values()].every((state) => state === 'done') ? 'done' : 'failed';
  const path = criticalPath(journal.timings, new Map(plan.map(({ id, after }) => [id, after])));
  journal.finish(
    outcome,
    plan.length - running.length,
    path,
    plan.map(({ id }) => id),
  );
  return outcome;
}

function task({ id, step }: PlannedStep, plan: Plan, { lab, concurrency }: Execution): Task {
  const after = runningBefore(id, plan);
  if (step.scope === 'lab') return { id, after };
  const name = step.takes?.(lab) ?? 'region';
  if (name === 'nothing') return { id, after };
  const limit = { name, atOnce: name === 'image-load' ? loadsAtOnce : concurrency };
  return { id, after, limit };
}

/** The nearest earlier steps that run: one that is skipped stands for those before it. */
function runningBefore(id: string, plan: Plan): string[] {
  const before = plan.find((planned) => planned.id === id)?.after ?? [];
  return before.flatMap((name) =>
    plan.some((planned) => planned.id === name && planned.action === 'run') ? [name] : runningBefore(name, plan),
  );
}

async function runStep(planned: PlannedStep, execution: Execution, journal: Journal): Promise<void> {
  const { id, step, region, reason } = planned;
  const { runner, paths } = execution;
  const where = { id, step: step.name, ...(region === undefined ? {} : { region: region.name }) };
  const log = paths.log(step.name, region?.name);
  const timeoutSeconds = execution.timeoutSeconds ?? stepSeconds(step.name);
  const progress = (line: string): void => {
    journal.progress(where, line);
  };
  const options = { log, timeoutSeconds, onLine: progress };
  const work: Work = {
    ...execution,
    timeoutSeconds,
    patienceSeconds: Math.max(1, timeoutSeconds - 5),
    run: (command) => runner.run(command, options),
    attempt: (command) => runner.attempt(command, options),
    progress,
    pause: async (seconds) => {
      await sleep(seconds * 1000, undefined, { signal: runner.signal });
    },
  };
  await journal.step(where, reason, log, async () => {
    if (step.scope === 'lab') {
      await step.run(work);
      return;
    }
    const wanted = region && execution.desired.get(region.name);
    if (region === undefined || wanted === undefined) throw new Error(`${id} has no region`);
    await step.run(work, region, wanted);
  });
}
