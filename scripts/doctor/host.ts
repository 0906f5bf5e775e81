import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { readJson } from '../tools/json.ts';
import type { DockerConfig, HostFacts } from './facts.ts';

/** The user's own surroundings, as an entry point got them. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What the driver's programs get of it. */
  readonly programEnv: Readonly<Record<string, string>>;
  readonly home: string;
}

/** Looks at this machine. Reads a few small files, starts nothing. @param root of the file system */
export function lookAtHost({ env, programEnv, home }: Surroundings, root = '/'): HostFacts {
  const read = (path: string): string | undefined => answer(() => readFileSync(join(root, path), 'utf8'));
  return {
    platform: process.platform,
    kernel: release(),
    memory: memoryOf(read('proc/meminfo')),
    inotify: Object.fromEntries(
      ['max_user_watches', 'max_user_instances'].flatMap((name) => {
        const text = read(`proc/sys/fs/inotify/${name}`);
        return text === undefined ? [] : [[name, Number(text)]];
      }),
    ),
    env,
    steering: Object.keys(env).filter((name) => env[name] !== undefined && !(name in programEnv)),
    kuberc: [join(home, '.kube', 'kuberc')].find((file) => existsSync(file)),
    docker: dockerConfig(env, home),
  };
}

/** `/proc/meminfo`, whose kB are of 1024 bytes. */
function memoryOf(meminfo: string | undefined): HostFacts['memory'] {
  const bytes = (name: string): number | undefined => {
    const [, kilobytes] = new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(meminfo ?? '') ?? [];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  };
  const available = bytes('MemAvailable');
  return available === undefined ? undefined : { available, swap: bytes('SwapTotal') ?? 0 };
}

const configFile = z.object({
  currentContext: z.string().optional(),
  proxies: z.record(z.string(), z.record(z.string(), z.string())).optional(),
});

const contextFile = z.object({ Endpoints: z.object({ docker: z.object({ Host: z.string().optional() }) }) });

/** A context's file lies in a folder that is named after its name's digest (docker/cli, cli/context/store). */
function dockerConfig(env: Surroundings['env'], home: string): DockerConfig {
  const given = (name: string): string | undefined => (env[name] === '' ? undefined : env[name]);
  const folder = given('DOCKER_CONFIG') ?? join(home, '.docker');
  const file = join(folder, 'config.json');
  const config = readJson(configFile, answer(() => readFileSync(file, 'utf8')) ?? '{}');
  const context = given('DOCKER_CONTEXT') ?? config?.currentContext ?? 'default';
  const digest = createHash('sha256').update(context).digest('hex');
  const meta = answer(() => readFileSync(join(folder, 'contexts', 'meta', digest, 'meta.json'), 'utf8'));
  return {
    file,
    proxies: config?.proxies?.default,
    endpoint: readJson(contextFile, meta ?? '{}')?.Endpoints.docker.Host,
  };
}

/** What this machine's kernel was built with: where it keeps that itself, and where distributions put it. */
export function readKernelConfig(kernel: string, root = '/'): string | undefined {
  return (
    answer(() => gunzipSync(readFileSync(join(root, 'proc/config.gz'))).toString()) ??
    answer(() => readFileSync(join(root, `boot/config-${kernel}`), 'utf8')) ??
    answer(() => readFileSync(join(root, `lib/modules/${kernel}/config`), 'utf8'))
  );
}

/** A module is loaded, or there to be loaded. */
export function hasModule(kernel: string, module: string, root = '/'): boolean {
  if (existsSync(join(root, 'sys/module', module))) return true;
  const installed = answer(() => readFileSync(join(root, `lib/modules/${kernel}/modules.dep`), 'utf8'));
  return installed?.includes(`/${module}.ko`) === true;
}

function answer<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
