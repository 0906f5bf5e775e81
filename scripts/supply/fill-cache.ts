import { get } from 'node:http';
import { z } from 'zod';
import { readJson } from '../tools/json.ts';
import type { ImageName } from '../../lab/image-name.ts';

/** What came of one image. */
export interface Filled {
  /** Bytes that were not there before. */
  readonly bytes: number;
}

/** Why an image is not in the cache. */
export class FillError extends Error {
  override readonly name = 'FillError';
}

const descriptor = z.object({ digest: z.string() });
const manifest = z.object({ config: descriptor, layers: z.array(descriptor) });
const index = z.object({
  manifests: z.array(
    descriptor.extend({ platform: z.object({ os: z.string(), architecture: z.string() }).optional() }),
  ),
});

/** As OCI and Docker have them. */
const ACCEPT = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/** Bytes of a manifest, and more. */
const LARGEST = 2 ** 22;

/** Milliseconds in which some byte comes. */
const SILENCE = 60_000;

/**
 * Lets a cache fetch an image for one platform, so that it is there once, before many nodes ask for it at once: a registry of CNCF
 * distribution asks its upstream again for what is still on its way (registry/proxy/proxyblobstore.go).
 * @param base `http://127.0.0.1:32768`
 * @param platform `linux/amd64`
 * @param alone for several images at once @default - it is the only one
 * @throws FillError where the cache has no such image, or does not answer
 */
export async function fillCache(
  base: string,
  { repository, tag = 'latest', digest: sum }: ImageName,
  platform: string,
  signal: AbortSignal,
  alone: Alone = (_, work) => work(),
): Promise<Filled> {
  const reference = sum ?? tag;
  const place = `${base}/v2/${repository}`;
  const read = async (wanted: string): Promise<string> => (await ask(`${place}/manifests/${wanted}`, signal)).text;
  let text = await read(reference);
  const all = readJson(index, text);
  if (all !== undefined) {
    const [os, architecture] = platform.split('/');
    const own = all.manifests.find(
      ({ platform: is }) => is === undefined || (is.os === os && is.architecture === architecture),
    );
    if (own === undefined) throw new FillError(`${repository}:${reference} is not there for ${platform}`);
    text = await read(own.digest);
  }
  const found = readJson(manifest, text);
  if (found === undefined) throw new FillError(`${repository}:${reference} has a manifest that nobody knows`);
  let bytes = 0;
  for (const digest of new Set([found.config, ...found.layers].map((each) => each.digest)))
    bytes += (await alone(digest, () => ask(`${place}/blobs/${digest}`, signal, true))).bytes;
  return { bytes };
}

/** Does something about a digest when nobody else is at it. */
type Alone = <Result>(digest: string, work: () => Promise<Result>) => Promise<Result>;

/** What several images have in common is asked for one after the other: of what is on its way for one, a cache keeps nothing for another. */
export function oneAtATime(): Alone {
  const last = new Map<string, Promise<unknown>>();
  return (digest, work) => {
    const next = (last.get(digest) ?? Promise.resolve()).then(work, work);
    last.set(digest, next);
    return next;
  };
}

/** Does a registry answer there? Undefined where nobody listens, as where the engine is on another machine. */
export function isAnswering(base: string): Promise<boolean | undefined> {
  return new Promise((resolve) => {
    const request = get(`${base}/v2/`, { timeout: 2000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.once('timeout', () => request.destroy(new Error('silence')));
    request.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code === 'ECONNREFUSED' ? undefined : false);
    });
  });
}

/**
 * @param isBlob only its first byte is asked for: what is there is not read again, and what has to be fetched comes whole
 * @returns bytes that the cache had to fetch: of a blob that was there none
 */
function ask(url: string, signal: AbortSignal, isBlob = false): Promise<{ text: string; bytes: number }> {
  return new Promise((resolve, reject) => {
    const headers = isBlob ? { range: 'bytes=0-0' } : { accept: ACCEPT };
    const request = get(url, { headers, signal, timeout: SILENCE }, (response) => {
      const { statusCode = 0 } = response;
      if (statusCode !== 200 && statusCode !== 206) {
        response.resume();
        reject(new FillError(`${url} answers ${statusCode}`));
        return;
      }
      let bytes = 0;
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (!isBlob && bytes <= LARGEST) chunks.push(chunk);
      });
      response.once('error', reject);
      response.once('end', () => {
        resolve({ text: Buffer.concat(chunks).toString('utf8'), bytes: statusCode === 206 ? 0 : bytes });
      });
    });
    request.once('timeout', () => request.destroy(new FillError(`${url} says nothing for a minute`)));
    request.once('error', (error) => {
      reject(signal.aborted ? error : new FillError(`${url}: ${error.message}`));
    });
  });
}
