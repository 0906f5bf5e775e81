import { loadArchive } from '../tools/kind.ts';
import { missingImages } from '../observe/cluster.ts';
import { type RegionStep, run, skip } from './step.ts';

/**
 * Puts the preloaded images on every node, from an archive: `kind load docker-image` fails under Docker's containerd
 * image store (kind#3795), `kind load image-archive` works under both.
 */
export const load: RegionStep = {
  name: 'load',
  title: 'load the Cilium image into all nodes',
  scope: 'region',
  after: ['cluster', 'image'],
  takes: 'image-load',
  decide({ lab, region, cluster }) {
    const { preload } = lab.sources;
    if (preload.length === 0) return skip('sources.images.preload is false');
    if (cluster === undefined) return run('new nodes');
    const lacking = region.nodes.filter((node) => cluster.missingImages.get(node)?.length !== 0);
    return lacking.length === 0
      ? skip('every node has it')
      : run(`${lacking.length} of ${region.nodes.length} nodes lack it`);
  },
  async run({ lab, paths, queries, ...work }, region) {
    const lacking = async (image: string): Promise<string[]> => {
      const missing = region.nodes.map(async (node) =>
        (await missingImages(queries, node, [image])).length > 0 ? [node] : [],
      );
      return (await Promise.all(missing)).flat();
    };
    for (const image of lab.sources.preload) {
      // a node image of one's own may hold it already
      const nodes = await lacking(image);
      if (nodes.length === 0) continue;
      await work.run(loadArchive(region.name, nodes, paths.archive(image)));
      const still = await lacking(image);
      if (still.length > 0) throw new Error(`kind load said it was done, yet ${still.join(', ')} lack ${image}`);
    }
  },
};
