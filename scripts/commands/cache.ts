import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pLimit from 'p-limit';
import type { CacheLine } from '../events/cache-event.ts';
import { exitCode, UserError } from '../events/errors.ts';
import type { DriverEvent } from '../events/events.ts';
import { counted, type Style, table, timeText } from '../events/reporters/text.ts';
import { bytesOf, type HeldImage, heldImages, outdated, type Shape } from '../supply/held-images.ts';
import { heldManifests, REPOSITORIES } from '../supply/registry-content.ts';
import { deleteManifest, isAnswering, shapeOf } from '../supply/registry-image.ts';
import type { Queries } from '../observe/queries.ts';
import { cacheLock } from '../run/lock.ts';
import { CommandError, type Outcome } from '../tools/command-error.ts';
import type { Command } from '../tools/command.ts';
import { inspectContainers } from '../tools/docker.ts';
import {
  askPort,
  type Cache,
  collectGarbage,
  configurations,
  copyOut,
  DATA,
  listCaches,
  parseCaches,
  parsePort,
  prunerOf,
  removeCache,
  runPruner,
  startCache,
  stopCache,
} from '../tools/docker-cache.ts';
import type { Io } from './io.ts';
import type { CacheOptions } from './options.ts';
import { printJson, styleOf, tellBeside } from './output.ts';
import { lockLab } from './own.ts';
import { openSession, type Session } from './session.ts';

/** Seconds for one call of docker. */
const SECONDS = 300;

/** `npm run cache`: what the caches of registries hold; `--prune DAYS` removes what no lab has used for so long. */
export async function showCaches(options: CacheOptions, io: Io): Promise<number> {
  const tell = tellBeside(options.output, io);
  const session = openSession(options, io, false, tell, false);
  await session.programs.haveAll(['docker']);
  const caches = await session.queries.read(listCaches(), parseCaches);
  if (options.prune !== undefined) {
    const event = await prune(session, caches, options.prune, tell);
    if (options.output === 'json') printJson(io, event);
    else io.stdout.write(`${prunedLines(event).join('\n')}\n`);
    return exitCode.done;
  }
  const lines = await Promise.all(caches.map(async (cache) => lineOf(cache, await imagesOf(session, cache))));
  const event: DriverEvent = { event: 'caches', caches: lines };
  if (options.output === 'json') printJson(io, event);
  else io.stdout.write(`${cacheLines(event.caches, styleOf(io, io.stdout)).join('\n')}\n`);
  return exitCode.done;
}

