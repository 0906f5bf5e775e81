import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab } from '../../lab/lab.ts';
import { UserError } from '../events/errors.ts';
import { observeContainers, observeNetworks } from './observe.ts';
import type { Queries } from './queries.ts';
import type { Paths } from '../files/paths.ts';

/** What of the lab is there and goes when it is destroyed. */
export interface Remains {
  /** kind clusters: named in lab.yaml or made by an earlier deploy of this lab, and on the lab's own network. */
  readonly clusters: readonly string[];
  /** The lab's networks, by its label, where everything goes; more than one where network.name was changed. */
  readonly networks: readonly string[];
  /** Files and folders under `.lab/`. */
  readonly files: readonly string[];
}

/**
 * Goes by the lab's label and its names, never by a pattern.
 * @param names of `--region`; undefined: everything
 * @throws UserError for a name that never was this lab's
 */
export async function findRemains(
  lab: Lab,
  paths: Paths,
  queries: Queries,
  names: readonly string[] | undefined,
): Promise<Remains> {
  const [networks, containers] = await Promise.all([observeNetworks(queries), observeContainers(queries)]);
  const known = [...new Set([...lab.regions.map(({ name }) => name), ...madeEarlier(paths)])];
  const unknown = (names ?? []).filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new UserError(`--region ${unknown.join(' ')}: no such region in ${lab.name}. It has ${known.join(', ')}.`);
  }
  const own = networks.filter(({ lab: owner }) => owner === lab.name).map(({ name }) => name);
  const onNetwork = containers.filter((container) => container.networks.some((name) => own.includes(name)));
  const living = [...new Set(onNetwork.map(({ cluster }) => cluster))];
  const wanted = known.filter((name) => names === undefined || names.includes(name));
  return {
    clusters: wanted.filter((name) => living.includes(name)),
    networks: names === undefined ? own : [],
    files: names === undefined ? [paths.state] : names.flatMap((name) => regionFiles(paths, name)),
  };
}

/** Leaves a trace of a region before its creation, so that it can be destroyed when lab.yaml has lost it. */
export function markMade(paths: Paths, region: string): void {
  mkdirSync(paths.made, { recursive: true });
  writeFileSync(join(paths.made, region), '');
}

/** Regions that an earlier deploy made and lab.yaml may have lost since. */
export function madeEarlier(paths: Paths): string[] {
  return existsSync(paths.made) ? readdirSync(paths.made) : [];
}

function regionFiles(paths: Paths, name: string): string[] {
  return [
    join(paths.made, name),
    paths.kubeconfig(name),
    `${paths.kubeconfig(name)}.lock`,
    paths.secretValues(`${name}-mesh`),
  ];
}
