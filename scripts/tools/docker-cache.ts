import { z } from 'zod';
import { CACHE_PORT, type Registry } from '../../lab/registries.ts';
import type { Command } from './command.ts';
import type { Credentials } from './docker-config.ts';
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
  readonly image: string;
  readonly isRunning: boolean;
  /** It ends as soon as it is started, again and again. */
  readonly isFailing: boolean;
  /** It was started some minutes ago, or less. */
  readonly isFresh: boolean;
  /** What was put into it was cut off. */
  readonly isHalf?: true;
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
  Image: z.string().default(''),
  Status: z.string().default(''),
  Ports: z.string().default(''),
});

export function parseCaches(jsonLines: string): Cache[] | undefined {
  const lines = jsonLines.split('\n').filter((each) => each.trim() !== '');
  const caches = lines.flatMap((each) => readJson(line, each) ?? []);
  if (caches.length < lines.length) return undefined;
  return caches.map(({ Names, Labels, State, Status, Networks, Image, Ports }) => {
    const labels = new Map(Labels.split(',').map((label) => label.split('=', 2) as [string, string]));
    const port = new RegExp(`:(\\d+)->${CACHE_PORT}/tcp`).exec(Ports)?.[1];
    return {
      name: Names,
      host: labels.get(hostLabel) ?? '',
      upstream: labels.get(upstreamLabel),
      image: Image,
      isRunning: State === 'running',
      isFailing: State === 'restarting',
      isFresh: /^Up (?:Less than a second|\d+ seconds?|About a minute|[1-4] minutes)\b/.test(Status),
      networks: Networks.split(',').filter((name) => name !== ''),
      port: port === undefined ? undefined : Number(port),
    };
  });
}

/** By which programs written in Go are pointed at a proxy (golang.org/x/net/http/httpproxy). */
const proxies = ['HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY', 'https_proxy', 'http_proxy', 'no_proxy'];

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
 * @param credentials for whom it asks @default - it lets anybody pull
 */
export const runCache = (
  { cache, host, upstream }: Registry,
  image: string,
  { network, address }: CachePlace,
  asks: boolean,
  credentials?: Credentials,
): Command => {
  const secretEnv = {
    ...(asks &&
      credentials && {
        // it reads them as YAML (distribution configuration/parser.go)
        REGISTRY_PROXY_USERNAME: JSON.stringify(credentials.user),
        REGISTRY_PROXY_PASSWORD: JSON.stringify(credentials.password),
      }),
  };
  const env = [
    ...(asks ? [`REGISTRY_PROXY_REMOTEURL=${upstream}`, 'REGISTRY_PROXY_TTL=0'] : []),
    'REGISTRY_STORAGE_DELETE_ENABLED=true',
    'OTEL_TRACES_EXPORTER=none',
  ];
  const start = quietly(
    ...['run', '--detach', '--name', cache, '--restart', 'unless-stopped'],
    ...['--label', `${hostLabel}=${host}`, ...(asks ? ['--label', `${upstreamLabel}=${upstream}`] : [])],
    ...['--network', network, ...(address === undefined ? [] : ['--ip', address])],
    // this machine alone asks it there
    ...['--publish', `127.0.0.1::${CACHE_PORT}`, '--volume', `${cache}:${DATA}`],
    // those without a value docker takes from where it runs, and leaves out where they are not set there
    ...[...env, ...(asks ? proxies : []), ...Object.keys(secretEnv)].flatMap((each) => ['--env', each]),
    image,
  );
  return { ...start, secretEnv };
};

export const startCache = (name: string): Command => quietly('start', name);

/** @param place in the container @param folder of this machine, in which the last part of that is made */
export const copyOut = (name: string, place: string, folder: string): Command =>
  quietly('cp', `${name}:${place}`, folder);

export const stopCache = (name: string): Command => quietly('stop', '-t', '10', name);

/** Of the one that removes what a cache holds, over its volume. */
export const prunerOf = (cache: string): string => `${cache}-prune`;

/** One that asks nobody removes what it is told to. */
export const runPruner = (cache: string, image: string): Command =>
  quietly(
    ...[
      'run',
      '--detach',
      '--name',
      prunerOf(cache),
      '--label',
      `clustermesh-lab.pruner=${cache}`,
      '--publish',
      `127.0.0.1::${CACHE_PORT}`,
    ],
    ...['--volume', `${cache}:${DATA}`, '--env', 'REGISTRY_STORAGE_DELETE_ENABLED=true'],
    ...['--env', 'OTEL_TRACES_EXPORTER=none', image],
  );

/** Where it answers on this machine. */
export const askPort = (name: string): Command => docker('port', name, `${CACHE_PORT}/tcp`);

export function parsePort(answer: string): number | undefined {
  const port = /^127\.0\.0\.1:(\d+)$/m.exec(answer)?.[1];
  return port === undefined ? undefined : Number(port);
}

/** Where an image of a registry has its configuration (distribution's Dockerfile): from 3.0 on, and before. */
export const configurations = ['/etc/distribution/config.yml', '/etc/docker/registry/config.yml'];

/** Removes the parts that no manifest of a cache names. @param dry only looks for them */
export const collectGarbage = (cache: string, image: string, configuration: string, dry = false): Command =>
  quietly(
    ...['run', '--rm', '--network', 'none', '--volume', `${cache}:${DATA}`, '--env', 'OTEL_TRACES_EXPORTER=none'],
    ...[image, 'garbage-collect', ...(dry ? ['--dry-run'] : []), configuration],
  );

/** What it holds stays in its volume. */
export const removeCache = (name: string): Command => quietly('rm', '--force', name);

export const connectCache = (name: string, { network, address }: CachePlace): Command =>
  quietly('network', 'connect', ...(address === undefined ? [] : ['--ip', address]), network, name);

export const disconnectCache = (name: string, network: string): Command =>
  quietly('network', 'disconnect', network, name);
