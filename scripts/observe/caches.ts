import { type Cache, listCaches, parseCaches } from '../tools/docker-cache.ts';
import type { Queries } from './queries.ts';

/** All caches of registries on this Docker, as they are now. */
export const cachesNow = (queries: Queries): Promise<Cache[]> => queries.read(listCaches(), parseCaches);

/** Undefined where there is none of that name. */
export const cacheNow = async (queries: Queries, name: string): Promise<Cache | undefined> =>
  (await cachesNow(queries)).find((each) => each.name === name);

/** By name: where each answers on this machine; none of those that do not. */
export async function cacheUrls(queries: Queries): Promise<ReadonlyMap<string, string>> {
  const caches = await cachesNow(queries);
  return new Map(caches.flatMap((cache) => (cache.port === undefined ? [] : [[cache.name, urlOf(cache)]])));
}

/** Nobody answers there. */
export const NOWHERE = 'http://127.0.0.1:0';

/** Of one that answers on no port of this machine: nowhere. */
export const urlOf = ({ port }: Pick<Cache, 'port'>): string =>
  port === undefined ? NOWHERE : `http://127.0.0.1:${port}`;
