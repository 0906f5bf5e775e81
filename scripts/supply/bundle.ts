import { createHash, type Hash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { listed } from '../../lab/listed.ts';
import { BUNDLE_LIST, isBundle } from '../../lab/own-place.ts';
import { readJson } from '../tools/json.ts';
import { isAbandoned } from './store.ts';

/** What is in a bundle, by the SHA-256 of each part in hexadecimal. */
export interface BundleList {
  /** Of this form of bundles. */
  readonly bundle: 1;
  /** Name of the lab that it was made for. */
  readonly lab: string;
  /** When it was made, as ISO 8601 has it. */
  readonly made: string;
  /** Of its images: `linux/amd64`. */
  readonly platform: string;
  /** What comes from the web, by URL: programs as they are published, chart, manifest. */
  readonly files: readonly { readonly url: string; readonly sha256: string }[];
  /** Images for Docker itself, each as an archive of `docker save`, packed by gzip, under `bundledName`. */
  readonly archives: readonly { readonly image: string; readonly sha256: string }[];
  /** Images for caches of registries. */
  readonly images: readonly BundledImage[];
}

/** An image as a registry has it: its manifests, the last of them its own, and its blobs. */
export interface BundledImage {
  /** As pods ask for it. */
  readonly image: string;
  readonly manifests: readonly string[];
  readonly blobs: readonly string[];
}

/** A file that is no bundle, or a damaged one. */
export class BundleError extends Error {
  override readonly name = 'BundleError';
}

/** A name of an image, and no path that leads elsewhere. */
const named = z.string().regex(/^(?!.*\.\.)[\w][\w.:/@-]*$/);
const sum = z.string().regex(/^[0-9a-f]{64}$/);
const listSchema = z.object({
  bundle: z.literal(1),
  lab: z.string(),
  made: z.string(),
  platform: z.string(),
  files: z.array(z.object({ url: z.string(), sha256: sum })),
  archives: z.array(z.object({ image: named, sha256: sum })),
  images: z.array(z.object({ image: named, manifests: z.array(sum).min(1), blobs: z.array(sum) })),
}) satisfies z.ZodType<BundleList>;

/** What is in it, first of all. */
const LIST = BUNDLE_LIST;

/** As `sha256sum` writes them, the list's too: whoever unpacks it by hand can check it by hand. */
const SUMS = 'SHA256SUMS';

/** In a bundle, and in the folder that it is packed from and unpacked to. */
export const partName = (sha256: string): string => `sha256/${sha256}`;

const PART = /^sha256\/([0-9a-f]{64})$/;

/** What each part is of, in words. Pure. */
function partsIn({ files, archives, images }: BundleList): ReadonlyMap<string, string> {
  return new Map([
    ...images.flatMap(({ image, manifests, blobs }) => [...manifests, ...blobs].map((each) => [each, image] as const)),
    ...archives.map(({ image, sha256 }) => [sha256, image] as const),
    ...files.map(({ url, sha256 }) => [sha256, url] as const),
  ]);
}

function sumsOf(list: BundleList, text: string): string {
  const lines = [...partsIn(list).keys()].toSorted().map((each) => `${each}  ${partName(each)}\n`);
  return `${createHash('sha256').update(text).digest('hex')}  ${LIST}\n${lines.join('')}`;
}

/**
 * Packs a bundle: written beside, under the number of its process, and renamed at the end. What runs that are gone have left of one of
 * that name is removed.
 * @param folder with all parts that the list names, by `partName`
 * @returns bytes
 * @throws the signal's reason where it was stopped: then there is none
 */
export async function packBundle(list: BundleList, folder: string, file: string, signal: AbortSignal): Promise<number> {
  const { create } = await import('tar');
  const text = `${JSON.stringify(list, undefined, 2)}\n`;
  writeFileSync(join(folder, LIST), text);
  writeFileSync(join(folder, SUMS), sumsOf(list, text));
  for (const left of abandonedBeside(file)) rmSync(left, { force: true });
  const half = `${file}.partial.${process.pid}`;
  const parts = [...partsIn(list).keys()].toSorted().map(partName);
  try {
    await create({ file: half, cwd: folder, portable: true, strict: true }, [LIST, SUMS, ...parts]);
    signal.throwIfAborted();
    renameSync(half, file);
  } finally {
    rmSync(half, { force: true });
  }
  return statSync(file).size;
}

/** `FILE.partial.PID`, of processes that are gone. */
function abandonedBeside(file: string): string[] {
  const start = `${basename(file)}.partial.`;
  return readdirSync(dirname(file))
    .filter((name) => name.startsWith(start) && /^\d+$/.test(name.slice(start.length)) && isAbandoned(name))
    .map((name) => join(dirname(file), name))
    .filter((path) => lstatSync(path).isFile() && (statSync(path).size === 0 || isBundle(path)));
}

/** A bundle, unpacked. */
export class Bundle {
  readonly list: BundleList;
  readonly #folder: string;

  constructor(list: BundleList, folder: string) {
    this.list = list;
    this.#folder = folder;
  }

  /** Where a part lies. @param sha256 in hexadecimal */
  part(sha256: string): string {
    return join(this.#folder, partName(sha256));
  }

  /** Where the archive of an image for Docker lies; undefined where it has none. */
  archiveOf(image: string): string | undefined {
    const found = this.list.archives.find((each) => each.image === image);
    return found && this.part(found.sha256);
  }

  /** Where what comes from a URL lies; undefined where it is not in it. */
  fileOf(url: string): string | undefined {
    const found = this.list.files.find((each) => each.url === url);
    return found && this.part(found.sha256);
  }
}

/**
 * Unpacks a bundle, and holds each part against its sum.
 * @param folder made anew
 * @throws BundleError naming what is damaged, or missing
 */
export async function unpackBundle(file: string, folder: string, signal: AbortSignal): Promise<Bundle> {
  const { list } = await import('tar');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'sha256'), { recursive: true });
  const found = new Map<string, string>();
  const odd: string[] = [];
  let last = 'its beginning';
  let failed: unknown;
  const read = (name: string, open: number): { take: (chunk: Buffer) => void; end: () => void } => {
    const hash: Hash = createHash('sha256');
    return {
      take: (chunk) => {
        // an error in here would be one of the archive
        try {
          if (failed !== undefined || signal.aborted) return;
          hash.update(chunk);
          writeFileSync(open, chunk);
        } catch (error) {
          failed = error;
        }
      },
      end: () => {
        closeSync(open);
        found.set(name, hash.digest('hex'));
      },
    };
  };
  try {
    await list({
      file,
      strict: true,
      onReadEntry: (entry) => {
        const name = entry.path;
        last = name;
        const isPart = entry.type === 'File' && (name === LIST || name === SUMS || PART.test(name));
        if (!isPart || found.has(name)) {
          odd.push(name);
          return;
        }
        const { take, end } = read(name, openSync(join(folder, name), 'w'));
        entry.on('data', take);
        entry.on('end', end);
      },
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall !== undefined) throw error;
    if (found.size === 0 && !isBundle(file)) throw new BundleError('it is no bundle');
    const of = partOf(folder, last);
    throw new BundleError(`it is damaged, or ends, in or after ${last}${of}: ${(error as Error).message}`);
  }
  signal.throwIfAborted();
  if (failed !== undefined) throw failed as Error;
  return new Bundle(checked(folder, found, odd), folder);
}

/** `, of quay.io/cilium/cilium:v1.14.2`, where the list is there. */
function partOf(folder: string, name: string): string {
  const file = join(folder, LIST);
  const list = readJson(listSchema, existsSync(file) ? readFileSync(file, 'utf8') : '');
  const of = list && partsIn(list).get(PART.exec(name)?.[1] ?? '');
  return of === undefined ? '' : `, of ${of}`;
}

/** @throws BundleError naming all parts that are not what the list says */
function checked(folder: string, found: ReadonlyMap<string, string>, odd: readonly string[]): BundleList {
  if (odd.length > 0) throw new BundleError(`it has what no bundle has: ${listed(odd)}`);
  const textOf = (name: string): string => (found.has(name) ? readFileSync(join(folder, name), 'utf8') : '');
  const text = textOf(LIST);
  const list = readJson(listSchema, text);
  if (text === '' && found.size === 0) throw new BundleError('it is no bundle');
  const sums = textOf(SUMS);
  if (list === undefined || !sums.startsWith(`${found.get(LIST) ?? ''}  ${LIST}\n`)) {
    const isNewer = (readJson(z.object({ bundle: z.number().min(2) }), text)?.bundle ?? 1) > 1;
    throw new BundleError(isNewer ? 'it is of a later form of bundles' : `${LIST} in it is damaged`);
  }
  if (sums !== sumsOf(list, text)) throw new BundleError(`${SUMS} in it is damaged`);
  const wrong = [...partsIn(list)].flatMap(([sha256, of]) => {
    const has = found.get(partName(sha256));
    if (has === sha256) return [];
    return [`${partName(sha256)}, of ${of}, ${has === undefined ? 'is not in it' : 'has other bytes'}`];
  });
  if (wrong.length > 0) throw new BundleError(listed(wrong, '; '));
  return list;
}
