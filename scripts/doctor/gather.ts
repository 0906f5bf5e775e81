import { statfsSync } from 'node:fs';
import type { Region } from '../../lab/lab.ts';
import type { CommandLine } from '../files/paths.ts';
import type { Observed } from '../observe/observed.ts';
import type { Queries } from '../observe/queries.ts';
import { nodeImages } from '../steps/pull.ts';
import { kernelConfig, listContainerNames, tryVxlan } from '../tools/docker.ts';
import { type Facts, type HostFacts, type KernelFacts, isDesktop, sharesKernel, toBeMade } from './facts.ts';
import { hasModule, readKernelConfig } from './host.ts';
import { hasFeature, tunnels } from './kernel.ts';

/** What the doctor asks of the engine beside an observation, and side by side with it. */
export async function containerNames(queries: Queries): Promise<readonly string[]> {
  return (await queries.ask(listContainerNames())).split('\n').filter((name) => name !== '');
}

/** What was gathered so far. */
export interface Gathered {
  /** Those that a deploy is asked for. */
  readonly regions: readonly Region[];
  readonly observed: Observed | undefined;
  readonly unreachable?: Facts['unreachable'];
  readonly host: HostFacts;
  readonly containers: readonly string[] | undefined;
  readonly line: CommandLine;
}

/**
 * The facts that the checks judge. Asks the engine's kernel, by a container of a node image that is there, only where a cluster
 * is to be made and a look does not tell.
 */
export async function gather(queries: Queries, gathered: Gathered): Promise<Facts> {
  const { observed, unreachable } = gathered;
  const isMine = sharesKernel(gathered);
  const folder = isMine && !isDesktop(gathered) ? observed?.engine.host.folder : undefined;
  return {
    ...gathered,
    unreachable,
    freeDisk: folder === undefined ? undefined : freeBytes(folder),
    kernel: await askKernel(
      queries,
      gathered,
      isMine ? kernelHere(gathered.host.kernel) : { config: undefined, vxlan: undefined },
    ),
  };
}

export function freeBytes(folder: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}

/** A module that is neither built in nor found may still be there: in a container its folder is not. */
export function kernelHere(kernel: string, root = '/'): KernelFacts {
  const config = readKernelConfig(kernel, root);
  if (config !== undefined && !hasFeature(config, 'VXLAN')) return { config, vxlan: false };
  const isThere = config?.includes('CONFIG_VXLAN=y') === true || hasModule(kernel, 'vxlan', root);
  return { config, vxlan: isThere ? true : undefined };
}

/** One question at most: the kernel of another machine what it is, this machine's whether it has a VXLAN module. */
export async function askKernel(queries: Queries, gathered: Gathered, known: KernelFacts): Promise<KernelFacts> {
  const { observed } = gathered;
  const regions = toBeMade(gathered);
  if (observed === undefined || !regions.some(tunnels) || known.vxlan !== undefined) return known;
  const image = nodeImages(regions, observed).find((name) => observed.images.has(name));
  if (image === undefined) return known;
  if (sharesKernel(gathered)) {
    const { exitCode, stderr } = await queries.attempt(tryVxlan(image));
    const isRefused = /Unknown device type|Operation not supported/.test(stderr);
    return { ...known, vxlan: exitCode === 0 ? true : isRefused ? false : undefined };
  }
  const { exitCode, stdout } = await queries.attempt(kernelConfig(image));
  return exitCode === 0 ? { config: stdout, vxlan: hasFeature(stdout, 'VXLAN') } : known;
}
