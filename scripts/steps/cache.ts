import type { Lab } from '../../lab/lab.ts';
import type { Registry } from '../../lab/registries.ts';
import type { Observed } from '../observe/observed.ts';
import { isAnswering } from '../supply/registry-image.ts';
import {
  type Cache,
  type CachePlace,
  connectCache,
  listCaches,
  parseCaches,
  removeCache,
  runCache,
  startCache,
} from '../tools/docker-cache.ts';
import { bringImage } from './engine-image.ts';
import { type LabStep, run, type Situation, skip, type Work } from './step.ts';

/** The caches through which images come, on the lab's network. They are the user's: a lab that is destroyed leaves them. */
export const cache: LabStep = {
  name: 'cache',
  title: 'start the caches of registries',
  scope: 'lab',
  after: ['network'],
  concerns: ({ imagesBy }) => imagesBy === 'cache',
  decide({ lab, observed, runs }) {
    const lacking = lackingCaches(lab, observed, needsImages(runs));
    return lacking.length === 0
      ? skip('they run, on this network')
      : run(lacking.map(({ registry, why }) => `${registry.host} ${why}`).join(', '));
  },
  async run({ lab, observed, ...work }) {
    const lacking = lackingCaches(lab, observed, true);
    // where Docker deals addresses from nodes have their own
    const names = lacking.map(({ registry }) => registry.cache);
    const chosen = await work.addresses.choose(work.queries, lab.network, names);
    const image = observed.images.get(lab.cacheImage) ?? (await bringImage(work, lab.cacheImage));
    const asking = await Promise.all(
      lacking.map(({ registry, there }) => {
        const place = { network: lab.network.name, address: chosen?.get(registry.cache) };
        return bringCache(work, registry, image, place, there);
      }),
    );
    const alone = lacking.filter((_, index) => asking[index] === false).map(({ registry }) => registry.host);
    if (alone.length > 0)
      work.found(`${alone.join(', ')}: no answer from there, so what the cache has is all there is`);
  },
};

/** Brings a cache up on a network. @returns does it ask its registry? @throws where it does not come up at all */
export async function bringCache(
  { run: call, attempt, ...work }: Pick<Work, 'run' | 'attempt' | 'queries' | 'pause' | 'credentialsOf'>,
  registry: Registry,
  image: string,
  place: CachePlace,
  there: Cache | undefined,
): Promise<boolean> {
  const { cache: name, host, upstream } = registry;
  // the registries themselves let everybody pull, and what a cache has everybody on this machine gets
  const credentials = upstream === registry.url ? undefined : await work.credentialsOf(upstream);
  const takeUp = async (known: Cache): Promise<boolean> => {
    if (known.upstream !== upstream) return false;
    if (!known.networks.includes(place.network)) await call(connectCache(name, place));
    // a network that it was on may be gone
    const isStarted = known.isRunning || (await attempt(startCache(name))).exitCode === 0;
    return isStarted && comesUp(work, registry);
  };
  if (there !== undefined && (await takeUp(there))) return true;
  for (const asks of [true, false]) {
    // what has come since the lab was looked at is another's, and is well
    if (there !== undefined || !asks) await attempt(removeCache(name));
    const start = runCache(registry, image, place, asks, credentials);
    const { exitCode, stderr } = await attempt(start);
    // another lab has started it meanwhile
    const other = isTaken(stderr) ? await cacheNow(work, registry) : undefined;
    if (other !== undefined && (await takeUp(other))) return true;
    if (exitCode !== 0) await call(start);
    if (await comesUp(work, registry)) return asks;
  }
  throw new Error(`the cache of ${host} does not answer: docker logs ${name}`);
}

const isTaken = (stderr: string): boolean => stderr.includes('Conflict. The container name');

const cacheNow = async ({ queries }: Pick<Work, 'queries'>, { cache: name }: Registry): Promise<Cache | undefined> =>
  (await queries.read(listCaches(), parseCaches)).find((each) => each.name === name);

/** Does any step put something onto nodes that is made of images? */
export const needsImages = (runs: Situation['runs']): boolean =>
  (['upgrade', 'cilium', 'enable', 'metallb', 'paths', 'scenario', 'test'] as const).some((step) => runs(step));

interface Lacking {
  readonly registry: Registry;
  readonly there: Cache | undefined;
  readonly why: string;
}

/** @param isAsked they are asked for something new: one that can ask nobody is tried again */
function lackingCaches({ registries, network }: Lab, { caches }: Observed, isAsked: boolean): Lacking[] {
  return registries.flatMap((registry) => {
    const there = caches.find(({ name }) => name === registry.cache);
    const why = whyLacking(there, registry, network.name, isAsked);
    return why === undefined ? [] : [{ registry, there, why }];
  });
}

function whyLacking(
  there: Cache | undefined,
  registry: Registry,
  network: string,
  isAsked: boolean,
): string | undefined {
  if (there === undefined) return 'has none';
  if (!there.isRunning) return 'does not run';
  if (!there.networks.includes(network)) return 'is not on this network';
  return isAsked && there.upstream !== registry.upstream ? 'asks nobody' : undefined;
}

/** Seconds for a cache to answer. One whose registry cannot be asked ends at once, or waits for it in vain. */
const UP = 10;

async function comesUp({ queries, pause }: Pick<Work, 'queries' | 'pause'>, registry: Registry): Promise<boolean> {
  const end = Date.now() + UP * 1000;
  for (;;) {
    const own = await cacheNow({ queries }, registry);
    if (own?.isFailing === true) return false;
    if (own?.port !== undefined) {
      const answer = await isAnswering(`http://127.0.0.1:${own.port}`);
      // the engine is on another machine: what runs there after a while answers
      if (answer === true || (answer === undefined && Date.now() > end)) return true;
    }
    if (Date.now() > end) return false;
    await pause(0.3);
  }
}
