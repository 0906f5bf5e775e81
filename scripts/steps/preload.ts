import type { AgentImage, NotPreloaded, Region } from '../../lab/lab.ts';
import { type Observed, wholeCluster } from '../observe/observed.ts';

/** An image that is to be put on nodes of a region. */
export interface Preload {
  readonly image: AgentImage;
  /** Those that lack it; all, where the region has no cluster yet. */
  readonly nodes: readonly string[];
}

/** What is still to be put on the nodes of a region, or why nothing ever is. */
export function preloadOf(region: Region, { regions }: Observed): Preload | NotPreloaded {
  const { name, preload, nodes } = region;
  if ('reason' in preload) return preload;
  const cluster = wholeCluster(region, regions.get(name));
  return { image: preload, nodes: nodes.filter((node) => cluster?.missingImages.get(node)?.length !== 0) };
}

/** The images that at least one node lacks, each once. */
export function lackingImages(regions: readonly Region[], observed: Observed): AgentImage[] {
  const lacking = regions.flatMap((region) => {
    const preload = preloadOf(region, observed);
    return 'image' in preload && preload.nodes.length > 0 ? [preload.image] : [];
  });
  return [...new Map(lacking.map((image) => [image.reference, image])).values()];
}
