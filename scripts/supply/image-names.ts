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
