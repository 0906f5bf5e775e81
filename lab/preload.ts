import { agentImage } from './agent-image.ts';
import type { Preload, PreloadedImage, Values } from './lab.ts';

/** What of `sources.images` decides how images come to the nodes. */
interface ImageSources {
  readonly preload: boolean;
  /** Of the user's own. */
  readonly probe?: string | undefined;
}

/** Of Cilium's own connectivity test, which pulls it too: Debian with Node.js, curl and ip. */
const publishedProbe =
  'quay.io/cilium/json-mock:v1.4.1@sha256:6a66df90808a39c02e7a9d58af7bf0e54d8f8b7d4bc528f48c891969a7049195';

/**
 * The images that the driver puts on all nodes of a region. One that lab.yaml names itself always is: it may be nowhere but
 * in this machine's Docker Engine.
 * @param values `cilium.values` of the region
 * @param version of Cilium: `1.14.2`
 */
export function preloadOf(images: ImageSources, values: Values, version: string): Preload {
  const agent = images.preload ? agentImage(values, version) : { reason: 'sources.images.preload is false' };
  const probe = isProbePreloaded(images) ? [preloaded(images.probe ?? publishedProbe)] : [];
  return 'reason' in agent ? { images: probe, withoutAgent: agent.reason } : { images: [agent, ...probe] };
}

/** The image of the lab's own servers and clients, as their pods ask for it. */
export function probeImage(images: ImageSources): string {
  const reference = images.probe ?? publishedProbe;
  return isProbePreloaded(images) ? preloaded(reference).name : reference;
}

const isProbePreloaded = ({ preload, probe }: ImageSources): boolean => preload || probe !== undefined;

/** By the name that containerd gives it: with registry and tag, and without the digest, which `kind load` does not carry. */
function preloaded(reference: string): PreloadedImage {
  const [name = ''] = reference.split('@');
  const hasHost = /^([^/]*[.:][^/]*|localhost)\//.test(name);
  const host = hasHost ? '' : name.includes('/') ? 'docker.io/' : 'docker.io/library/';
  const tag = /:[^/]+$/.test(name) ? '' : ':latest';
  return { name: `${host}${name}${tag}`, reference };
}
