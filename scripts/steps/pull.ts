import type { Region } from '../../lab/lab.ts';
import { type Observed, wholeCluster } from '../observe/observed.ts';
import { pull as pullImage } from '../tools/docker.ts';
import { type LabStep, run, skip } from './step.ts';

/** The node images before kind needs them: kind would pull them within the deadline of the cluster's creation. */
export const pull: LabStep = {
  name: 'pull',
  title: 'pull the node images',
  scope: 'lab',
  after: [],
  decide({ regions, observed }) {
    const needed = nodeImages(regions, observed);
    if (needed.length === 0) return skip('no cluster is to be made');
    const missing = needed.filter((image) => !observed.images.has(image));
    return missing.length === 0 ? skip('this machine has them') : run(`${missing.join(', ')} not here`);
  },
  async run({ regions, observed, ...work }) {
    for (const image of nodeImages(regions, observed)) {
      if (!observed.images.has(image)) await work.run(pullImage(image));
    }
  },
};

/** Of the clusters that are still to be made. */
export function nodeImages(regions: readonly Region[], { regions: seen }: Observed): string[] {
  const missing = regions.filter((region) => wholeCluster(region, seen.get(region.name)) === undefined);
  return [...new Set(missing.map(({ nodeImage }) => nodeImage))];
}
