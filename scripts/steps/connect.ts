import { meshConnect, meshConnectAll } from '../tools/cilium.ts';
import type { Region } from '../../lab/lab.ts';
import { linksOf } from '../observe/mesh.ts';
import { brokenLinks, waitForLinks } from './links.ts';
import { pairName, pairsOf } from './pairs.ts';
import { inRounds } from './rounds.ts';
import { type LabStep, type Part, run, skip, type Situation, waitAgain } from './step.ts';
import { allOf, span } from './wait.ts';

/** Every pair of regions once. A connect upgrades the release at both ends, so no region is in two of them at once. */
export const connect: LabStep = {
  name: 'connect',
  title: 'connect every pair of regions',
  scope: 'lab',
  after: ['enable'],
  decide(situation) {
    const { lab, regions, runs } = situation;
    if (regions.length < 2)
      return skip(lab.regions.length < 2 ? 'one region' : `only ${regions[0]?.name ?? 'none'} is chosen (--region)`);
    if (lab.meshMethod === 'install') return skip('part of the Helm install (mesh.method: install)');
    const open = unconnected(situation).length;
    if (open > 0) return run(`${open} of ${(regions.length * (regions.length - 1)) / 2} links are missing`);
    const before = (['cilium', 'metallb', 'pool', 'enable'] as const).find((step) => runs(step));
    return before === undefined
      ? skip('every region is connected to all others')
      : waitAgain(`${before} runs before: looked at again`);
  },
  parts({ lab, regions, observed }) {
    const missing = unconnected({ lab, regions, observed });
    return lab.stack.connect === 'mesh' ? [allAtOnce(regions)] : missing.map(([one, other]) => pairPart(one, other));
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
      await work.run(meshConnect(paths.target(one), paths.target(other)));
    },
  };
}

function allAtOnce(regions: readonly Region[]): Part {
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

/** Pairs of which at least one side does not reach the other for good, in an order that wastes no turn. */
function unconnected({
  lab,
  regions,
  observed,
}: Pick<Situation, 'lab' | 'regions' | 'observed'>): (readonly [Region, Region])[] {
  const broken = new Map(regions.map((region) => [region, new Set(brokenLinks(lab, region, regions, observed))]));
  const isBroken = (one: Region, other: Region): boolean =>
    broken.get(one)?.has(other.name) === true || broken.get(other)?.has(one.name) === true;
  const places = pairsOf(regions.map((_, place) => place));
  return inRounds(places, regions.length).flatMap(([one, other]) => {
    const [from, to] = [regions[one], regions[other]];
    return from !== undefined && to !== undefined && isBroken(from, to) ? [[from, to] as const] : [];
  });
}
