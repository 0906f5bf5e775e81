import { existsSync } from 'node:fs';
import { UserError } from '../events/errors.ts';
import { otherEngines } from '../files/owner.ts';
import { type Holdings, orphanClusters, ownNetworks } from '../observe/owned.ts';
import { quote } from '../tools/command.ts';
import type { Session } from './session.ts';

/**
 * Keeps the files of a lab that may live though this Docker Engine has nothing that is proved to be its own. On an engine where
 * it was made, it is gone, unless clusters of it are left whose network was taken away; of any other engine nobody can say so
 * from here.
 * @param engine ID of the engine that Docker points to
 * @throws UserError with what `.lab/` tells of, and where to look
 */
export function refuseElsewhere({ lab, paths }: Session, holdings: Holdings, engine: string | undefined): void {
  if (ownNetworks(lab, holdings).length > 0 || holdings.creating.length > 0) return;
  if (!existsSync(paths.owner) && holdings.made.length === 0) return;
  const orphans = orphanClusters(holdings)
    .filter((name) => holdings.made.includes(name))
    .toSorted();
  if (orphans.length > 0)
    throw new UserError(
      `${orphans.join(', ')}: kind clusters whose docker network is gone, so that nobody can say whose they are\n` +
        `  if they are of this lab: kind delete clusters ${orphans.join(' ')}, then destroy again`,
    );
  if (otherEngines(paths, engine)?.length === 0) return;
  const state = paths.show(paths.state);
  const regions = holdings.made.length === 0 ? '' : `: ${holdings.made.toSorted().join(', ')}`;
  throw new UserError(
    `this Docker Engine has nothing of ${lab.name}, and ${state} tells of one${regions}\n` +
      '  if it runs on another engine, point Docker there (docker context ls, DOCKER_HOST) and destroy again; ' +
      `if it is gone for good, remove its files: rm -r ${quote(state)}`,
  );
}

/** Whether the lab was deployed to other engines than this one too: then its files stay. */
export function isElsewhere({ paths }: Session, engine: string | undefined): boolean {
  return (otherEngines(paths, engine) ?? []).length > 0;
}

/** What is told then. */
export const keptFiles = ({ paths }: Session): string =>
  `${paths.show(paths.state)} stays: this lab was deployed to another Docker Engine too, and is removed from this one alone`;
