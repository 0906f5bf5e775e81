import { loadArchive } from '../tools/kind.ts';
import { missingImages } from '../observe/cluster.ts';
import { preloadOf } from './preload.ts';
import { type RegionStep, run, skip } from './step.ts';

/**
 * Puts the preloaded image on every node, from an archive: `kind load docker-image` fails under Docker's containerd
 * image store (kind#3795), `kind load image-archive` works under both.
 */
export const load: RegionStep = {
  name: 'load',
  title: 'load the Cilium image into all nodes',
  scope: 'region',
  after: ['cluster', 'image'],
  takes: 'image-load',
  decide({ region, observed, cluster }) {
    const preload = preloadOf(region, observed);
    if ('reason' in preload) return skip(preload.reason);
    if (cluster === undefined) return run('new nodes');
    return preload.nodes.length === 0
      ? skip('every node has it')
      : run(`${preload.nodes.length} of ${region.nodes.length} nodes lack it`);
  },
  async run({ paths, queries, ...work }, { name, nodes, preload }) {
    if ('reason' in preload) return;
    const lacking = async (): Promise<string[]> => {
      const missing = nodes.map(async (node) =>
        (await missingImages(queries, node, [preload.name])).length > 0 ? [node] : [],
      );
      return (await Promise.all(missing)).flat();
    };
    // a node image of one's own may hold it already
    const before = await lacking();
    if (before.length === 0) return;
    await work.run(loadArchive(name, before, paths.archive(preload.reference)));
    const still = await lacking();
    if (still.length > 0) throw new Error(`kind load said it was done, yet ${still.join(', ')} lack ${preload.name}`);
  },
};
