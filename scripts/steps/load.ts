import type { Region } from '../../lab/lab.ts';
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
  needsNodes: true,
  scope: 'region',
  after: ['cluster', 'image'],
  // the containers of all nodes run before the API server answers
  early: ['cluster'],
  reaches: 'the agent',
  takes: 'image-load',
  decide({ region, observed, cluster }) {
    const lacking = new Set(lackingOn(region, observed).flatMap(({ nodes }) => nodes));
    if (lacking.size === 0) return skip(nothingLacks(region));
    return run(cluster === undefined ? 'new nodes' : `${lacking.size} of ${region.nodes.length} nodes lack some`);
  },
  async run(work, { name, nodes, preload }) {
    // the first of the images, where it is among them
    const others = preload.withoutAgent === undefined ? 1 : 0;
    if (others === 0) work.reached();
    // a node image of one's own may hold some already
    const before = await lackingNodes(work, nodes, preload);
    for (const [index, { name: image, reference }] of preload.images.entries()) {
      if (index === others) work.reached();
      const lacking = before.get(image) ?? [];
      if (lacking.length > 0) await work.run(loadArchive(name, lacking, work.paths.archive(reference)));
    }
    if (before.size === 0) return;
    for (const [image, still] of await lackingNodes(work, nodes, preload))
      throw new Error(`kind load said it was done, yet ${still.join(', ')} lack ${image}`);
  },
};

/** By image: the nodes that lack it; none of an image that all of them hold. */
async function lackingNodes(
  { queries }: Work,
  nodes: readonly string[],
  { images }: Region['preload'],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const names = images.map(({ name }) => name);
  const missing = await Promise.all(nodes.map((node) => missingImages(queries, node, names)));
  const lacking = names.map((name) => [name, nodes.filter((_, index) => missing[index]?.includes(name))] as const);
  return new Map(lacking.filter(([, without]) => without.length > 0));
}
