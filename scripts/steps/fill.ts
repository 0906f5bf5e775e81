import { rmSync } from 'node:fs';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { listed } from '../../lab/listed.ts';
import { FindingsError } from '../events/errors.ts';
import { cacheUrls, NOWHERE } from '../observe/caches.ts';
import type { Bundle, BundledImage } from '../supply/bundle.ts';
import { fillCache, isAnswering, oneAtATime, RegistryError } from '../supply/registry-image.ts';
import { writeRegistryFiles } from '../supply/registry-files.ts';
import { copyInto } from '../tools/docker.ts';
import { DATA } from '../tools/docker-cache.ts';
import { aloneWith, needsImages } from './cache.ts';
import { podImages, type WantedImage } from './pod-images.ts';
import { type LabStep, run, skip, type Work } from './step.ts';

/** Images at once: each of them comes through one connection. */
const AT_ONCE = 4;

/**
 * Lets the caches fetch what the lab is made of, beside the clusters, each image once: nodes that ask at once for what is still on its way
 * would have it fetched again. Out of a bundle it is put into them.
 */
export const fill: LabStep = {
  name: 'fill',
  title: 'fetch the images into the caches',
  scope: 'lab',
  after: ['cache', 'fetch'],
  concerns: ({ imagesBy }) => imagesBy === 'cache',
  decide({ runs }) {
    return needsImages(runs) ? run('what the nodes will ask for') : skip('nothing new is asked for');
  },
  run: (work) => (work.bundle === undefined ? fetchAll(work) : putAll(work, work.bundle)),
};

async function fetchAll(work: Work): Promise<void> {
  const { lab, observed, queries, signal } = work;
  const urls = await cacheUrls(queries);
  const [any] = lab.registries.flatMap(({ cache }) => urls.get(cache) ?? []);
  if (any === undefined || (await isAnswering(any)) !== true) {
    work.found('the caches do not answer on this machine: the nodes fill them');
    return;
  }
  const limit = pLimit(AT_ONCE);
  const alone = oneAtATime();
  let [bytes, done] = [0, 0];
  const missing: string[] = [];
  // nodes ask other registries themselves
  const all = (await podImages(work)).flatMap(({ image, name, registry }) => {
    const cache = registry?.cache ?? '';
    const base = urls.get(cache);
    return base === undefined ? [] : [{ image, name, cache, base }];
  });
  await Promise.all(
    all.map(({ image, name, cache, base }) =>
      limit(async () => {
        try {
          const filled = await fillCache(base, name, observed.engine.platform, signal, alone);
          bytes += filled.bytes;
          work.uses.note(cache, image, filled.manifests);
        } catch (error) {
          if (!(error instanceof RegistryError)) throw error;
          missing.push(image);
        }
        done += 1;
        work.progress(`${done} of ${all.length} images, ${megabytes(bytes)} MB`);
      }),
    ),
  );
  // a node asks the registry itself where its cache has nothing; whether that has it, it will say
  const fetched = bytes > 0 ? `${megabytes(bytes)} MB fetched` : 'nothing fetched';
  work.found(`${all.length - missing.length} of ${all.length} images, ${fetched}${notThese(missing)}`);
}

/**
 * Puts the files by which a registry has an image where the caches keep theirs.
 * @throws FindingsError where an image is neither in the bundle nor in its cache: no node would get it
 */
async function putAll(work: Work, bundle: Bundle): Promise<void> {
  const wanted = (await podImages(work)).filter(({ registry }) => registry !== undefined);
  const bundled = new Map(bundle.list.images.map((each) => [each.image, each]));
  for (const { cache } of work.lab.registries) {
    const images = wanted.flatMap(({ image, registry }) =>
      registry?.cache === cache ? (bundled.get(image) ?? []) : [],
    );
    if (images.length > 0) await aloneWith(work, cache, () => put(work, bundle, cache, images));
  }
  const lacking = await stillLacking(
    work,
    wanted.filter(({ image }) => !bundled.has(image)),
  );
  const needed = lacking.filter(({ isForTest }) => !isForTest);
  if (needed.length > 0)
    throw new FindingsError(
      'the bundle lacks images of this lab, and so do the caches',
      needed.map(({ image }) => image),
      'lab.yaml has changed since, or is another one: write the bundle anew where the network is',
    );
  const missing = lacking.map(({ image }) => image);
  work.found(`${wanted.length - missing.length} of ${wanted.length} images, out of the bundle${notThese(missing)}`);
}

async function put(work: Work, bundle: Bundle, cache: string, images: readonly BundledImage[]): Promise<void> {
  const folder = join(work.paths.images, cache);
  rmSync(folder, { recursive: true, force: true });
  try {
    writeRegistryFiles(bundle, images, folder);
    // half of a file would be served for the whole of it, for ever
    work.uses.beginCopy(cache);
    await work.run(copyInto(folder, cache, DATA));
    work.uses.endCopy(cache);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  for (const { image, manifests } of images)
    work.uses.note(
      cache,
      image,
      manifests.map((each) => `sha256:${each}`),
    );
}

/** Those of the images that their caches do not have either. */
async function stillLacking(
  { queries, observed, signal }: Work,
  images: readonly WantedImage[],
): Promise<WantedImage[]> {
  if (images.length === 0) return [];
  const urls = await cacheUrls(queries);
  const lacking = await Promise.all(
    images.map(async (wanted) => {
      try {
        const base = urls.get(wanted.registry?.cache ?? '') ?? NOWHERE;
        await fillCache(base, wanted.name, observed.engine.platform, signal);
        return [];
      } catch (error) {
        if (!(error instanceof RegistryError)) throw error;
        return [wanted];
      }
    }),
  );
  return lacking.flat();
}

/** `; not quay.io/cilium/json-mock:v1.3.8, …, and 2 more` */
const notThese = (images: readonly string[]): string =>
  images.length === 0 ? '' : `; not ${listed(images.map((image) => image.replace(/@sha256:.*$/, '')))}`;

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0);
