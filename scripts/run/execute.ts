import { setTimeout as sleep } from 'node:timers/promises';
import type { FindingsError } from '../events/errors.ts';
import type { DriverEvent, Timing } from '../events/events.ts';
import { describeFailure } from '../events/failures.ts';
import { untilEtcdAnswers } from '../observe/again.ts';
import { lastWordsOf, lookAtPods } from '../observe/lab-pods.ts';
import { stoppedNodes } from '../observe/stopped-nodes.ts';
import type { Queries } from '../observe/queries.ts';
import type { Plan } from '../plan/plan.ts';
import { NodeAddresses } from '../steps/node-addresses.ts';
import type { StepName, Work } from '../steps/step.ts';
import type { Bundle } from '../supply/bundle.ts';
import type { ImageUses } from '../supply/image-uses.ts';
import type { SourceFiles } from '../supply/sources.ts';
import { type Command, toShell } from '../tools/command.ts';
import { ended, type Outcome } from '../tools/command-error.ts';
import type { Runner, RunOptions } from '../tools/runner.ts';
import { attend, type Clock, troublesIn, type Watched } from './attend.ts';
import { criticalPath } from './critical-path.ts';
import { Journal } from './journal.ts';
import { schedule } from './schedule.ts';
import { isAtWork, type StepTask, type TaskInput, tasksOf } from './tasks.ts';

export interface Execution extends TaskInput {
  readonly queries: Queries;
  readonly runner: Runner;
  readonly sources: SourceFiles;
  readonly bundle?: Bundle | undefined;
  readonly uses: ImageUses;
  readonly credentialsOf: Work['credentialsOf'];
  /** Id of this folder, written on the docker network. */
  readonly owner: string;
  readonly holdCluster: Work['holdCluster'];
  readonly holdCache: Work['holdCache'];
  /** Seconds for each command and wait; undefined: the step's own. */
  readonly timeoutSeconds: number | undefined;
  readonly report: (event: DriverEvent) => void;
  /** Another plan follows, whose end is the end of both. @default false */
  readonly goesOn?: true;
  /** Another plan follows where that mends whatever has failed, and its end is the end of both. @default false */
  readonly triesAgain?: boolean;
  /** Of the plan before, which went on to this one. @default - a new one */
  readonly journal?: Journal;
}

/** How a plan ended. */
export type Ending = 'done' | 'failed' | 'again';

type Means = Omit<Execution, 'journal'> & Pick<Work, 'addresses' | 'reached' | 'isUntouched'>;

/** Seconds: slow machines and slow networks included; the connectivity test has some hundred actions. */
const stepSeconds = (step: StepName): number => (step === 'test' ? 3600 : 900);

/**
 * Runs the steps of a plan that are to run, and reports each. After a failure nothing new starts, and what runs ends.
 * @returns `again`: with `triesAgain`, where another plan mends all that has failed
 */
export async function execute(plan: Plan, execution: Execution): Promise<Ending> {
  const { report, runner } = execution;
  const journal = execution.journal ?? new Journal(report, runner.signal);
  // of a plan that tries again, what the first has done is skipped, and in its place
  const own = new Set(plan.map(({ id }) => id));
  const former = journal.timings.map(({ id }) => id).filter((id) => !own.has(id));
  const isFirst = journal.timings.length === 0;
  const tasks = tasksOf(plan, execution);
  const addresses = new NodeAddresses();
  // the last look alone touches nothing
  const isUntouched = isFirst && tasks.every(({ planned }) => planned.step.name === 'verify');
  const course: Course = { begun: new Set(), open: new Set(tasks), running: new Set(), isFailed: false, isLost: false };
  const states = await schedule(
    tasks,
    (task, reached) => {
      const tell = (): void => {
        journal.reached(task.planned.id);
        reached();
      };
      return runTask(task, course, { ...execution, addresses, isUntouched, reached: tell }, journal);
    },
    runner.signal,
  );
  const outcome = [...states.values()].every((state) => state === 'done') ? 'done' : 'failed';
  if (execution.goesOn === true && outcome === 'done') return outcome;
  if (course.isFailed && !course.isLost && !runner.signal.aborted) return 'again';
  if (outcome === 'failed') journal.lose();
  const path = criticalPath(
    journal.timings,
    // the first of this plan waited for the plan before
    new Map(plan.map(({ id, after }) => [id, after.length === 0 ? former : after])),
    whenEnough(plan, journal),
  );
  const skipped = plan.filter(({ action }) => action === 'skip').length;
  journal.finish(
    outcome,
    skipped,
    path,
    plan.map(({ id }) => id),
  );
  return outcome;
}

