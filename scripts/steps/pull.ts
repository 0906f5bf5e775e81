import type { Lab, Region } from '../../lab/lab.ts';
import { loadBalancerImage } from '../../lab/node-images.ts';
import { type Observed, wholeCluster } from '../observe/observed.ts';
import { bringImage } from './engine-image.ts';
import { type LabStep, run, skip } from './step.ts';

/** The node images before kind needs them: kind would pull them within the deadline of the cluster's creation. */
export const pull: LabStep = {
  name: 'pull',
  title: 'pull the node images',
  scope: 'lab',
  after: [],
  decide({ lab, regions, observed }) {
    const needed = imagesOfClusters(lab, regions, observed);
    if (needed.length === 0) return skip('no cluster is to be made');
    const missing = needed.filter((image) => !observed.images.has(image));
    return missing.length === 0 ? skip('this machine has them') : run(`${missing.join(', ')} not here`);
  },
  async run({ lab, regions, observed, ...work }) {
    for (const image of imagesOfClusters(lab, regions, observed))
      if (!observed.images.has(image)) await bringImage(work, image);
  },
};

/** Those of nodes, of the clusters that are still to be made. */
export function nodeImages(regions: readonly Region[], observed: Observed): string[] {
  return [...new Set(missingClusters(regions, observed).map(({ nodeImage }) => nodeImage))];
}

/** With what kind puts before several control planes. */
function imagesOfClusters({ stack }: Lab, regions: readonly Region[], observed: Observed): string[] {
  const isBalanced = missingClusters(regions, observed).some(({ controlPlanes }) => controlPlanes > 1);
  const balancer = isBalanced ? loadBalancerImage(stack.versions.kind) : undefined;
  return [...nodeImages(regions, observed), ...(balancer === undefined ? [] : [balancer])];
}

const missingClusters = (regions: readonly Region[], { regions: seen }: Observed): Region[] =>
  regions.filter((region) => wholeCluster(region, seen.get(region.name)) === undefined);
