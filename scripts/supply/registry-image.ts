import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { get, request } from 'node:http';
import { z } from 'zod';
import { readJson } from '../tools/json.ts';
import type { ImageName } from '../../lab/image-name.ts';
import type { Shape } from './held-images.ts';

/** What came of one image. */
export interface Filled {
  /** Bytes that were not there before. */
  readonly bytes: number;
  /** Digests of its manifests. */
  readonly manifests: readonly string[];
}

/** A registry has no such image, or does not answer. */
export class RegistryError extends Error {
  override readonly name = 'RegistryError';
}

const descriptor = z.object({ digest: z.string(), size: z.number().optional() });
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

/** An image for one platform, as a registry has it. */
export interface ImageParts {
  /** By digest: the manifest of all platforms, where it has one; last its own. */
  readonly manifests: ReadonlyMap<string, Buffer>;
  /** Digests of its configuration and of its layers, each once. */
  readonly blobs: readonly string[];
}

/**
 * The parts of an image.
 * @param base URL of the registry: `http://127.0.0.1:32768`
 * @param platform `linux/amd64`
 * @param isHeld manifests are held against the digests that they are asked for by @default false: whoever pulls them does so
 * @throws RegistryError where the registry has no such image, or does not answer
 */
export async function partsOf(
  base: string,
  { repository, tag = 'latest', digest }: ImageName,
  platform: string,
  signal: AbortSignal,
  isHeld = false,
): Promise<ImageParts> {
  const reference = digest ?? tag;
  const manifests = new Map<string, Buffer>();
  const read = async (wanted: string): Promise<string> => {
    const { body } = await ask(`${base}/v2/${repository}/manifests/${wanted}`, signal);
    const own = `sha256:${createHash('sha256').update(body).digest('hex')}`;
    if (isHeld && wanted.startsWith('sha256:') && own !== wanted)
      throw new RegistryError(`${base}/v2/${repository}/manifests/${wanted} has other bytes than it must have`);
    manifests.set(own, body);
    return body.toString('utf8');
  };
  let text = await read(reference);
  const all = readJson(index, text);
  if (all !== undefined) {
    const [os, architecture] = platform.split('/');
    const own = all.manifests.find(
      ({ platform: is }) => is === undefined || (is.os === os && is.architecture === architecture),
    );
    if (own === undefined) throw new RegistryError(`${repository}:${reference} is not there for ${platform}`);
    text = await read(own.digest);
  }
  const found = readJson(manifest, text);
  if (found === undefined) throw new RegistryError(`${repository}:${reference} has a manifest that nobody knows`);
  return { manifests, blobs: [...new Set([found.config, ...found.layers].map((each) => each.digest))] };
}

/**
 * Lets a cache fetch an image for one platform, so that it is there once, before many nodes ask for it at once: a registry of CNCF
 * distribution asks its upstream again for what is still on its way (registry/proxy/proxyblobstore.go).
 * @param alone for several images at once @default - it is the only one
 * @throws RegistryError as `partsOf`
 */
export async function fillCache(
  base: string,
  name: ImageName,
  platform: string,
  signal: AbortSignal,
  alone: Alone = (_, work) => work(),
): Promise<Filled> {
  const { blobs, manifests } = await partsOf(base, name, platform, signal);
  let bytes = 0;
  for (const digest of blobs)
    bytes += (await alone(digest, () => ask(blobUrl(base, name, digest), signal, { range: 'bytes=0-0' }))).bytes;
  return { bytes, manifests: [...manifests.keys()] };
}

/**
 * Writes a blob into a file.
 * @throws RegistryError where the registry has it not, or gives other bytes
 */
export async function saveBlob(
  base: string,
  name: ImageName,
  digest: string,
  file: string,
  signal: AbortSignal,
): Promise<void> {
  const url = blobUrl(base, name, digest);
  const hash = createHash('sha256');
  const out = await open(file, 'w');
  try {
    await ask(url, signal, {
      take: async (chunk) => {
        hash.update(chunk);
        await out.writeFile(chunk);
      },
    });
  } finally {
    await out.close();
  }
  if (`sha256:${hash.digest('hex')}` !== digest) throw new RegistryError(`${url} has other bytes than it must have`);
}

