import type { Region } from '../../lab/lab.ts';
import type { CommandLine } from '../files/paths.ts';
import { type Observed, wholeCluster } from '../observe/observed.ts';
import type { Refusal } from '../plan/refusal.ts';
import type { EngineHost } from '../tools/docker-info.ts';

/** All that the checks judge. What is undefined is not known. */
export interface Facts {
  /** The regions that a deploy is asked for. */
  readonly regions: readonly Region[];
  /** What exists; undefined where no Docker Engine answers. */
  readonly observed: Observed | undefined;
  /** Why none answers. */
  readonly unreachable: Refusal | undefined;
  /** This machine, which need not be the one that the engine runs on. */
  readonly host: HostFacts;
  /** Names of all containers that the engine holds. */
  readonly containers: readonly string[] | undefined;
  /** Bytes that are free where the engine keeps images and containers. */
  readonly freeDisk: number | undefined;
  /** What the engine's kernel says of itself. */
  readonly kernel: KernelFacts;
  /** How a command is typed for this lab. */
  readonly line: CommandLine;
}

/** What was looked up on this machine. */
export interface HostFacts {
  /** As of Node.js: `linux`, `darwin`. */
  readonly platform: string;
  /** Release of its kernel. */
  readonly kernel: string;
  /** Bytes that programs can still have, and bytes of swap. */
  readonly memory: { readonly available: number; readonly swap: number } | undefined;
  /** `fs.inotify.max_user_watches` and its like, by the last part of the name; empty where there are none. */
  readonly inotify: Readonly<Record<string, number>>;
  /** The user's own environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Variables of it that the driver's programs do not get: they would point them elsewhere. */
  readonly steering: readonly string[];
  /** kubectl's defaults of the user's own. */
  readonly kuberc: string | undefined;
  readonly docker: DockerConfig;
}

/** Of the Docker command's own configuration. */
export interface DockerConfig {
  readonly file: string;
  /** Of the containers that it starts: `httpProxy`, `noProxy`. */
  readonly proxies: Readonly<Record<string, string>> | undefined;
  /** Where its context points, as DOCKER_HOST would; undefined for this machine's own engine. */
  readonly endpoint: string | undefined;
}

export interface KernelFacts {
  /** Its build configuration, as `/proc/config.gz` has it. */
  readonly config: string | undefined;
  /** It can make VXLAN devices. */
  readonly vxlan: boolean | undefined;
  /** It can make WireGuard devices. */
  readonly wireguard: boolean | undefined;
  /** It takes the IPsec states of Cilium: ESP, with the cipher of its keys. */
  readonly esp: boolean | undefined;
}

/** The engine's machine; undefined where no engine answers. */
export const engineHost = ({ observed }: Pick<Facts, 'observed'>): EngineHost | undefined => observed?.engine.host;

/**
 * The engine runs on this machine's own kernel, so that what `/proc` says here holds there. An engine that does not answer is
 * taken for this machine's, where that is Linux.
 */
export function sharesKernel({ observed, host }: Pick<Facts, 'observed' | 'host'>): boolean {
  if (host.platform !== 'linux' || remoteMachine(host) !== undefined) return false;
  return observed === undefined || observed.engine.host.kernel === host.kernel;
}

/** Whether DOCKER_HOST decides where the engine is, and not the Docker context. */
export const hasDockerHost = ({ env }: Pick<HostFacts, 'env'>): boolean => (env.DOCKER_HOST ?? '') !== '';

/** Name of the other machine that the engine is on; undefined for this one's. Without a scheme Docker takes tcp. */
export function remoteMachine(host: HostFacts): string | undefined {
  const endpoint = hasDockerHost(host) ? host.env.DOCKER_HOST : host.docker.endpoint;
  const [, name = ''] =
    /^(?:(?:tcp|ssh|https?):\/\/|(?!\w+:\/\/))(?:[^/]*@)?(\[[^\]]*\]|[^:/]*)/.exec(endpoint ?? '') ?? [];
  return ['', 'localhost', '0.0.0.0', '[::]', '[::1]'].includes(name) || name.startsWith('127.') ? undefined : name;
}

/** Its virtual machine has a disk of its own. */
export const isDesktop = (facts: Pick<Facts, 'observed'>): boolean =>
  engineHost(facts)?.system?.startsWith('Docker Desktop') === true;

/** Those of the regions whose clusters are still to be made; all, where nothing is known. */
export function toBeMade({ regions, observed }: Pick<Facts, 'regions' | 'observed'>): readonly Region[] {
  return regions.filter((region) => wholeCluster(region, observed?.regions.get(region.name)) === undefined);
}

/** All distributions of a WSL2 share one kernel, Docker Desktop's too. */
export const isWsl = ({ host }: Pick<Facts, 'host'>): boolean =>
  host.platform === 'linux' && /microsoft/i.test(host.kernel);
