import { existsSync } from 'node:fs';
import { UserError } from '../events/errors.ts';
import type { Reporter } from '../events/events.ts';
import { readOwner } from '../files/owner.ts';
import type { Paths } from '../files/paths.ts';
import type { Observed } from '../observe/observed.ts';
import { planLines, type PlannedStep } from '../plan/plan.ts';
import { recordRefusal } from '../plan/record-refusals.ts';
import { othersLab } from '../plan/refusals.ts';
import { type Ending, execute } from '../run/execute.ts';
import type { Journal } from '../run/journal.ts';
import { nothingDesired } from '../files/desired.ts';
import { type LabStep, type NodeStep, run } from '../steps/step.ts';
import type { RestOptions } from './options.ts';
import { holdsOf, type LabLock } from './own.ts';
import { refuse, toldOf } from './refuse.ts';
import { commandLine, selectRegions, type Session } from './session.ts';

/** What is done to the nodes of a lab, whatever lab.yaml says of it by now. */
export interface NodeWork {
  readonly session: Session;
  readonly observed: Observed;
  readonly options: Pick<RestOptions, 'region' | 'timeout'>;
  readonly reporter: Reporter;
  readonly lock: LabLock;
  /** In each region that is there. */
  readonly step: NodeStep;
  /** Before it. @default - nothing */
  readonly first?: readonly LabStep[];
  /** After it. @default - nothing */
  readonly then?: readonly LabStep[];
  /** As of an execution. @default false */
  readonly triesAgain?: boolean;
  /** Of a deploy that follows: it tells the beginning and the end. @default - nothing follows */
  readonly journal?: Journal;
}

/**
 * Stops or starts the nodes of the lab, or puts on them what is between them.
 * @param command the one that it is done for, or where that takes no lab over, deploy
 * @throws UserError where there are none, or where the lab is out of sight
 */
export async function onNodes(command: string, work: NodeWork): Promise<Ending> {
  const { session, observed, options, reporter, lock, step, first = [], then = [], journal, triesAgain = false } = work;
  const { lab, paths } = session;
  refuseStrangers(command, session, observed);
  const regions = selectRegions(lab, options).filter(({ name }) => observed.regions.get(name)?.ownership === 'ours');
  const owner = readOwner(paths);
  if (regions.length === 0 || owner === undefined)
    throw UserError.refusing([
      { cause: 'no cluster of this lab', remedy: `build it first: ${paths.command('deploy')}` },
    ]);
  await lock.verify();
  const ids = regions.map(({ name }) => `${name}/${step.name}`);
  const plan: PlannedStep[] = [
    ...first.map((each): PlannedStep => ({
      id: each.name,
      step: each,
      region: undefined,
      after: [],
      ...run('at the start'),
    })),
    ...regions.map((region, index): PlannedStep => {
      const seen = observed.regions.get(region.name);
      if (seen === undefined) throw new Error(`${region.name} was not observed`);
      return {
        ...{ id: ids[index] ?? '', step, region, after: first.map(({ name }) => name) },
        ...step.decide({ region, seen }),
      };
    }),
    ...then.map((each): PlannedStep => ({
      id: each.name,
      step: each,
      region: undefined,
      after: ids,
      ...run('at the end'),
    })),
  ];
  if (journal === undefined) {
    const names = regions.map(({ name }) => name);
    reporter.report({ event: 'started', lab: lab.name, regions: names, stack: lab.stack.name });
    reporter.report({ event: 'planned', steps: planLines(plan) });
  }
  return execute(plan, {
    ...session,
    ...{ regions, observed, owner, paths: asApplied(paths) },
    // what is stopped and started is asked of no file
    desired: new Map(regions.map(({ name }) => [name, nothingDesired])),
    ...holdsOf(lock),
    concurrency: regions.length,
    timeoutSeconds: options.timeout,
    report: (event) => {
      reporter.report(event);
    },
    ...(journal && { journal, goesOn: true, triesAgain }),
  });
}

/**
 * @param command the one that would take it over
 * @throws UserError where the lab is out of sight, or is another folder's
 */
export function refuseStrangers(command: string, session: Session, observed: Observed): void {
  const { lab } = session;
  refuse([
    recordRefusal(lab, observed, observed.engine.id, toldOf(command, session)),
    othersLab(lab, observed, commandLine(session)(command, '--adopt')),
  ]);
}

/** What the last deploy applied, where it is kept: lab.yaml and dist/ may have gone on since. */
function asApplied(paths: Paths): Paths {
  const applied = paths.withApplied();
  return existsSync(applied.manifests) ? applied : paths;
}