/**
 * What a manifest that is there is made of; one that is asked for by its digest is given by a cache without asking anybody.
 * @returns undefined where it cannot be read
 */
export async function shapeOf(
  base: string,
  repository: string,
  digest: string,
  signal: AbortSignal,
): Promise<Shape | undefined> {
  try {
    const text = (await ask(`${base}/v2/${repository}/manifests/${digest}`, signal)).body.toString('utf8');
    const all = readJson(index, text);
    if (all !== undefined) return { children: all.manifests.map((each) => each.digest), blobs: new Map() };
    const found = readJson(manifest, text);
    return (
      found && {
        children: [],
        blobs: new Map([found.config, ...found.layers].map((each) => [each.digest, each.size ?? 0])),
      }
    );
  } catch (error) {
    if (error instanceof RegistryError) return undefined;
    throw error;
  }
}

/** Removes a manifest; one that is gone is gone. @throws RegistryError where the registry removes nothing */
export async function deleteManifest(
  base: string,
  repository: string,
  digest: string,
  signal: AbortSignal,
): Promise<void> {
  const url = `${base}/v2/${repository}/manifests/${digest}`;
  await new Promise<void>((resolve, reject) => {
    const asked = request(url, { method: 'DELETE', signal, timeout: SILENCE }, (response) => {
      response.resume();
      const { statusCode = 0 } = response;
      if (statusCode === 202 || statusCode === 404) resolve();
      else reject(new RegistryError(`${url} answers ${statusCode} to DELETE`));
    });
    asked.once('timeout', () => asked.destroy(new RegistryError(`${url} says nothing for a minute`)));
    asked.once('error', (error) => {
      reject(signal.aborted || error instanceof RegistryError ? error : new RegistryError(`${url}: ${error.message}`));
    });
    asked.end();
  });
}

const blobUrl = (base: string, { repository }: ImageName, digest: string): string =>
  `${base}/v2/${repository}/blobs/${digest}`;

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

interface Asking {
  /** Of a blob that is there no more than this: one that has to be fetched comes whole. */
  readonly range?: string;
  /** Given what comes, which is then not kept. */
  readonly take?: (chunk: Buffer) => Promise<void>;
}

/** @returns what came, and bytes that the other side had to fetch where a range was asked for: of a blob that was there none */
function ask(url: string, signal: AbortSignal, asking: Asking = {}): Promise<{ body: Buffer; bytes: number }> {
  const { range, take } = asking;
  return new Promise((resolve, reject) => {
    const headers = range === undefined ? { accept: ACCEPT } : { range };
    const request = get(url, { headers, signal, timeout: SILENCE }, (response) => {
      const { statusCode = 0 } = response;
      if (statusCode !== 200 && statusCode !== 206) {
        response.resume();
        reject(new RegistryError(`${url} answers ${statusCode}`));
        return;
      }
      let bytes = 0;
      const chunks: Buffer[] = [];
      const read = async (): Promise<void> => {
        for await (const chunk of response as AsyncIterable<Buffer>) {
          bytes += chunk.length;
          if (take !== undefined) await take(chunk);
          else if (range === undefined && bytes <= LARGEST) chunks.push(chunk);
        }
      };
      const told = (error: NodeJS.ErrnoException): Error =>
        // what the file system says is told as that
        signal.aborted || error.syscall !== undefined
          ? error
          : new RegistryError(`${url} breaks off: ${error.message}`);
      read().then(
        () => {
          resolve({ body: Buffer.concat(chunks), bytes: statusCode === 206 ? 0 : bytes });
        },
        (error: unknown) => {
          reject(told(error as NodeJS.ErrnoException));
        },
      );
    });
    request.once('timeout', () => request.destroy(new RegistryError(`${url} says nothing for a minute`)));
    request.once('error', (error) => {
      reject(signal.aborted ? error : new RegistryError(`${url}: ${error.message}`));
    });
  });
}
