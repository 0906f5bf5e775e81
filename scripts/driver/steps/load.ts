import { loadArchive } from '../../tools/kind.ts';
import { type RegionStep, run, skip } from '../step.ts';

/**
 * Puts the preloaded images on every node, from an archive: `kind load docker-image` fails under Docker's containerd
 * image store (kind#3795), `kind load image-archive` works under both.
 */
export const load: RegionStep = {
  name: 'load',
  title: 'load the Cilium image into all nodes',
  scope: 'region',
  after: ['cluster', 'image'],
  decide({ lab, region, cluster, runs }) {
    const { preload } = lab.sources;
    if (preload.length === 0) return skip('sources.images.preload is false');
    if (cluster === undefined || runs('cluster', region)) return run('new nodes');
    const lacking = region.nodes.filter((node) => cluster.missingImages.get(node)?.length !== 0);
    return lacking.length === 0
      ? skip('every node has it')
      : run(`${lacking.length} of ${region.nodes.length} nodes lack it`);
  },
  async run({ lab, paths, ...work }, region) {
    for (const image of lab.sources.preload) await work.run(loadArchive(region.name, paths.archive(image)));
  },
};
