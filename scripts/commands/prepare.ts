import type { Lab, Region } from '../../lab/lab.ts';
import { type DesiredRegions, readDesired } from '../files/desired.ts';
import type { Observed } from '../observe/observed.ts';
import { machineWarnings } from '../plan/machine.ts';
import { makePlan, type Plan } from '../plan/plan.ts';
import { type CommandLine, plainCommand } from '../files/paths.ts';
import { recordRefusal } from '../plan/record-refusals.ts';
import { findRefusals } from '../plan/refusals.ts';
import { guestClusters, ownClusters } from '../observe/owned.ts';
import { look } from './look.ts';
import type { Patience } from '../observe/cluster.ts';
import type { DeployOptions } from './options.ts';
import { refuse, toldOf } from './refuse.ts';
import { commandLine, selectRegions, type Session } from './session.ts';
import { neighbours, pairName } from '../steps/pairs.ts';
import { stillTested } from '../observe/tested.ts';

/** A session with what was observed of its lab. */
export interface Seen {
  readonly session: Session;
  readonly observed: Observed;
}

/** A lab whose files are checked, whose machine was looked at, and against which nothing stands. */
export interface Prepared extends Seen {
  readonly regions: readonly Region[];
  readonly warnings: readonly string[];
}

/** Its steps, and what of dist/ they were decided by. */
export interface Decided {
  readonly desired: DesiredRegions;
  readonly plan: Plan;
}

/**
 * From options to a lab that can be worked on. Changes nothing, unless `settle` does.
 * @param patience with an API server that does not answer; none where undefined
 * @param settle says how to go on where the lab's subnet may be taken, and from which files
 * @throws UserError where a program is missing or dist/ is not what lab.yaml says; or with everything that stands against the
 *   lab, all at once
 */
export async function prepare(
  first: Session,
  options: DeployOptions,
  patience: Patience | undefined,
  settle: (session: Session, observed: Observed) => Seen | Promise<Seen>,
): Promise<Prepared> {
  const looked = await look(first, patience);
  // a subnet is moved for a lab alone against which nothing else stands
  refuseLab(first, looked.observed, options);
  const { session, observed } = await settle(first, looked.observed);
  if (observed !== looked.observed) refuseLab(session, observed, options);
  const { lab, paths } = session;
  const regions = selectRegions(lab, options);
  return { session, observed, regions, warnings: [...looked.warnings, ...warningsOf(lab, observed, paths.command)] };
}

function refuseLab(session: Session, observed: Observed, options: DeployOptions): void {
  const { lab, adopts } = session;
  // what is taken over was looked at before
  const lost =
    adopts === undefined ? recordRefusal(lab, observed, observed.engine.id, toldOf('deploy', session)) : undefined;
  refuse(lost === undefined ? findRefusals(lab, selectRegions(lab, options), observed, commandLine(session)) : [lost]);
}

/** From there to a plan. */
export function decide({ session, observed, regions }: Prepared, { skipTest }: DeployOptions): Decided {
  const { lab, paths } = session;
  const desired = readDesired(lab, paths);
  const pairs = neighbours(regions).filter(([one, other]) => stillTested(paths, lab, one, other, observed.regions));
  const tested = new Set(pairs.map(([one, other]) => pairName(one, other)));
  const plan = makePlan({ lab, regions, desired, observed, tested, skipTest });
  return { desired, plan };
}

/**
 * Things that are odd and stop nothing. Pure.
 * @param line how a command is typed for this lab
 */
export function warningsOf(lab: Lab, observed: Observed, line: CommandLine = plainCommand): string[] {
  const regions = new Set(lab.regions.map(({ name }) => name));
  const former = ownClusters(lab, observed)
    .filter((name) => !regions.has(name))
    .map((name) => ({ name, remove: line('destroy', '--region', name) }));
  const guests = guestClusters(lab, observed)
    .filter((name) => !regions.has(name))
    .map((name) => ({ name, remove: `kind delete cluster --name ${name}` }));
  const gone = [...former, ...guests].map(
    ({ name, remove }) =>
      `the kind cluster ${name} is on the lab's network but not in lab.yaml; to remove it: ${remove}`,
  );
  const kubernetes = [...observed.regions].flatMap(([name, { cluster }]) =>
    cluster === undefined || cluster.kubernetes === lab.stack.versions.kubernetes
      ? []
      : [
          `${name} runs Kubernetes ${cluster.kubernetes}, the stack has ${lab.stack.versions.kubernetes}; a living region keeps its node image`,
        ],
  );
  return [...gone, ...kubernetes, ...machineWarnings(lab, observed)];
}
