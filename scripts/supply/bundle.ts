import { createHash } from 'node:crypto';
import {
  closeSync,
  createWriteStream,
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
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { listed } from '../../lab/listed.ts';
import { BUNDLE_LIST, isBundle } from '../../lab/own-place.ts';
import { oneLine } from '../../lab/shown.ts';
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
  /** What comes from the web: programs as they are published, chart, manifest. */
  readonly files: readonly BundledFile[];
  /** Images for Docker itself, each as an archive of `docker save`, packed by gzip, under `bundledName`. */
  readonly archives: readonly { readonly image: string; readonly sha256: string }[];
  /** Images for caches of registries. */
  readonly images: readonly BundledImage[];
}

/** A file of the web. */
export interface BundledFile {
  /** For people: without what may be secret in it. */
  readonly url: string;
  /** SHA-256 of the whole URL, in hexadecimal. */
  readonly of: string;
  readonly sha256: string;
}

/** As a bundle knows a URL, of which a part may be secret. Pure. */
export const idOf = (url: string): string => createHash('sha256').update(url).digest('hex');

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
  lab: z.string().regex(/^[\w.-]+$/),
  made: z.iso.datetime(),
  platform: z.string().regex(/^[\w/-]+$/),
  files: z.array(z.object({ url: z.string().regex(/^\P{C}*$/u), of: sum, sha256: sum })),
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
  const half = `${file}.partial.${process.pid}`;
  for (const left of abandonedBeside(file)) rmSync(left, { force: true });
  const parts = [...partsIn(list).keys()].toSorted().map(partName);
  const archive = create({ cwd: folder, portable: true, strict: true }, [LIST, SUMS, ...parts]);
  // who reads it hears of it; after a stop nobody does
  archive.on('error', () => undefined);
  // one that is there is somebody else's
  const out = openSync(half, 'wx');
  try {
    await pipeline(archive, createWriteStream(half, { fd: out }), { signal });
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
    .filter(
      (name) =>
        name.startsWith(start) &&
        /^\d+$/.test(name.slice(start.length)) &&
        (isAbandoned(name) || name.endsWith(`.${process.pid}`)),
    )
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
    const found = this.list.files.find(({ of }) => of === idOf(url));
    return found && this.part(found.sha256);
  }
}

/**
 * Unpacks a bundle, and holds each part against its sum.
 * @param folder made anew
 * @throws BundleError naming what is damaged, or missing
 */
export async function unpackBundle(file: string, folder: string, signal: AbortSignal): Promise<Bundle> {
  const { list: readTar } = await import('tar');
  // also not one that is packed: what that would unpack to nobody knows
  if (!isBundle(file)) throw new BundleError('it is no bundle');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'sha256'), { recursive: true });
  const found = new Map<string, string>();
  const odd: string[] = [];
  let list: BundleList | undefined;
  let last = 'its beginning';
  let failed: unknown;
  const isWanted = (name: string, size: number): boolean => {
    if (found.has(name)) return false;
    if (name === LIST || name === SUMS) return size <= LARGEST_LIST;
    const sha256 = PART.exec(name)?.[1];
    return sha256 !== undefined && list !== undefined && partsIn(list).has(sha256);
  };
  try {
    await readTar({
      file,
      strict: true,
      onReadEntry: (entry) => {
        last = entry.path;
        if (entry.type !== 'File' || !isWanted(entry.path, entry.size)) {
          odd.push(oneLine(entry.path));
          return;
        }
        const { path } = entry;
        const hash = createHash('sha256');
        const open = openSync(join(folder, path), 'w');
        entry.on('data', (chunk) => {
          // an error in here would be one of the archive
          try {
            if (failed !== undefined || signal.aborted) return;
            hash.update(chunk);
            writeFileSync(open, chunk);
          } catch (error) {
            failed = error;
          }
        });
        entry.on('end', () => {
          closeSync(open);
          found.set(path, hash.digest('hex'));
          if (path === LIST) list = readJson(listSchema, readFileSync(join(folder, LIST), 'utf8'));
        });
      },
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall !== undefined) throw error;
    throw new BundleError(
      `it is damaged, or ends, in or after ${oneLine(last)}${partOf(list, last)}: ${(error as Error).message}`,
    );
  }
  signal.throwIfAborted();
  if (failed !== undefined) throw failed as Error;
  return new Bundle(checked(folder, list, found, odd), folder);
}

/** Bytes of a list, and more. */
const LARGEST_LIST = 2 ** 24;

/** `, of quay.io/cilium/cilium:v1.14.2`, where the list is there. */
function partOf(list: BundleList | undefined, name: string): string {
  const of = list && partsIn(list).get(PART.exec(name)?.[1] ?? '');
  return of === undefined ? '' : `, of ${of}`;
}

/** @throws BundleError naming all parts that are not what the list says */
function checked(
  folder: string,
  list: BundleList | undefined,
  found: ReadonlyMap<string, string>,
  odd: readonly string[],
): BundleList {
  const textOf = (name: string): string => (found.has(name) ? readFileSync(join(folder, name), 'utf8') : '');
  const text = textOf(LIST);
  const sums = textOf(SUMS);
  if (list === undefined || !sums.startsWith(`${found.get(LIST) ?? ''}  ${LIST}\n`)) {
    const isNewer = (readJson(z.object({ bundle: z.number().min(2) }), text)?.bundle ?? 1) > 1;
    throw new BundleError(isNewer ? 'it is of a later form of bundles' : `${LIST} in it is damaged`);
  }
  if (odd.length > 0) throw new BundleError(`it has what its list does not name: ${listed(odd)}`);
  if (sums !== sumsOf(list, text)) throw new BundleError(`${SUMS} in it is damaged`);
  const wrong = [...partsIn(list)].flatMap(([sha256, of]) => {
    const has = found.get(partName(sha256));
    if (has === sha256) return [];
    return [`${partName(sha256)}, of ${of}, ${has === undefined ? 'is not in it' : 'has other bytes'}`];
  });
  if (wrong.length > 0) throw new BundleError(listed(wrong, '; '));
  return list;
}
