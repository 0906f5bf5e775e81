import type { Region } from '../../lab/lab.ts';
import { meshConnect, meshConnectAll } from '../tools/cilium.ts';
import { wholeCluster } from '../observe/observed.ts';
import { type LabStep, run, type Situation, skip } from './step.ts';
import { linksOf, missingLinks, waitForLinks } from './links.ts';
import { rounds } from './rounds.ts';

/** Every pair of regions once. A connect upgrades the release at both ends, so no region is in two of them at once. */
export const connect: LabStep = {
  name: 'connect',
  title: 'connect every pair of regions',
  scope: 'lab',
  after: ['enable'],
  decide(situation) {
    const { lab, regions } = situation;
    if (regions.length < 2) return skip('one region');
    if (lab.meshMethod === 'install') return skip('part of the Helm install (mesh.method: install)');
    const pairs = unconnected(situation, regions);
    if (pairs.length > 0)
      return run(`${pairs.length} of ${(regions.length * (regions.length - 1)) / 2} links are missing`);
    return skip('every region is connected to all others');
  },
  async run(work) {
    const { lab, regions, observed, paths } = work;
    const missing = unconnected({ observed }, regions);
    const [first, ...others] = regions.map((region) => paths.target(region));
    if (lab.stack.connect === 'mesh' && first !== undefined) {
      await work.run(meshConnectAll([first, ...others]));
    } else {
      for (const round of rounds(missing)) {
        work.progress(`connecting ${round.map(([one, other]) => `${one.name}–${other.name}`).join(', ')}`);
        await Promise.all(round.map(([one, other]) => work.run(meshConnect(paths.target(one), paths.target(other)))));
      }
    }
    await Promise.all(regions.map((region) => waitForLinks(work, region, linksOf(region, regions))));
  },
};

/** Pairs of which at least one side does not list the other as connected. */
function unconnected(
  { observed }: Pick<Situation, 'observed'>,
  regions: readonly Region[],
): (readonly [Region, Region])[] {
  const isLinked = (from: Region, to: Region): boolean =>
    missingLinks(wholeCluster(from, observed.regions.get(from.name))?.mesh, [to.name]).length === 0;
  return regions.flatMap((one, index) =>
    regions
      .slice(index + 1)
      .filter((other) => !isLinked(one, other) || !isLinked(other, one))
      .map((other) => [one, other] as const),
  );
}
