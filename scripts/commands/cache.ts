import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CacheLine } from '../events/cache-event.ts';
import { exitCode, UserError } from '../events/errors.ts';
import type { DriverEvent } from '../events/events.ts';
import { counted, type Style, table, timeText } from '../events/reporters/text.ts';
import { bytesOf, type HeldImage, heldImages, outdated, type Shape } from '../supply/held-images.ts';
import type { ImageUses } from '../supply/image-uses.ts';
import { heldManifests, REPOSITORIES } from '../supply/registry-content.ts';
import { deleteManifest, isAnswering, shapeOf } from '../supply/registry-image.ts';
import type { Command } from '../tools/command.ts';
import {
  askPort,
  type Cache,
  collectGarbage,
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
import { openSession, type Session } from './session.ts';

/** Seconds for one call of docker. */
const SECONDS = 300;

/** `npm run cache`: what the caches of registries hold; `--prune DAYS` removes what no lab has used for so long. */
export async function showCaches(options: CacheOptions, io: Io): Promise<number> {
  const tell = tellBeside(options.output, io);
  const session = openSession(options, io, false, tell, false);
  await session.programs.haveAll(['docker']);
  const caches = await session.queries.read(listCaches(), parseCaches);
  const { uses } = session;
  const held = new Map<Cache, readonly HeldImage[] | undefined>();
  for (const cache of caches) held.set(cache, await imagesOf(session, cache, uses));
  if (options.prune !== undefined) {
    const event = await prune(session, held, options.prune, uses, tell);
    if (options.output === 'json') printJson(io, event);
    else io.stdout.write(`${prunedLines(event).join('\n')}\n`);
    return exitCode.done;
  }
  const event: DriverEvent = { event: 'caches', caches: [...held].map(([cache, images]) => lineOf(cache, images)) };
  if (options.output === 'json') printJson(io, event);
  else io.stdout.write(`${cacheLines(event.caches, styleOf(io, io.stdout)).join('\n')}\n`);
  return exitCode.done;
}

/** The images of a cache; undefined where it does not answer on this machine. */
async function imagesOf(
  { runner, queries }: Session,
  cache: Cache,
  uses: ImageUses,
): Promise<readonly HeldImage[] | undefined> {
  const base = `http://127.0.0.1:${cache.port ?? 0}`;
  if (cache.port === undefined || (await isAnswering(base)) !== true) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'clustermesh-lab-'));
  try {
    // one that holds nothing yet has no such folder
    const { exitCode: code } = await queries.attempt(copyOut(cache.name, `${DATA}/${REPOSITORIES}`, folder));
    const held = code === 0 ? heldManifests(join(folder, 'repositories')) : [];
    const shapes = await Promise.all(
      held.map(async ({ repository, digest }): Promise<[string, Shape][]> => {
        const shape = await shapeOf(base, repository, digest, runner.signal);
        return shape === undefined ? [] : [[digest, shape]];
      }),
    );
    const own = uses.all().filter((use) => use.cache === cache.name);
    return heldImages(cache.host, held, new Map(shapes.flat()), own);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type Pruned = Extract<DriverEvent, { event: 'caches-pruned' }>;

async function prune(
  session: Session,
  held: ReadonlyMap<Cache, readonly HeldImage[] | undefined>,
  days: number,
  uses: ImageUses,
  tell: (event: DriverEvent) => void,
): Promise<Pruned> {
  const before = Date.now() - days * 24 * 3600 * 1000;
  let bytes = 0;
  const gone: string[] = [];
  for (const [cache, images] of held) {
    if (images === undefined) {
      tell({ event: 'warning', message: `${cache.name} does not answer on this machine, and stays as it is` });
      continue;
    }
    const out = outdated(images, before);
    if (out.manifests.length === 0) continue;
    await removeManifests(session, cache, out.manifests);
    gone.push(...out.gone.map(({ image }) => image));
    bytes += bytesOf(images) - bytesOf(images.filter((each) => !out.gone.includes(each)));
    const digests = new Set(out.manifests.map(({ digest }) => digest));
    for (const use of uses.all())
      if (use.cache === cache.name && use.manifests.some((each) => digests.has(each))) uses.forget(use);
  }
  return { event: 'caches-pruned', days, images: gone, bytes };
}

/**
 * Removes manifests, and what nobody needs without them. A registry that asks another removes nothing, so meanwhile one that asks
 * nobody has its volume.
 */
async function removeManifests(
  { runner, queries }: Session,
  { name, image, isRunning }: Cache,
  manifests: readonly { readonly repository: string; readonly digest: string }[],
): Promise<void> {
  const run = (command: Command) => runner.run(command, { log: undefined, timeoutSeconds: SECONDS });
  await run(stopCache(name));
  try {
    await queries.attempt(removeCache(prunerOf(name)));
    await run(runPruner(name, image));
    const base = `http://127.0.0.1:${parsePort((await run(askPort(prunerOf(name)))).stdout) ?? 0}`;
    const until = Date.now() + 20_000;
    while ((await isAnswering(base)) !== true) {
      if (Date.now() > until)
        throw new UserError(`${prunerOf(name)} does not answer: docker logs ${prunerOf(name)}`, exitCode.failed);
      await queries.pause(0.2);
    }
    for (const { repository, digest } of manifests) await deleteManifest(base, repository, digest, runner.signal);
    await run(removeCache(prunerOf(name)));
    await run(collectGarbage(name, image));
  } finally {
    // also after a stop
    await runner.farewell(removeCache(prunerOf(name)), undefined);
    if (isRunning) await runner.farewell(startCache(name), undefined);
  }
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
        ...{ image: each.image, bytes: bytesOf([each]), used: new Date(each.usedAt).toISOString() },
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
    ...images.map(({ image, bytes, used }) => [
      image.replace(/(@sha256:[0-9a-f]{12})[0-9a-f]+/, '$1'),
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