/** When a step had what it needed of one before it: at its end, or when that had reached what is enough for it. */
function whenEnough(plan: Plan, journal: Journal): (before: Timing, id: string) => number {
  const byId = new Map(plan.map((planned) => [planned.id, planned.step]));
  return (before, id) => {
    const isEarly = byId.get(id)?.early?.includes(before.step as StepName) === true;
    return (isEarly ? journal.reachedAt(before.id) : undefined) ?? before.to;
  };
}

/** What has happened so far. */
interface Course {
  /** Ids of the steps that have begun. */
  readonly begun: Set<string>;
  /** What is not done. */
  readonly open: Set<StepTask>;
  /** What of it runs now. */
  readonly running: Set<StepTask>;
  /** A step has failed: nothing new starts. */
  isFailed: boolean;
  /** Another plan does not mend it. */
  isLost: boolean;
}

/** Is something of this region left to do that is not done any more? */
function isOver({ open, running, isFailed }: Course, region: string): boolean {
  const isIn = (tasks: ReadonlySet<StepTask>): boolean =>
    [...tasks].some(({ planned }) => planned.region?.name === region);
  return isFailed && isIn(open) && !isIn(running);
}

async function runTask(task: StepTask, course: Course, execution: Means, journal: Journal): Promise<void> {
  const { planned, log, isLast } = task;
  const { id, step, region, reason } = planned;
  const where = { id, step: step.name, ...(region === undefined ? {} : { region: region.name }) };
  const { begun, open, running } = course;
  if (!begun.has(id)) journal.started(where, reason);
  begun.add(id);
  running.add(task);
  const at: AtWork = { calls: new Set(), said: undefined };
  const progress = (line: string): void => {
    at.said = line;
    journal.progress(where, line);
  };
  let result: string | undefined;
  const found = (text: string): void => {
    result = text;
  };
  const [over, hopeless] = [new AbortController(), new AbortController()];
  // a look that is under way when the step ends is not waited for
  const watched = watchedBy(planned, course, { ...execution, queries: execution.queries.until(over.signal) });
  let why: FindingsError | undefined;
  const attending = attend(
    watched,
    (notice) => {
      const [call] = at.calls;
      journal.takesLong(where, {
        ...notice,
        ...(call !== undefined && { call: toShell(call) }),
        ...(at.said !== undefined && { said: at.said }),
      });
    },
    (given) => {
      why = given;
      hopeless.abort();
    },
    over.signal,
    clock,
  );
  try {
    const runner = execution.runner.until(AbortSignal.any([execution.runner.signal, hopeless.signal]));
    const queries = execution.queries.until(hopeless.signal);
    const work = workOf(step.name, log, { ...execution, runner, queries }, progress, at.calls);
    await task.work({ ...work, found, isOver: (name) => isOver(course, name) });
    open.delete(task);
  } catch (error) {
    course.isFailed = true;
    const down = why === undefined ? await notUp(watched, error, execution.runner.signal) : [];
    const isMended = journal.failed(
      where,
      why ?? error,
      log,
      down,
      execution.triesAgain === true && !course.isLost && isTriedAgain(step.name),
    );
    if (!isMended) course.isLost = true;
    throw error;
  } finally {
    running.delete(task);
    over.abort();
    await attending;
  }
  if (isLast) journal.done(where, result);
}

