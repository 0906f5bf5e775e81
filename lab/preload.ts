import { agentImage } from './agent-image.ts';
import { imageName } from './image-name.ts';
import type { ImagesBy, Preload, PreloadedImage, Values } from './lab.ts';

/** An image of pods that the lab itself makes. */
export interface PodImage {
  /** As lab.yaml gives it, or as it is published. */
  readonly reference: string;
  /** Whether the driver puts it on nodes. */
  readonly isPreloaded: boolean;
}

/** Of Cilium's own connectivity test, which pulls it too: Debian with Node.js, curl and ip. */
const publishedProbe =
  'quay.io/cilium/json-mock:v1.4.1@sha256:6a66df90808a39c02e7a9d58af7bf0e54d8f8b7d4bc528f48c891969a7049195';

const publishedDatabase =
  'docker.io/library/postgres:17.6-alpine@sha256:ef257d85f76e48da1c64832459b59fcaba1a4dac97bf5d7450c77753542eee94';

/** `sources.images` of lab.yaml, as far as it is about images. */
interface ImageSources {
  readonly by: ImagesBy;
  readonly probe?: string | undefined;
  readonly database?: string | undefined;
}

/** The image of the lab's own servers and clients. */
export const probeImage = ({ by, probe }: ImageSources): PodImage => podImage(probe, publishedProbe, by);

/** PostgreSQL, of the scenario stateful-split. */
export const databaseImage = ({ by, database }: ImageSources): PodImage => podImage(database, publishedDatabase, by);

/** One that lab.yaml names itself is always put on nodes: it may be nowhere but in this machine's Docker Engine. */
function podImage(given: string | undefined, published: string, by: ImagesBy): PodImage {
  return { reference: given ?? published, isPreloaded: by === 'preload' || given !== undefined };
}

/** As its pods ask for it. */
export const askedFor = ({ reference, isPreloaded }: PodImage): string =>
  isPreloaded ? preloaded(reference).name : reference;

/**
 * The images that the driver puts on all nodes of a region.
 * @param values `cilium.values` of the region
 * @param version of Cilium: `1.14.2`
 * @param own of pods that the lab makes there
 */
export function preloadOf(
  { by }: Pick<ImageSources, 'by'>,
  values: Values,
  version: string,
  own: readonly PodImage[],
): Preload {
  const agent = by === 'preload' ? agentImage(values, version) : { reason: `sources.images.by is ${by}` };
  const others = own.filter(({ isPreloaded }) => isPreloaded).map(({ reference }) => preloaded(reference));
  return 'reason' in agent ? { images: others, withoutAgent: agent.reason } : { images: [agent, ...others] };
}

/** By the name that containerd gives it: with registry and tag, and without the digest, which `kind load` does not carry. */
function preloaded(reference: string): PreloadedImage {
  const { host, repository, tag = 'latest' } = imageName(reference);
  return { name: `${host}/${repository}:${tag}`, reference };
}
