import type { Lab } from './lab.ts';
import { loadBalancerImage } from './node-images.ts';

/** Images that Docker itself needs for a lab, each once: of nodes, of caches, those that the driver puts on nodes, and kind's load balancer. Pure. */
export function engineImages({ regions, stack, imagesBy, cacheImage }: Lab): string[] {
  const balancer = loadBalancerImage(stack.versions.kind);
  const perRegion = regions.flatMap(({ nodeImage, controlPlanes, preload }) => [
    nodeImage,
    ...(controlPlanes > 1 && balancer !== undefined ? [balancer] : []),
    ...preload.images.map(({ reference }) => reference),
  ]);
  return [...new Set([...perRegion, ...(imagesBy === 'cache' ? [cacheImage] : [])])];
}
