import { strFromU8, unzipSync } from 'fflate';

/** Bytes of one file: the largest of a usual lab is that of all pods, half a megabyte. */
const LARGEST = 2 ** 22;

/** The release as Helm keeps it has the CA's key in its values, in forms that are not foreseen. */
const SECRET = /helm|secret/i;

const TEXT = /\.(?:ya?ml|json|txt|log|md|prom)$/;

/** The texts of a `cilium sysdump`, by file, but for Helm's own record and for Secrets. Pure. @throws where it is no whole zip file */
export function readSysdump(zip: Uint8Array): (readonly [file: string, text: string])[] {
  const texts = unzipSync(zip, {
    filter: ({ name, originalSize }) => TEXT.test(name) && !SECRET.test(name) && originalSize <= LARGEST,
  });
  return Object.entries(texts).map(([name, bytes]) => [name.split('/').at(-1) ?? name, strFromU8(bytes)]);
}
