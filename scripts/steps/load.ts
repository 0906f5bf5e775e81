import { loadArchive } from '../tools/kind.ts';
import { missingImages } from '../observe/cluster.ts';
import { lackingOn, nothingLacks } from './preload.ts';
import { type RegionStep, run, skip, type Work } from './step.ts';

/**
 * Puts the preloaded images on every node, each from an archive: `kind load docker-image` fails under Docker's containerd
 * image store (kind#3795), `kind load image-archive` works under both.
 */
export const load: RegionStep = {
  name: 'load',
  title: 'load the preloaded images into all nodes',
  scope: 'region',
  after: ['cluster', 'image'],
  takes: 'image-load',
  decide({ region, observed, cluster }) {
    const lacking = new Set(lackingOn(region, observed).flatMap(({ nodes }) => nodes));
    if (lacking.size === 0) return skip(nothingLacks(region));
    return run(cluster === undefined ? 'new nodes' : `${lacking.size} of ${region.nodes.length} nodes lack some`);
  },
  async run(work, { name, nodes, preload }) {
    for (const { name: image, reference } of preload.images) {
      // a node image of one's own may hold it already
      const before = await lackingNodes(work, nodes, image);
      if (before.length === 0) continue;
      await work.run(loadArchive(name, before, work.paths.archive(reference)));
      const still = await lackingNodes(work, nodes, image);
      if (still.length > 0) throw new Error(`kind load said it was done, yet ${still.join(', ')} lack ${image}`);
    }
  },
};

/** Those of the nodes that lack an image. */
async function lackingNodes({ queries }: Work, nodes: readonly string[], image: string): Promise<string[]> {
  const missing = nodes.map(async (node) => ((await missingImages(queries, node, [image])).length > 0 ? [node] : []));
  return (await Promise.all(missing)).flat();
}
