import { z } from 'zod';
import { CACHE_PORT, type Registry } from '../../lab/registries.ts';
import type { Command } from './command.ts';
import { readJson } from './json.ts';

/** Labels of a cache: the host of its registry, and the URL that it asks; none of one that asks nobody. */
const hostLabel = 'clustermesh-lab.cache';
const upstreamLabel = 'clustermesh-lab.cache.upstream';

/** Where an image of a registry keeps what it holds, in every version (distribution's config.yml). */
export const DATA = '/var/lib/registry';

/** A cache of a registry: it is the user's, and no lab's. */
export interface Cache {
  /** Name of its container, and of its volume. */
  readonly name: string;
  /** `quay.io` */
  readonly host: string;
  /** URL of the registry that it asks; undefined where it has what it has, and asks nobody. */
  readonly upstream: string | undefined;
  readonly isRunning: boolean;
  /** It ends as soon as it is started, again and again. */
  readonly isFailing: boolean;
  /** Names of the docker networks that it is on. */
  readonly networks: readonly string[];
  /** Port of this machine on which it answers. */
  readonly port: number | undefined;
}

const docker = (...args: string[]): Command => ({ program: 'docker', args });
const quietly = (...args: string[]): Command => ({ ...docker(...args), quiet: true });

/** All caches of this engine, running or not. */
export const listCaches = (): Command =>
  docker('ps', '--all', '--no-trunc', '--filter', `label=${hostLabel}`, '--format', '{{json .}}');

const line = z.object({
  Names: z.string(),
  Labels: z.string(),
  State: z.string(),
  Networks: z.string(),
  Ports: z.string().default(''),
});

export function parseCaches(jsonLines: string): Cache[] | undefined {
  const lines = jsonLines.split('\n').filter((each) => each.trim() !== '');
  const caches = lines.flatMap((each) => readJson(line, each) ?? []);
  if (caches.length < lines.length) return undefined;
  return caches.map(({ Names, Labels, State, Networks, Ports }) => {
    const labels = new Map(Labels.split(',').map((label) => label.split('=', 2) as [string, string]));
    const port = new RegExp(`:(\\d+)->${CACHE_PORT}/tcp`).exec(Ports)?.[1];
    return {
      name: Names,
      host: labels.get(hostLabel) ?? '',
      upstream: labels.get(upstreamLabel),
      isRunning: State === 'running',
      isFailing: State === 'restarting',
      networks: Networks.split(',').filter((name) => name !== ''),
      port: port === undefined ? undefined : Number(port),
    };
  });
}

/** Where a cache is to be reached. */
export interface CachePlace {
  readonly network: string;
  /** Its own there, so that no node gets it; undefined leaves it to Docker. */
  readonly address: string | undefined;
}

/**
 * Starts a cache. What it has it keeps for ever, and in a volume of its own; it comes back with the engine. A registry that is to ask
 * another does not start while that does not answer (distribution registry/proxy/proxyauth.go): then it is started alone.
 * @param asks false: it has what it has, and asks nobody
 */
export const runCache = (
  { cache, host, upstream }: Registry,
  image: string,
  { network, address }: CachePlace,
  asks: boolean,
): Command => {
  const env = [
    ...(asks ? [`REGISTRY_PROXY_REMOTEURL=${upstream}`, 'REGISTRY_PROXY_TTL=0'] : []),
    'REGISTRY_STORAGE_DELETE_ENABLED=true',
    'OTEL_TRACES_EXPORTER=none',
  ];
  return quietly(
    ...['run', '--detach', '--name', cache, '--restart', 'unless-stopped'],
    ...['--label', `${hostLabel}=${host}`, ...(asks ? ['--label', `${upstreamLabel}=${upstream}`] : [])],
    ...['--network', network, ...(address === undefined ? [] : ['--ip', address])],
    // this machine alone asks it there
    ...['--publish', `127.0.0.1::${CACHE_PORT}`, '--volume', `${cache}:${DATA}`],
    ...env.flatMap((each) => ['--env', each]),
    image,
  );
};

export const startCache = (name: string): Command => quietly('start', name);

/** What it holds stays in its volume. */
export const removeCache = (name: string): Command => quietly('rm', '--force', name);

export const connectCache = (name: string, { network, address }: CachePlace): Command =>
  quietly('network', 'connect', ...(address === undefined ? [] : ['--ip', address]), network, name);

export const disconnectCache = (name: string, network: string): Command =>
  quietly('network', 'disconnect', network, name);
