import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { save, tag } from '../tools/docker.ts';
import { bringImage } from './engine-image.ts';
import { lackingImages, lackingOn, nothingLacks } from './preload.ts';
import { type LabStep, run, skip } from './step.ts';

/** Pulls the preloaded images once, by digest, and packs them once, beside the clusters; every region then loads the same archives. */
export const image: LabStep = {
  name: 'image',
  title: 'pull the preloaded images and pack them',
  scope: 'lab',
  after: [],
  decide({ regions, observed }) {
    const lacking = regions.filter((region) => lackingOn(region, observed).length > 0);
    if (lacking.length > 0) return run(`${lacking.length} of ${regions.length} regions lack some`);
    const [preloading = regions[0]] = regions.filter(({ preload }) => preload.images.length > 0);
    return skip(preloading === undefined ? 'no region' : nothingLacks(preloading));
  },
  async run({ regions, observed, paths, ...work }) {
    mkdirSync(paths.images, { recursive: true });
    for (const { name, reference } of lackingImages(regions, observed)) {
      const archive = paths.archive(reference);
      // without a digest in its name an archive may be of an image that was built anew since
      if (reference.includes('@') && existsSync(archive)) continue;
      const here = observed.images.get(reference) ?? (await bringImage(work, reference));
      if (here !== name) await work.run(tag(here, name));
      // kind#3795: under the containerd image store an archive of all platforms lacks what this machine never pulled
      const platform = observed.engine.containerdImageStore ? observed.engine.platform : undefined;
      await work.run(save(name, `${archive}.partial`, platform));
      renameSync(`${archive}.partial`, archive);
    }
  },
};
