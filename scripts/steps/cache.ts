import type { Lab } from '../../lab/lab.ts';
import type { Registry } from '../../lab/registries.ts';
import { UserError } from '../events/errors.ts';
import { cacheNow, urlOf } from '../observe/caches.ts';
import type { Observed } from '../observe/observed.ts';
import { placesOf } from '../observe/places.ts';
import { isAnswering } from '../supply/registry-image.ts';
import { CommandError } from '../tools/command-error.ts';
import { removeVolumes } from '../tools/docker.ts';
import { type Cache, type CachePlace, connectCache, removeCache, runCache, startCache } from '../tools/docker-cache.ts';
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
      lacking.map(({ registry }) => {
        const place = { network: lab.network.name, address: chosen?.get(registry.cache) };
        return bringCache(work, registry, image, place);
      }),
    );
    const alone = lacking.filter((_, index) => asking[index] === false).map(({ registry }) => registry.host);
    if (alone.length > 0)
      work.found(`${alone.join(', ')}: no answer from there, so what the cache has is all there is`);
  },
};

/** What brings a cache up. */
export type Bringing = Pick<
  Work,
  'run' | 'attempt' | 'queries' | 'pause' | 'progress' | 'timeoutSeconds' | 'credentialsOf' | 'holdCache' | 'uses'
>;

/**
 * Does something to a cache while no other run does: waits for those that do.
 * @throws UserError naming the run that does, after the step's deadline
 */
export async function aloneWith<Result>(
  work: Pick<Work, 'holdCache' | 'progress' | 'pause' | 'timeoutSeconds'>,
  cache: string,
  act: () => Promise<Result>,
): Promise<Result> {
  const end = Date.now() + work.timeoutSeconds * 1000;
  const held = async (): Promise<Lock> => {
    for (;;) {
      try {
        return await work.holdCache(cache);
      } catch (error) {
        if (!(error instanceof UserError) || Date.now() > end) throw error;
        work.progress(error.message.split('\n')[0] ?? '');
        await work.pause(1);
      }
    }
  };
  const lock = await held();
  try {
    return await act();
  } finally {
    await lock.release();
  }
}

type Lock = Awaited<ReturnType<Work['holdCache']>>;

/**
 * Brings a cache up on a network; on those of other labs it stays.
 * @returns does it ask its registry?
 * @throws where it does not come up at all
 */
export const bringCache = (work: Bringing, registry: Registry, image: string, place: CachePlace): Promise<boolean> =>
  aloneWith(work, registry.cache, () => bring(work, registry, image, place));

async function bring(
  { run: call, attempt, uses, ...work }: Bringing,
  registry: Registry,
  image: string,
  place: CachePlace,
): Promise<boolean> {
  const { cache: name, host, upstream } = registry;
  const there = await cacheNow(work.queries, name);
  const isHalf = uses.isHalf(name);
  if (there !== undefined && !isHalf && isGood(there, upstream)) {
    if (!there.networks.includes(place.network)) await call(connectCache(name, place));
    // a network that it was on may be gone
    const isStarted = there.isRunning || (await attempt(startCache(name))).exitCode === 0;
    if (isStarted && (await comesUp(work, name))) return there.upstream !== undefined;
  }
  // the registries themselves let everybody pull, and what a cache has everybody on this machine gets
  const credentials = upstream === registry.url ? undefined : await work.credentialsOf(upstream);
  const others = there === undefined ? [] : await otherPlaces(work, there, place);
  for (const asks of [true, false]) {
    if (there !== undefined || !asks) await attempt(removeCache(name));
    if (isHalf && asks) {
      const removed = await attempt(removeVolumes([name]));
      // as long as it is there, it is half
      if (removed.exitCode !== 0 && !/no such volume/i.test(removed.stderr)) throw new CommandError(removed);
      uses.endCopy(name);
    }
    await call(runCache(registry, image, place, asks, credentials));
    for (const other of others) await attempt(connectCache(name, other));
    if (await comesUp(work, name)) return asks;
  }
  throw new Error(`the cache of ${host} does not answer: docker logs ${name}`);
}

/** May it stay as it is? One that asks nobody is tried again, but not as soon as it was found to have nobody to ask. */
const isGood = ({ upstream: asks, isFresh }: Cache, upstream: string): boolean =>
  asks === upstream || (asks === undefined && isFresh);

/** Where it is beside that, with the addresses that it keeps there. */
async function otherPlaces(
  { queries }: Pick<Work, 'queries'>,
  { name, networks }: Cache,
  { network: own }: CachePlace,
): Promise<CachePlace[]> {
  const others = networks.filter((network) => network !== own);
  if (others.length === 0) return [];
  const [place] = await placesOf(queries, [name]);
  return others.map((network) => {
    const known = place?.addresses.get(network);
    return { network, address: known?.isOwn === true ? known.address : undefined };
  });
}

/** Does any step put something onto nodes that is made of images? */
export const needsImages = (runs: Situation['runs']): boolean =>
  (['upgrade', 'cilium', 'enable', 'metallb', 'paths', 'scenario', 'test'] as const).some((step) => runs(step));

interface Lacking {
  readonly registry: Registry;
  readonly why: string;
}

/** @param isAsked they are asked for something new: one that can ask nobody is tried again */
function lackingCaches({ registries, network }: Lab, { caches }: Observed, isAsked: boolean): Lacking[] {
  return registries.flatMap((registry) => {
    const there = caches.find(({ name }) => name === registry.cache);
    const why = whyLacking(there, registry, network.name, isAsked);
    return why === undefined ? [] : [{ registry, why }];
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
  if (there.isHalf === true) return 'has half of what was put into it';
  if (!there.networks.includes(network)) return 'is not on this network';
  return isAsked && !isGood(there, registry.upstream) ? 'asks nobody' : undefined;
}

/** Seconds for a cache to answer. One whose registry cannot be asked ends at once, or waits for it in vain. */
const UP = 10;

async function comesUp({ queries, pause }: Pick<Work, 'queries' | 'pause'>, name: string): Promise<boolean> {
  const end = Date.now() + UP * 1000;
  for (;;) {
    const own = await cacheNow(queries, name);
    if (own?.isFailing === true) return false;
    if (own?.port !== undefined) {
      const answer = await isAnswering(urlOf(own));
      // the engine is on another machine: what runs there after a while answers
      if (answer === true || (answer === undefined && Date.now() > end)) return true;
    }
    if (Date.now() > end) return false;
    await pause(0.3);
  }
}
