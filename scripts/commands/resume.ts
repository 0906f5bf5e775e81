import type { Region } from '../../lab/lab.ts';
import { paths } from '../steps/paths.ts';
import { start } from '../steps/start.ts';
import type { LabStep, Work } from '../steps/step.ts';
import { getReleases, parseReleases } from '../tools/helm.ts';
import type { Io } from './io.ts';
import type { RestOptions } from './options.ts';
import { rest } from './rest.ts';

/** `npm run resume`: starts the nodes again, waits until what was up is up, and tries every path between the regions. */
export const resume = (options: RestOptions, io: Io): Promise<number> => rest('resume', start, [tried], options, io);

/** Every path between the regions that have a Cilium: a deploy may have been cut off before the others got theirs. */
const tried: LabStep = {
  ...paths,
  async run(work) {
    const installed = await withCilium(work);
    const without = work.regions.filter((region) => !installed.includes(region)).map(({ name }) => name);
    if (without.length > 0) work.found(`no Cilium in ${without.join(', ')}: deploy goes on there`);
    if (installed.length > 0) await paths.run?.({ ...work, regions: installed });
  },
};

async function withCilium(work: Work): Promise<Region[]> {
  const releases = work.regions.map(async (region) => {
    const found = await work.queries.read(getReleases(work.paths.target(region)), parseReleases);
    return found.length > 0 ? [region] : [];
  });
  return (await Promise.all(releases)).flat();
}
