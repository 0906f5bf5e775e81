import { createHash } from 'node:crypto';

/** The name of an image, as containerd reads it. */
export interface ImageName {
  /** `quay.io` */
  readonly host: string;
  /** `cilium/cilium` */
  readonly repository: string;
  readonly tag: string | undefined;
  /** `sha256:…` */
  readonly digest: string | undefined;
}

/**
 * The name that an image out of a bundle has on this machine's Docker, beside its own where that has no digest: `docker load` gives
 * none, and no name that is somebody else's is given anew. Pure.
 */
export const bundledName = (image: string): string =>
  `clustermesh-lab-bundle:${createHash('sha256').update(image).digest('hex').slice(0, 16)}`;

/** Docker Hub's images need not say where they are, nor that they are its library's (distribution/reference). Pure. */
export function imageName(text: string): ImageName {
  const [named = '', digest] = text.split('@');
  const host = /^(?:[^/]*[.:][^/]*|localhost)(?=\/)/.exec(named)?.[0] ?? 'docker.io';
  const path = named.startsWith(`${host}/`) ? named.slice(host.length + 1) : named;
  const [, repository = path, tag] = /^(.*):([^/:]+)$/.exec(path) ?? [];
  const isOfLibrary = host === 'docker.io' && !repository.includes('/');
  return { host, repository: isOfLibrary ? `library/${repository}` : repository, tag, digest };
}