/** The images of a cache; undefined where it does not answer on this machine. */
async function imagesOf(
  { runner, queries, uses }: Session,
  { name, host, port }: Cache,
): Promise<readonly HeldImage[] | undefined> {
  const base = `http://127.0.0.1:${port ?? 0}`;
  if (port === undefined || (await isAnswering(base)) !== true) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'clustermesh-lab-'));
  try {
    const outcome = await queries.attempt(copyOut(name, `${DATA}/${REPOSITORIES}`, folder));
    // one that holds nothing yet has no such folder
    if (outcome.exitCode !== 0 && !/could not find the file/i.test(outcome.stderr)) throw new CommandError(outcome);
    const held = heldManifests(join(folder, 'repositories'));
    const limit = pLimit(AT_ONCE);
    const shapes = await Promise.all(
      held.map(({ repository, digest }) =>
        limit(async (): Promise<[string, Shape][]> => {
          const shape = await shapeOf(base, repository, digest, runner.signal);
          return shape === undefined ? [] : [[digest, shape]];
        }),
      ),
    );
    return heldImages(
      host,
      held,
      new Map(shapes.flat()),
      uses.all().filter(({ cache }) => cache === name),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Manifests that are asked for at once. */
const AT_ONCE = 8;

type Pruned = Extract<DriverEvent, { event: 'caches-pruned' }>;

/** Each cache alone with this run: no other one fills it, or prunes it. */
async function prune(
  session: Session,
  caches: readonly Cache[],
  days: number,
  tell: (event: DriverEvent) => void,
): Promise<Pruned> {
  const before = Date.now() - days * 24 * 3600 * 1000;
  let bytes = 0;
  const names: string[] = [];
  const lock = await lockLab('cache', session);
  try {
    for (const { name } of caches) {
      const held = await lock.hold(cacheLock(name));
      try {
        const cache = await restored(session, name);
        const images = cache && (await imagesOf(session, cache));
        if (cache === undefined || images === undefined) {
          const remedy = `docker start ${name}, or docker logs ${name}`;
          tell({ event: 'warning', message: `${name} does not answer on this machine, and stays as it is: ${remedy}` });
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
  return { event: 'caches-pruned', days, images: names, bytes };
}

/** The cache, as it was before a prune that was killed; undefined where it is gone. */
async function restored({ runner, queries }: Session, name: string): Promise<Cache | undefined> {
  const now = async (): Promise<Cache | undefined> =>
    (await queries.read(listCaches(), parseCaches)).find((each) => each.name === name);
  const left = await queries.attempt(inspectContainers([prunerOf(name)]));
  if (left.exitCode === 0) await runner.run(removeCache(prunerOf(name)), { log: undefined, timeoutSeconds: SECONDS });
  const cache = await now();
  if (cache === undefined || cache.isRunning) return cache;
  await queries.attempt(startCache(name));
  const started = await now();
  if (started?.port !== undefined) await untilAnswering(queries, `http://127.0.0.1:${started.port}`);
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
    const base = `http://127.0.0.1:${parsePort((await run(askPort(prunerOf(name)))).stdout) ?? 0}`;
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

function lineOf(
  { name, host, upstream, isRunning, networks }: Cache,
  images: readonly HeldImage[] | undefined,
): CacheLine {
  return {
    ...{ registry: host, name, running: isRunning, networks: networks.filter((each) => each !== 'bridge') },
    ...(upstream !== undefined && { asks: upstream }),
    ...(images !== undefined && {
      bytes: bytesOf(images),
      images: images.map((each) => ({
        ...{ names: each.names, bytes: bytesOf([each]), used: new Date(each.usedAt).toISOString() },
      })),
    }),
  };
}

const megabytes = (bytes: number | undefined): string => (bytes === undefined ? '?' : `${(bytes / 1e6).toFixed(1)} MB`);

/** The caches, then their images. Pure. */
export function cacheLines(caches: readonly CacheLine[], style: Style): string[] {
  if (caches.length === 0)
    return ['no caches: a lab with sources: { images: { by: cache } } in its lab.yaml makes them'];
  const rows = caches.map(({ registry, asks, running, networks, images, bytes }) => [
    registry,
    asks ?? 'nobody',
    running ? 'runs' : 'stopped',
    networks.join(', ') || '-',
    images === undefined ? '?' : String(images.length),
    megabytes(bytes),
  ]);
  const [head = '', ...body] = table([['registry', 'asks', 'state', 'networks', 'images', 'size'], ...rows]);
  const images = caches.flatMap((cache) => cache.images ?? []);
  if (images.length === 0) return [style.bold(head), ...body];
  const [under = '', ...all] = table([
    ['image', 'size', 'last used'],
    ...images.map(({ names, bytes, used }) => [
      names.join(', ').replaceAll(/(@sha256:[0-9a-f]{12})[0-9a-f]+/g, '$1'),
      megabytes(bytes),
      timeText(Date.parse(used)),
    ]),
  ]);
  return [style.bold(head), ...body, '', style.bold(under), ...all];
}

function prunedLines({ days, images, bytes }: Pruned): string[] {
  if (images.length === 0) return [`nothing to remove: nothing is older than ${counted(days, 'day')}`];
  return [
    ...images.map((image) => `removed ${image}`),
    `${counted(images.length, 'image')} removed, ${megabytes(bytes)} freed`,
  ];
}
