import type { Lab } from '../../lab/lab.ts';
import { type Holdings, orphanClusters, outOfSight, ownNetworks } from '../observe/owned.ts';
import type { CommandLine } from '../files/paths.ts';
import { quote } from '../tools/command.ts';
import type { Refusal } from './refusal.ts';

/** How a refusal names what the user has to type. */
export interface Told {
  /** The command that is refused: `deploy`. */
  readonly command: string;
  readonly line: CommandLine;
  /** `.lab/NAME` as the user would type it. */
  readonly state: string;
}

/**
 * What `.lab/` tells of a lab that this run would lose sight of: one that lives on another Docker Engine, or on another docker
 * network than lab.yaml says. Its kubeconfigs, its keys and its owner's id would be overwritten or removed. Pure.
 * @param engine ID of the engine that Docker points to
 */
export function recordRefusal(
  lab: Lab,
  holdings: Holdings,
  engine: string | undefined,
  told: Told,
): Refusal | undefined {
  const where = outOfSight(lab, holdings, engine);
  if (where === undefined) return undefined;
  return where === 'elsewhere' ? elsewhere(lab, holdings.made, told) : moved(lab, where.network, told);
}

/** What `--adopt` would lose sight of: a lab of this folder's own on another docker network. Pure. */
export function adoptRefusal(lab: Lab, holdings: Holdings, network: string, { line }: Told): Refusal | undefined {
  const [own] = ownNetworks(lab, holdings);
  if (own === undefined) return undefined;
  return {
    cause: `this folder has a lab ${lab.name} of its own on the docker network ${own.name}, and lab.yaml says ${network}, which is another folder's`,
    remedy: `put network.name back; or destroy this folder's first: ${line('destroy')}`,
  };
}

/** What nobody can say of any more: clusters of regions that were made here, whose docker network is gone. Pure. */
export function orphansRefusal(holdings: Holdings): Refusal | undefined {
  const orphans = orphanClusters(holdings)
    .filter((name) => holdings.made.includes(name))
    .toSorted()
    .join(' ');
  if (orphans === '' || holdings.creating.length > 0) return undefined;
  return {
    cause: `${orphans.replaceAll(' ', ', ')}: kind clusters whose docker network is gone, so that nobody can say whose they are`,
    remedy: `if they are of this lab: kind delete clusters ${orphans}, then destroy again`,
  };
}

function elsewhere({ name }: Lab, made: readonly string[], { command, state }: Told): Refusal {
  const regions = made.length === 0 ? '' : `: ${made.toSorted().join(', ')}`;
  return {
    cause: `this Docker Engine has nothing of ${name}, and ${state} tells of one${regions}`,
    remedy:
      `if it runs on another engine, point Docker there (docker context ls, DOCKER_HOST) and ${command} again; ` +
      `if it is gone for good, remove its files: rm -r ${quote(state)}`,
  };
}

function moved({ network }: Lab, living: string, { command, line, state }: Told): Refusal {
  return {
    cause: `${state} came here from another folder: its lab lives on the docker network ${living}, and lab.yaml says ${network.name}`,
    remedy:
      `if the folder was moved, put network.name back and take the lab over: ${line(command, '--adopt')}; ` +
      `if it was copied, remove the copied files: rm -r ${quote(state)}`,
  };
}
