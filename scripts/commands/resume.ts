import type { Region } from '../../lab/lab.ts';
import { observeMesh } from '../observe/mesh.ts';
import { paths } from '../steps/paths.ts';
import { start } from '../steps/start.ts';
import type { LabStep, Work } from '../steps/step.ts';
import { getReleases, parseReleases } from '../tools/helm.ts';
import type { Io } from './io.ts';
import type { RestOptions } from './options.ts';
import { rest } from './rest.ts';

/** `npm run resume`: starts the nodes again, waits until what was up is up, and tries every path between the regions. */
export const resume = (options: RestOptions, io: Io): Promise<number> => rest('resume', start, [tried], options, io);

/** Every path between the regions that have a Cilium, as they were: lab.yaml may say something else by now. */
const tried: LabStep = {
  ...paths,
  async run(work) {
    const isHalf = ({ name }: Region): boolean => work.observed.regions.get(name)?.creating === true;
    const [half, whole] = [work.regions.filter(isHalf), work.regions.filter((region) => !isHalf(region))];
    const living = (await Promise.all(whole.map((region) => asItLives(work, region)))).flat();
    const bare = whole.filter(({ name }) => !living.some((region) => region.name === name));
    const left = [
      ...(half.length === 0 ? [] : [`${namesOf(half)} half-built: deploy makes it anew`]),
      ...(bare.length === 0 ? [] : [`no Cilium in ${namesOf(bare)}: deploy goes on there`]),
    ];
    if (left.length > 0) work.found(left.join('; '));
    if (living.length > 0) await paths.run?.({ ...work, regions: living });
  },
};

const namesOf = (regions: readonly Region[]): string => regions.map(({ name }) => name).join(', ');

/** The region with the nodes and links that it has; none where it has no Cilium: a deploy may have been cut off before. */
async function asItLives({ observed, paths: files, queries, regions }: Work, region: Region): Promise<Region[]> {
  const target = files.target(region);
  const releases = await queries.read(getReleases(target), parseReleases);
  if (releases.length === 0) return [];
  const containers = observed.regions.get(region.name)?.containers ?? [];
  const mesh = await observeMesh(queries, target);
  const links = Object.keys(mesh?.connected ?? {}).filter((name) => regions.some((other) => other.name === name));
  return [{ ...region, nodes: containers.filter(({ isNode }) => isNode).map(({ name }) => name), links }];
}
