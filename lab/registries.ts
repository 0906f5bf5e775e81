import { createHash } from 'node:crypto';
import { imageName } from './image-name.ts';

/** Where images of a lab come from, as their names have it: Cilium's and MetalLB's, those of its tests, PostgreSQL, kind's nodes. */
const hosts = ['docker.io', 'quay.io', 'registry.k8s.io'] as const;

/** By host: who answers for it where that is another one. Docker Hub's names are not its address. */
const answering: Readonly<Record<string, string>> = { 'docker.io': 'https://registry-1.docker.io' };

/** A registry, and who is asked before it. */
export interface Registry {
  /** As names of images begin: `quay.io`. */
  readonly host: string;
  /** Its own URL. */
  readonly url: string;
  /** URL of its mirror; its own where it has none. */
  readonly upstream: string;
  /** Name of its cache: of the container, and of the volume with what that holds. */
  readonly cache: string;
}

/** By host: the URL of a registry that is asked in its place. */
export type RegistryMirrors = Readonly<Record<string, string>>;

/** Registries that answer in mainland China (github.com/DaoCloud/public-image-mirror). */
const china: RegistryMirrors = {
  'docker.io': 'https://docker.m.daocloud.io',
  'quay.io': 'https://quay.m.daocloud.io',
  'registry.k8s.io': 'https://k8s.m.daocloud.io',
};

/** @param mirrors `mirrors` of lab.yaml @param given `sources.mirrors` of lab.yaml, which go before a preset */
export function registryMirrorsOf(mirrors: unknown, given: RegistryMirrors): RegistryMirrors {
  return { ...(mirrors === 'china' && china), ...given };
}

/** The registries of a lab, and those that lab.yaml names a mirror of. In the order of their hosts. */
export function registriesOf(mirrors: RegistryMirrors): Registry[] {
  return [...new Set([...hosts, ...Object.keys(mirrors)])].toSorted().map((host) => {
    const url = answering[host] ?? `https://${host}`;
    const upstream = mirrors[host]?.replace(/\/+$/, '') ?? url;
    return { host, url, upstream, cache: cacheOf(host, upstream === url ? undefined : upstream) };
  });
}

/** So names of caches begin. */
export const CACHE = 'clustermesh-lab-cache-';

/** What comes from elsewhere is held apart: another registry may say other things of the same name. */
function cacheOf(host: string, mirror: string | undefined): string {
  // a name of a container says dash for dot, and for what is no letter
  const isPlain = /^[a-z0-9]+(\.[a-z0-9]+)*$/.test(host);
  const of = [...(isPlain ? [] : [host]), ...(mirror === undefined ? [] : [mirror])].join(' ');
  const apart = of === '' ? '' : `-${createHash('sha256').update(of).digest('hex').slice(0, 8)}`;
  return `${CACHE}${host.replaceAll(/[^a-z0-9]+/g, '-')}${apart}`;
}

/** CNCF distribution 3.0.0, which can keep what it has for ever (`proxy.ttl`); Docker's official image of it. */
export const publishedCache =
  'docker.io/library/registry:3.0.0@sha256:6c5666b861f3505b116bb9aa9b25175e71210414bd010d92035ff64018f9457e';

/** Port on which a cache answers. */
export const CACHE_PORT = 5000;

/** Folder in which containerd looks for `HOST/hosts.toml`. */
export const HOSTS_FOLDER = '/etc/containerd/certs.d';

/**
 * Tells the containerd of a node whom it asks for images of a registry, one after the other, and at last the registry itself
 * (containerd docs/hosts.md): a cache that is down costs a moment.
 */
export function hostsToml({ url, upstream, cache }: Registry, isCached: boolean): string {
  const asked = [...(isCached ? [`http://${cache}:${CACHE_PORT}`] : []), ...(upstream === url ? [] : [upstream])];
  return [
    `server = "${url}"`,
    ...asked.flatMap((host) => ['', `[host."${host}"]`, '  capabilities = ["pull", "resolve"]']),
    '',
  ].join('\n');
}

/** The name of an image where a mirror is asked for it: `docker.m.daocloud.io/kindest/node:v1.27.3@sha256:…`. */
export function mirroredName(image: string, mirrors: RegistryMirrors): string {
  const { host, repository, tag, digest } = imageName(image);
  const mirror = mirrors[host];
  if (mirror === undefined) return image;
  return `${new URL(mirror).host}/${repository}${tag ? `:${tag}` : ''}${digest ? `@${digest}` : ''}`;
}
