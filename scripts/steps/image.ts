import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { pull, save } from '../tools/docker.ts';
import { wholeCluster } from '../observe/observed.ts';
import { type LabStep, run, skip } from './step.ts';

/** Pulls the preloaded images once and packs them once, beside the clusters; every region then loads the same archive. */
export const image: LabStep = {
  name: 'image',
  title: 'pull the Cilium image and pack it',
  scope: 'lab',
  after: [],
  decide({ lab, regions, observed }) {
    const { preload } = lab.sources;
    if (preload.length === 0) return skip('sources.images.preload is false');
    const lacking = regions.filter((region) => {
      const cluster = wholeCluster(region, observed.regions.get(region.name));
      return region.nodes.some((node) => cluster?.missingImages.get(node)?.length !== 0);
    });
    return lacking.length === 0
      ? skip('every node has it')
      : run(`${lacking.length} of ${regions.length} regions lack it`);
  },
  async run({ lab, observed, paths, ...work }) {
    for (const name of lab.sources.preload) {
      const archive = paths.archive(name);
      if (existsSync(archive)) continue;
      if (!observed.images.has(name)) await work.run(pull(name));
      mkdirSync(dirname(archive), { recursive: true });
      // kind#3795: under the containerd image store an archive of all platforms lacks what this machine never pulled
      const platform = observed.engine.containerdImageStore ? observed.engine.platform : undefined;
      await work.run(save(name, `${archive}.partial`, platform));
      renameSync(`${archive}.partial`, archive);
    }
  },
};
