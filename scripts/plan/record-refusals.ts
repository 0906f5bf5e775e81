import type { Lab } from '../../lab/lab.ts';
import { type Holdings, outOfSight, ownNetworks } from '../observe/owned.ts';
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
 * network than lab.yaml says, or whose network is gone. Its kubeconfigs, its keys and its owner's id would be written over or
 * removed. Pure.
 * @param engine ID of the engine that Docker points to
 */
export function recordRefusal(
  lab: Lab,
  holdings: Holdings,
  engine: string | undefined,
  told: Told,
): Refusal | undefined {
  const found = outOfSight(lab, holdings, engine);
  switch (found?.where) {
    case undefined:
      return undefined;
    case 'orphaned':
      return orphaned(found.clusters, told);
    case 'another network':
      return onAnotherNetwork(lab, found.network, told);
    case 'elsewhere':
      return elsewhere(holdings.made, told);
  }
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

function orphaned(clusters: readonly string[], { command, state }: Told): Refusal {
  // without clusters nothing is left to pause or to resume
  const next = command === 'pause' || command === 'resume' ? 'deploy' : command;
  const marks = clusters.map((name) => quote(`${state}/made/${name}`)).join(' ');
  return {
    cause: `${clusters.join(', ')}: kind clusters whose docker network is gone, so that nobody can say whose they are`,
    remedy:
      `if they are of this lab: kind delete clusters ${clusters.join(' ')}, then ${next} again; ` +
      `if they are not, this lab's are gone: rm ${marks}, then ${next} again`,
  };
}

function onAnotherNetwork({ name, network }: Lab, living: string, { command, line, state }: Told): Refusal {
  return {
    cause: `a lab ${name} lives on the docker network ${living}, ${state} did not come about in this folder or is damaged, and lab.yaml says ${network.name}`,
    remedy:
      `if that lab is yours (the folder was moved), put network.name back and take it over: ${line(command, '--adopt')}; ` +
      `if ${state} is a copy, remove it: rm -r ${quote(state)}`,
  };
}

function elsewhere(made: readonly string[], { command, state }: Told): Refusal {
  const regions = made.length === 0 ? '' : `: ${made.toSorted().join(', ')}`;
  return {
    cause: `nothing on this Docker Engine is of the lab that ${state} tells of${regions}`,
    remedy:
      `if it runs on another engine, point Docker there (docker context ls, DOCKER_HOST) and ${command} again; ` +
      `if it is gone for good, remove its files: rm -r ${quote(state)}`,
  };
}
