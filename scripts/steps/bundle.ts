import { createHash } from 'node:crypto';
import {
  constants,
  copyFileSync,
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import pLimit from 'p-limit';
import { engineImages } from '../../lab/engine-images.ts';
import { bundledName } from '../../lab/image-name.ts';
import { listed } from '../../lab/listed.ts';
import { publicUrl } from '../../lab/public-url.ts';
import { downloadsOf } from '../../lab/published.ts';
import { FindingsError } from '../events/errors.ts';
import { cacheUrls, NOWHERE } from '../observe/caches.ts';
import { type BundledFile, type BundledImage, type BundleList, idOf, packBundle, partName } from '../supply/bundle.ts';
import type { PublishedFile } from '../supply/programs.ts';
import { oneAtATime, partsOf, RegistryError, saveBlob } from '../supply/registry-image.ts';
import { removeImageName, save, tag } from '../tools/docker.ts';
import { sha256OfFile } from '../tools/download.ts';
import { bringCache } from './cache.ts';
import { bringImage } from './engine-image.ts';
import { podImages, type WantedImage } from './pod-images.ts';
import { type LabStep, run, type Work } from './step.ts';
import { allOf } from './wait.ts';

/** What is to be written. */
export interface BundleOrder {
  /** Absolute path. */
  readonly file: string;
  /** What its programs are published as. */
  readonly programs: readonly PublishedFile[];
  /** Told what has been written. */
  readonly written: (list: BundleList, bytes: number) => void;
}

/** Writes one file with everything that the lab is made of, out of the web, of Docker, and of the caches. */
export const bundleStep = ({ file, programs, written }: BundleOrder): LabStep => ({
  name: 'bundle',
  title: 'write the bundle',
  scope: 'lab',
  after: [],
  decide: () => run('all that the lab is made of'),
  async run(work) {
    const { lab, observed, paths, signal } = work;
    const parts = new Parts(join(paths.images, 'parts'));
    try {
      const files = await fileParts(work, programs, parts);
      const state = { archives: '', images: '' };
      const tell = (what: Partial<typeof state>): void => {
        Object.assign(state, what);
        work.progress([state.archives, state.images].filter((text) => text !== '').join('; '));
      };
      const [archives, images] = await allOf([
        archiveParts(work, parts, (text) => {
          tell({ archives: text });
        }),
        imageParts(work, parts, (text) => {
          tell({ images: text });
        }),
      ] as const);
      signal.throwIfAborted();
      const list: BundleList = {
        ...{ bundle: 1, lab: lab.name, made: new Date().toISOString(), platform: observed.engine.platform },
        ...{ files, archives, images },
      };
      work.progress('pack it');
      written(list, await packed(list, parts.folder, file, signal));
    } finally {
      parts.remove();
    }
  },
});

/** @throws FindingsError where the place of the bundle cannot be written: the disk that is full is that one */
async function packed(...[list, folder, file, signal]: Parameters<typeof packBundle>): Promise<number> {
  try {
    return await packBundle(list, folder, file, signal);
  } catch (error) {
    if (signal.aborted || (error as NodeJS.ErrnoException).syscall === undefined) throw error;
    const remedy = 'make room there, or name another place, then run this again';
    throw new FindingsError(`the bundle cannot be written`, [(error as Error).message], remedy);
  }
}

/** The parts of a bundle as they are gathered, by their sums. */
class Parts {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
    this.remove();
    mkdirSync(join(folder, 'sha256'), { recursive: true });
  }

  place(sha256: string): string {
    return join(this.folder, partName(sha256));
  }

  /** @returns its SHA-256 in hexadecimal */
  async copy(file: string): Promise<string> {
    const sha256 = await sha256OfFile(file);
    if (sha256 === undefined) throw new Error(`${file} cannot be read`);
    copyFileSync(file, this.place(sha256), constants.COPYFILE_FICLONE);
    return sha256;
  }

  /** As `copy`, of bytes. */
  write(bytes: string | Buffer): string {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    writeFileSync(this.place(sha256), bytes);
    return sha256;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** What comes from the web: programs, chart and manifest. */
async function fileParts(
  { lab, observed, sources, ...work }: Work,
  programs: readonly PublishedFile[],
  parts: Parts,
): Promise<BundleList['files']> {
  const downloads = await Promise.all(
    downloadsOf(lab.sources).map(async (source): Promise<PublishedFile> => {
      if (!observed.sources.has(source.url)) await sources.bring(source, work);
      return { url: source.url, file: sources.place(source) };
    }),
  );
  const files: BundledFile[] = [];
  for (const each of [...programs, ...downloads]) {
    const sha256 = 'text' in each ? parts.write(each.text) : await parts.copy(each.file);
    files.push({ url: publicUrl(each.url), of: idOf(each.url), sha256 });
  }
  return files;
}

/** Images for Docker itself, each as an archive under a name of its own, so that no name that is somebody else's comes with it. */
async function archiveParts(
  { lab, observed, ...work }: Work,
  parts: Parts,
  tell: (text: string) => void,
): Promise<BundleList['archives']> {
  const archives: { image: string; sha256: string }[] = [];
  const images = engineImages(lab);
  const platform = observed.engine.containerdImageStore ? observed.engine.platform : undefined;
  for (const image of images) {
    tell(`${archives.length + 1} of ${images.length} images for Docker`);
    const name = bundledName(image);
    const here = observed.images.get(image) ?? (await bringImage(work, image));
    if (here !== name) await work.run(tag(here, name));
    const [archive, packed] = [join(parts.folder, 'image.tar'), join(parts.folder, 'image.tar.gz')];
    try {
      await work.run(save(name, archive, platform));
    } finally {
      if (here !== name) await work.farewell(removeImageName(name));
    }
    await pipeline(createReadStream(archive), createGzip({ level: 1 }), createWriteStream(packed), {
      signal: work.signal,
    });
    archives.push({ image, sha256: await parts.copy(packed) });
    for (const left of [archive, packed]) rmSync(left);
  }
  return archives;
}

/** Images of pods at once. */
const AT_ONCE = 4;

/** Images for caches, as the caches of this machine give them: what they lack they fetch. @throws FindingsError where one cannot be had */
async function imageParts(work: Work, parts: Parts, tell: (text: string) => void): Promise<BundledImage[]> {
  const { observed, signal } = work;
  const wanted = await podImages(work);
  const strange = wanted.filter(({ registry, isForTest }) => registry === undefined && !isForTest);
  if (strange.length > 0)
    throw new FindingsError(
      'images of registries that have no cache, so there is no bundle',
      strange.map(({ image }) => image),
      'name them: sources: { mirrors: { HOST: https://HOST } } in lab.yaml, then npm run synth',
    );
  const asked = wanted.filter(({ registry }) => registry !== undefined);
  const left = wanted.filter(({ registry }) => registry === undefined).map(({ image }) => image);
  const urls = await cachesUp(work);
  const limit = pLimit(AT_ONCE);
  const alone = oneAtATime();
  const missing: string[] = [];
  let done = 0;
  const read = async ({ image, name, registry, isForTest }: WantedImage): Promise<BundledImage[]> => {
    const base = urls.get(registry?.cache ?? '') ?? NOWHERE;
    try {
      const { manifests, blobs } = await partsOf(base, name, observed.engine.platform, signal, true);
      const own = [...manifests.values()].map((bytes) => parts.write(bytes));
      for (const digest of blobs)
        await alone(digest, async () => {
          const place = parts.place(hexOf(digest));
          if (existsSync(place)) return;
          await saveBlob(base, name, digest, `${place}.partial`, signal);
          renameSync(`${place}.partial`, place);
        });
      work.uses.note(registry?.cache ?? '', image, [...manifests.keys()]);
      return [{ image, manifests: own, blobs: blobs.map(hexOf) }];
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
      if (isForTest) left.push(image);
      else missing.push(`${image}: ${error.message}`);
      return [];
    } finally {
      done += 1;
      tell(`${done} of ${asked.length} images for pods`);
    }
  };
  const images = await Promise.all(asked.map((each) => limit(() => read(each))));
  // the lab comes up without them
  if (left.length > 0) work.found(`without ${listed(left.map(shortName))}, which tests alone ask for`);
  if (missing.length === 0) return images.flat();
  throw new FindingsError(
    `${missing.length} of ${asked.length} images cannot be had, so there is no bundle`,
    missing,
    'check the network, or name another registry under sources.mirrors in lab.yaml',
  );
}

const shortName = (image: string): string => image.replace(/@sha256:.*$/, '');

const hexOf = (digest: string): string => digest.replace(/^sha256:/, '');

/** The caches of the lab's registries, up. @returns by name, where each answers on this machine */
async function cachesUp(work: Work): Promise<ReadonlyMap<string, string>> {
  const { lab, observed, queries } = work;
  const image = observed.images.get(lab.cacheImage) ?? (await bringImage(work, lab.cacheImage));
  await Promise.all(
    lab.registries.map((registry) => {
      const there = observed.caches.find(({ name }) => name === registry.cache);
      const network = (there?.isRunning === true ? there.networks[0] : undefined) ?? 'bridge';
      return bringCache(work, registry, image, { network, address: undefined });
    }),
  );
  return cacheUrls(queries);
}
