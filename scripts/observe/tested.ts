import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Lab, Region } from '../../lab/lab.ts';
import { getReleases, namespace, parseReleases } from '../tools/helm.ts';
import { get, parseObjects } from '../tools/kubectl.ts';
import type { Queries } from './queries.ts';
import type { ObservedRegion } from './observed.ts';
import type { Paths } from '../files/paths.ts';

/** Name of the JUnit property that says what was tested. */
const property = 'mesh';

/**
 * What a test is about: these clusters (uid of kube-system) with these revisions of the Cilium release, and what was tested
 * with. Kept inside the JUnit file, so that a file of anything else is not taken for a pass.
 * @param tested with what, in short
 */
async function stateNow(
  queries: Queries,
  paths: Paths,
  regions: readonly Region[],
  tested: string,
): Promise<Record<string, string>> {
  const states = regions.map(async (region) => {
    const target = paths.target(region);
    const [system] = await queries.read(get(target, namespace, ['namespace/kube-system']), parseObjects);
    const [release] = await queries.read(getReleases(target), parseReleases);
    return stateOf(system?.metadata.uid, release?.revision);
  });
  return { [property]: [...(await Promise.all(states)), tested].join('+') };
}

/** The same, of what was observed. */
function stateSeen(regions: readonly Region[], observed: ReadonlyMap<string, ObservedRegion>, tested: string): string {
  const states = regions.map(({ name }) => {
    const cluster = observed.get(name)?.cluster;
    return stateOf(cluster?.uid, cluster?.release?.revision);
  });
  return [...states, tested].join('+');
}

/** What a connectivity test of two regions is about. */
export const testedState = (
  queries: Queries,
  paths: Paths,
  lab: Lab,
  one: Region,
  other: Region,
): Promise<Record<string, string>> => stateNow(queries, paths, [one, other], testedWith(lab, one, other));

/** Does the kept JUnit file speak of these two regions as they are now? */
export function stillTested(
  paths: Paths,
  lab: Lab,
  one: Region,
  other: Region,
  observed: ReadonlyMap<string, ObservedRegion>,
): boolean {
  const now = stateSeen([one, other], observed, testedWith(lab, one, other));
  return readProperty(paths.junit(one.name, other.name)) === now;
}

/** What the paths between regions are about. */
export const meshState = (
  queries: Queries,
  paths: Paths,
  lab: Lab,
  regions: readonly Region[],
): Promise<Record<string, string>> => stateNow(queries, paths, regions, triedWith(lab, regions));

/** Were the paths between these regions, as they are now, tried and found as they should be? */
export const stillTried = (
  paths: Paths,
  lab: Lab,
  regions: readonly Region[],
  observed: ReadonlyMap<string, ObservedRegion>,
): boolean => readProperty(paths.junitOfPaths) === stateSeen(regions, observed, triedWith(lab, regions));

/** Between which regions, over which pools, given by whom. */
function triedWith(lab: Lab, regions: readonly Region[]): string {
  return hash([balancer(lab), regions.map(({ name, pool, links }) => [name, String(pool), links])]);
}

/** Which tests, by which CLI, over which pools, given by whom: in short, as a hash. */
export function testedWith(lab: Lab, one: Region, other: Region): string {
  const pools = [one, other].map(({ pool }) => String(pool));
  return hash([lab.testOnly, lab.stack.versions.ciliumCli, balancer(lab), pools]);
}

/** MetalLB in its version, or Cilium, whose version is that of the release. */
const balancer = ({ loadBalancer, stack: { versions } }: Lab): string =>
  loadBalancer === 'metallb' ? versions.metallb : loadBalancer;

const hash = (of: unknown): string => createHash('sha256').update(JSON.stringify(of)).digest('hex').slice(0, 12);

/** No comma: the CLI takes one for the next property. */
function stateOf(uid: string | undefined, revision: number | undefined): string {
  return `${uid ?? 'none'}@${revision ?? 0}`;
}

/** CLI v0.18 takes `--junit-property` and writes none; but what it was called with is in every file, as `Args`. */
const written = new RegExp(`(?:<property name="${property}" value="|--junit-property\\|${property}=)([^"|]*)`);

function readProperty(file: string): string | undefined {
  try {
    return written.exec(readFileSync(file, 'utf8'))?.[1];
  } catch {
    return undefined; // not tested yet
  }
}
