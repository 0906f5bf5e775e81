import { exitCode, UserError } from '../events/errors.ts';
import type { CachesPrunedEvent } from '../events/cache-event.ts';
import { cacheNow, urlOf } from '../observe/caches.ts';
import type { Queries } from '../observe/queries.ts';
import { cacheLock } from '../run/lock.ts';
import { bytesOf, outdated } from '../supply/held-images.ts';
import { deleteManifest, isAnswering } from '../supply/registry-image.ts';
import { CommandError, type Outcome } from '../tools/command-error.ts';
import type { Command } from '../tools/command.ts';
import { inspectContainers } from '../tools/docker.ts';
import {
  askPort,
  type Cache,
  collectGarbage,
  configurations,
  parsePort,
  prunerOf,
  removeCache,
  runPruner,
  startCache,
  stopCache,
} from '../tools/docker-cache.ts';
import { imagesOf } from './cached-images.ts';
import { lockLab } from './own.ts';
import type { Session } from './session.ts';

/** Seconds for one call of docker. */
const SECONDS = 300;

/** Removes the images that no lab has used for so many days, in each cache alone with this run: no other one fills it, or prunes it. */
export async function pruneCaches(
  session: Session,
  caches: readonly Cache[],
  days: number,
): Promise<CachesPrunedEvent> {
  const before = Date.now() - days * 24 * 3600 * 1000;
  let bytes = 0;
  const names: string[] = [];
  const unread: string[] = [];
  const lock = await lockLab('cache', session);
  try {
    for (const { name } of caches) {
      const held = await lock.hold(cacheLock(name));
      try {
        const cache = await restored(session, name);
        const images = cache && (await imagesOf(session, cache));
        if (cache === undefined || images === undefined) {
          unread.push(name);
          continue;
        }
        const { gone, manifests } = outdated(images, before);
        if (manifests.length === 0) continue;
        await removeManifests(session, cache, manifests);
        names.push(...gone.flatMap((each) => each.names));
        bytes += bytesOf(images) - bytesOf(images.filter((each) => !gone.includes(each)));
        const digests = new Set(manifests.map(({ digest }) => digest));
        for (const use of session.uses.all())
          if (use.cache === name && use.manifests.some((each) => digests.has(each))) session.uses.forget(use);
      } finally {
        await held.release();
      }
    }
  } finally {
    await lock.release();
  }
  return { event: 'caches-pruned', days, images: names, bytes, unread };
}

/** The cache, as it was before a prune that was killed; undefined where it is gone. */
async function restored({ runner, queries }: Session, name: string): Promise<Cache | undefined> {
  const left = await queries.attempt(inspectContainers([prunerOf(name)]));
  if (left.exitCode === 0) await runner.run(removeCache(prunerOf(name)), { log: undefined, timeoutSeconds: SECONDS });
  const cache = await cacheNow(queries, name);
  if (cache === undefined || cache.isRunning) return cache;
  await queries.attempt(startCache(name));
  const started = await cacheNow(queries, name);
  if (started?.port !== undefined) await untilAnswering(queries, urlOf(started));
  return started;
}

/** Seconds in which a registry that was started answers, or never. */
const UP = 20;

async function untilAnswering(queries: Queries, base: string): Promise<boolean> {
  for (const until = Date.now() + UP * 1000; (await isAnswering(base)) !== true;) {
    if (Date.now() > until) return false;
    await queries.pause(0.2);
  }
  return true;
}

/**
 * Removes manifests, and what nobody needs without them. A registry that asks another removes nothing, so meanwhile one that asks
 * nobody has its volume.
 */
async function removeManifests(
  { runner, queries }: Session,
  { name, image }: Cache,
  manifests: readonly { readonly repository: string; readonly digest: string }[],
): Promise<void> {
  const run = (command: Command) => runner.run(command, { log: undefined, timeoutSeconds: SECONDS });
  await run(stopCache(name));
  try {
    // nothing goes before it is known that its parts can go too
    const configuration = await configurationOf(queries, name, image);
    await run(runPruner(name, image));
    const base = urlOf({ port: parsePort((await run(askPort(prunerOf(name)))).stdout) });
    if (!(await untilAnswering(queries, base)))
      throw new UserError(`${prunerOf(name)} does not answer: docker logs ${prunerOf(name)}`, exitCode.failed);
    for (const { repository, digest } of manifests) await deleteManifest(base, repository, digest, runner.signal);
    await run(removeCache(prunerOf(name)));
    await run(collectGarbage(name, image, configuration));
  } finally {
    // also after a stop
    await runner.farewell(removeCache(prunerOf(name)), undefined);
    await runner.farewell(startCache(name), undefined);
  }
}

/** Where the image of a cache has its configuration. @throws CommandError where it is found nowhere */
async function configurationOf(queries: Queries, name: string, image: string): Promise<string> {
  let failed: Outcome | undefined;
  for (const configuration of configurations) {
    const outcome = await queries.attempt(collectGarbage(name, image, configuration, true));
    if (outcome.exitCode === 0) return configuration;
    failed ??= outcome;
  }
  if (failed === undefined) throw new Error('no configuration is known');
  throw new CommandError(failed);
}
