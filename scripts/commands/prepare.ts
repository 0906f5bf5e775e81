import type { Lab, Region } from '../../lab/lab.ts';
import { type DesiredRegions, readDesired } from '../files/desired.ts';
import { UserError } from '../events/errors.ts';
import type { Observed } from '../observe/observed.ts';
import { machineWarnings } from '../plan/machine.ts';
import { makePlan, type Plan } from '../plan/plan.ts';
import { type CommandLine, plainCommand } from '../files/paths.ts';
import { findRefusals } from '../plan/refusals.ts';
import type { Session } from './session.ts';
import { guestClusters, ownClusters } from '../observe/owned.ts';
import { neighbours, pairName } from '../steps/pairs.ts';
import { stillTested } from '../observe/tested.ts';

export interface Prepared {
  readonly regions: readonly Region[];
  readonly desired: DesiredRegions;
  readonly plan: Plan;
}

/**
 * From an observation to the plan.
 * @throws UserError with everything that stands against the lab, all at once
 */
export function prepare(
  { lab, paths }: Session,
  regions: readonly Region[],
  observed: Observed,
  skipTest: boolean,
): Prepared {
  const refusals = findRefusals(lab, regions, observed, paths.command);
  if (refusals.length > 0) {
    // several that one remedy puts right have it once
    const lines = refusals.map(({ cause, remedy }, index) =>
      refusals[index + 1]?.remedy === remedy ? cause : `${cause}\n  ${remedy}`,
    );
    throw new UserError(lines.join('\n'));
  }
  const desired = readDesired(lab, paths);
  const pairs = neighbours(regions).filter(([one, other]) => stillTested(paths, lab, one, other, observed.regions));
  const tested = new Set(pairs.map(([one, other]) => pairName(one, other)));
  return { regions, desired, plan: makePlan({ lab, regions, desired, observed, tested, skipTest }) };
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
