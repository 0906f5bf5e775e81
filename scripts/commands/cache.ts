import type { CacheLine, CachesPrunedEvent } from '../events/cache-event.ts';
import { exitCode } from '../events/errors.ts';
import type { DriverEvent } from '../events/events.ts';
import { megabytes } from '../events/reporters/lines.ts';
import { counted, type Style, table, timeText } from '../events/reporters/text.ts';
import { cachesNow } from '../observe/caches.ts';
import { bytesOf, type HeldImage } from '../supply/held-images.ts';
import type { Cache } from '../tools/docker-cache.ts';
import { imagesOf } from './cached-images.ts';
import type { Io } from './io.ts';
import type { CacheOptions } from './options.ts';
import { printJson, styleOf, tellBeside } from './output.ts';
import { pruneCaches } from './prune-caches.ts';
import { openSession } from './session.ts';

/** `npm run cache`: what the caches of registries hold; `--prune DAYS` removes what no lab has used for so long. */
export async function showCaches(options: CacheOptions, io: Io): Promise<number> {
  const session = openSession(options, io, false, tellBeside(options.output, io), false);
  await session.programs.haveAll(['docker']);
  const caches = await cachesNow(session.queries);
  if (options.prune !== undefined) {
    const event = await pruneCaches(session, caches, options.prune);
    if (options.output === 'json') printJson(io, event);
    else io.stdout.write(`${prunedLines(event).join('\n')}\n`);
    return event.unread.length === 0 ? exitCode.done : exitCode.failed;
  }
  const lines = await Promise.all(caches.map(async (cache) => lineOf(cache, await imagesOf(session, cache))));
  const event: DriverEvent = { event: 'caches', caches: lines };
  if (options.output === 'json') printJson(io, event);
  else io.stdout.write(`${cacheLines(event.caches, styleOf(io, io.stdout)).join('\n')}\n`);
  return exitCode.done;
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
    bytes === undefined ? '?' : megabytes(bytes),
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

/** What has gone, and what was not looked at. Pure. */
export function prunedLines({ days, images, bytes, unread }: CachesPrunedEvent): string[] {
  const isAll = unread.length === 0;
  const none = `nothing removed${isAll ? `: nothing is older than ${counted(days, 'day')}` : ''}`;
  return [
    ...images.map((image) => `removed ${image}`),
    images.length === 0 ? none : `${counted(images.length, 'image')} removed, ${megabytes(bytes)} freed`,
    ...unread.map((name) => `${name} does not answer on this machine, and stays as it is: docker logs ${name}`),
  ];
}
