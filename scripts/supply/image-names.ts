/** An image, as a registry is asked for it. */
export interface ImageName {
  /** `quay.io` */
  readonly host: string;
  /** `cilium/cilium` */
  readonly repository: string;
  /** A digest where there is one, else a tag. */
  readonly reference: string;
}

/** As containerd reads the name of an image (distribution/reference). Pure. */
export function imageName(text: string): ImageName {
  const [named = '', digest] = text.split('@');
  const host = /^(?:[^/]*[.:][^/]*|localhost)(?=\/)/.exec(named)?.[0];
  const path = host === undefined ? named : named.slice(host.length + 1);
  const [, repository = path, tag = 'latest'] = /^(.*):([^/:]+)$/.exec(path) ?? [];
  return {
    host: host ?? 'docker.io',
    repository: host === undefined && !repository.includes('/') ? `library/${repository}` : repository,
    reference: digest ?? tag,
  };
}

/** The images of all containers in manifests, each once. Pure. */
export function imagesIn(manifest: string): string[] {
  const all = [...manifest.matchAll(/^[ \t-]*image:[ \t]*["']?([^\s"'#]+)/gm)].map(([, image = '']) => image);
  return [...new Set(all)].filter((image) => image !== '');
}

/**
 * The images that `cilium connectivity test --help` names as its defaults, but for those of tests that nobody asks for: of performance,
 * and of BGP. Pure.
 */
export function testImagesIn(help: string): string[] {
  const all = [...help.matchAll(/--([\w-]+)-image string .*\(default "([^"]+)"\)/g)];
  return all.flatMap(([, what = '', image = '']) => (/perf|frr|socat|bgp/.test(what) ? [] : [image]));
}