/** What a step is at. */
interface AtWork {
  /** Commands that run now, the first of them the oldest. */
  readonly calls: Set<Command>;
  /** The last line of a program, or what is waited for. */
  said: string | undefined;
}

/** A connectivity test quotes whatever went wrong in an hour of them: a known word in it says nothing of why it failed. */
const isTriedAgain = (step: StepName): boolean => step !== 'test';

const clock: Clock = {
  now: () => Date.now(),
  pause: async (seconds, signal) => {
    await sleep(seconds * 1000, undefined, { signal }).catch(() => undefined);
  },
};

/** The regions whose nodes a step needs, and whose pods it waits for. */
function watchedBy({ step, region }: StepTask['planned'], { running }: Course, execution: Means): Watched[] {
  const { waitsForPods = false, needsNodes = waitsForPods } = step;
  if (!needsNodes) return [];
  const { queries, paths, regions } = execution;
  return (region === undefined ? regions : [region]).map((each) => {
    const { name, nodes } = each;
    const target = paths.target(each);
    return {
      region: name,
      ...(waitsForPods && { look: () => lookAtPods(queries, target) }),
      stopped: () => stoppedNodes(queries, name, nodes),
      isLoading: () => isAtWork(running, 'load', name),
      lastWords: (trouble) => lastWordsOf(queries, target, trouble),
    };
  });
}

/** Seconds after which nodes that are being stopped are stopped. */
const DYING = 3;

/**
 * The nodes that do not run and the pods in trouble where a step has failed; nothing is asked after a stop. What dies says many things:
 * where nobody knows what failed, it is looked at once more a moment later.
 */
async function notUp(watched: readonly Watched[], error: unknown, signal: AbortSignal): Promise<readonly string[]> {
  const look = async (): Promise<string[]> => {
    const looks = watched.map(async ({ region, look: atPods, stopped }) => {
      const [nodes = ['Docker does not answer'], pods] = await Promise.all([stopped(), atPods?.()]);
      return [...nodes.map((line) => `${region}: ${line}`), ...troublesIn(region, pods)];
    });
    return (await Promise.all(looks)).flat();
  };
  if (signal.aborted || watched.length === 0) return [];
  const first = await look();
  if (first.length > 0 || describeFailure(error, undefined).code !== undefined) return first;
  await clock.pause(DYING, signal);
  return look();
}

/** The means of one task. */
function workOf(
  step: StepName,
  log: string,
  execution: Means,
  progress: (line: string) => void,
  calls: Set<Command>,
): Omit<Work, 'isOver' | 'found'> {
  const { runner } = execution;
  const timeoutSeconds = execution.timeoutSeconds ?? stepSeconds(step);
  const options = { log, timeoutSeconds };
  const pause: Work['pause'] = async (seconds) => {
    await sleep(seconds * 1000, undefined, { signal: runner.signal });
  };
  const attempt = (command: Command, more: Partial<RunOptions> = {}): Promise<Outcome> => {
    const once = async (): Promise<Outcome> => {
      calls.add(command);
      try {
        return await runner.attempt(command, { ...options, ...more });
      } finally {
        calls.delete(command);
      }
    };
    return command.repeatable === true ? untilEtcdAnswers(once, pause) : once();
  };
  return {
    ...execution,
    signal: runner.signal,
    timeoutSeconds,
    patienceSeconds: Math.max(1, timeoutSeconds - 5),
    run: async (command, onLine) =>
      ended(
        await attempt(command, {
          onLine: (line) => {
            progress(line);
            onLine?.(line);
          },
        }),
      ),
    attempt: (command) => attempt(command),
    farewell: (command) => runner.farewell(command, log),
    progress,
    pause,
  };
}
