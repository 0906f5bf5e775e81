import { meshConnect, meshConnectAll } from '../tools/cilium.ts';
import type { Region } from '../../lab/lab.ts';
import { linksOf } from '../observe/mesh.ts';
import { brokenLinks, waitForLinks } from './links.ts';
import { countLinks, isFullMesh, type Link, linksAmong, pairName, starsOf } from './pairs.ts';
import { inRounds } from './rounds.ts';
import { type LabStep, type Part, run, skip, type Situation, waitAgain } from './step.ts';
import { allOf, span } from './wait.ts';

/** Every link once. A connect upgrades the release at both ends, so no region is in two of them at once. */
export const connect: LabStep = {
  name: 'connect',
  title: 'connect the regions',
  waitsForPods: true,
  scope: 'lab',
  after: ['ready'],
  decide(situation) {
    const { lab, regions, runs } = situation;
    if (regions.length < 2)
      return skip(lab.regions.length < 2 ? 'one region' : `only ${regions[0]?.name ?? 'none'} is chosen (--region)`);
    if (lab.meshMethod === 'install') return skip('part of the Helm install (mesh.method: install)');
    const wanted = countLinks(regions);
    if (wanted === 0) return skip('no two of the regions are to be connected (mesh.pairs)');
    const open = unconnected(situation).length;
    if (open > 0) return run(`${open} of ${wanted} links are missing`);
    const before = (['cilium', 'metallb', 'pool', 'enable'] as const).find((step) => runs(step));
    return before === undefined ? skip('every link is there') : waitAgain(`${before} runs before: looked at again`);
  },
  parts({ lab, regions, observed }) {
    const isAtOnce = lab.stack.connect === 'mesh';
    if (isAtOnce && isFullMesh(regions)) return [meshPart(regions)];
    const missing = unconnected({ lab, regions, observed });
    return isAtOnce
      ? starsOf(missing).map(([centre, remotes]) => starPart(centre, remotes))
      : ordered(missing, regions).map(([one, other]) => pairPart(one, other));
  },
  async wait(work) {
    const { regions } = work;
    await allOf(regions.map((region) => waitForLinks(work, region, linksOf(region, regions))));
  },
};

function pairPart(one: Region, other: Region): Part {
  return {
    name: pairName(one, other),
    regions: [one, other],
    async run({ paths, ...work }) {
      work.progress(`connecting ${one.name}–${other.name}, up to ${span(work.timeoutSeconds)}`);
      await work.run(meshConnect(paths.target(one), [paths.target(other)]));
    },
  };
}

/** One call for the links of one region. */
function starPart(centre: Region, remotes: readonly Region[]): Part {
  const [remote, ...more] = remotes;
  if (remote !== undefined && more.length === 0) return pairPart(centre, remote);
  return {
    name: centre.name,
    regions: [centre, ...remotes],
    async run({ paths, ...work }) {
      work.progress(`connecting ${centre.name} to ${remotes.length} regions, up to ${span(work.timeoutSeconds)}`);
      const targets = remotes.map((region) => paths.target(region));
      await work.run(meshConnect(paths.target(centre), targets));
    },
  };
}

/** One call for all links of all regions. */
function meshPart(regions: readonly Region[]): Part {
  return {
    name: 'all',
    regions,
    async run({ paths, ...work }) {
      const [first, ...others] = regions.map((region) => paths.target(region));
      work.progress(`connecting all regions, up to ${span(work.timeoutSeconds)}`);
      if (first !== undefined) await work.run(meshConnectAll([first, ...others]));
    },
  };
}

/** Links of which at least one end does not reach the other for good. */
function unconnected({ lab, regions, observed }: Pick<Situation, 'lab' | 'regions' | 'observed'>): Link[] {
  const broken = new Map(regions.map((region) => [region, new Set(brokenLinks(lab, region, regions, observed))]));
  const isBroken = (one: Region, other: Region): boolean =>
    broken.get(one)?.has(other.name) === true || broken.get(other)?.has(one.name) === true;
  return linksAmong(regions).filter(([one, other]) => isBroken(one, other));
}

/** In an order that wastes no turn. */
function ordered(links: readonly Link[], regions: readonly Region[]): Link[] {
  const places = new Map(regions.map((region, place) => [region, place]));
  const placed = links.map((link) => [places.get(link[0]) ?? 0, places.get(link[1]) ?? 0, link] as const);
  return inRounds(placed, regions.length).map(([, , link]) => link);
}
