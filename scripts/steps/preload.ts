import type { PreloadedImage, Region } from '../../lab/lab.ts';
import { type Observed, wholeCluster } from '../observe/observed.ts';

/** An image that nodes of a region lack. */
interface Lacking {
  readonly image: PreloadedImage;
  readonly nodes: readonly string[];
}

/** What is still to be put on the nodes of a region: all on all of them, where it has no cluster yet. */
export function lackingOn(region: Region, { regions }: Observed): Lacking[] {
  const { name, preload, nodes } = region;
  const cluster = wholeCluster(region, regions.get(name));
  const lacks = (node: string, image: PreloadedImage): boolean =>
    cluster?.missingImages.get(node)?.includes(image.name) ?? true;
  return preload.images
    .map((image) => ({ image, nodes: nodes.filter((node) => lacks(node, image)) }))
    .filter((lacking) => lacking.nodes.length > 0);
}

/** The images that at least one node lacks, each once. */
export function lackingImages(regions: readonly Region[], observed: Observed): PreloadedImage[] {
  const lacking = regions.flatMap((region) => lackingOn(region, observed).map(({ image }) => image));
  return [...new Map(lacking.map((image) => [image.reference, image])).values()];
}

/** Why nothing is put on the nodes of a region. */
export function nothingLacks({ preload }: Region): string {
  return (preload.images.length === 0 ? preload.withoutAgent : undefined) ?? 'every node has them';
}
