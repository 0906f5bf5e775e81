import { statfsSync } from 'node:fs';
import type { Lab, Region } from '../../lab/lab.ts';
import type { CommandLine } from '../files/paths.ts';
import type { Observed } from '../observe/observed.ts';
import type { Queries } from '../observe/queries.ts';
import { encryptionOf } from '../plan/switch-refusals.ts';
import { kernelConfig, listContainerNames, tryEsp, tryVxlan, tryWireguard } from '../tools/docker.ts';
import { factOfEncryption } from './encryption.ts';
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

const nothingKnown: KernelFacts = { config: undefined, vxlan: undefined, wireguard: undefined, esp: undefined };

/**
 * The facts that the checks judge. Asks the engine's kernel, by a container of a node image that is there, only where a cluster
 * is to be made, or encryption begins, and a look does not tell.
 */
export async function gather(queries: Queries, lab: Pick<Lab, 'switches'>, gathered: Gathered): Promise<Facts> {
  const { observed, unreachable } = gathered;
  const isMine = sharesKernel(gathered);
  const folder = isMine && !isDesktop(gathered) ? observed?.engine.host.folder : undefined;
  return {
    ...gathered,
    unreachable,
    freeDisk: folder === undefined ? undefined : freeBytes(folder),
    kernel: await askKernel(queries, lab, gathered, isMine ? kernelHere(gathered.host.kernel) : nothingKnown),
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

/** Features of a kernel for each fact, with the module that one is where it is not built in. */
const parts = {
  vxlan: { VXLAN: 'vxlan' },
  wireguard: { WIREGUARD: 'wireguard' },
  esp: { XFRM: undefined, XFRM_USER: 'xfrm_user', INET_ESP: 'esp4', CRYPTO_GCM: 'gcm' },
} as const;

type Fact = keyof typeof parts;

/** A module that is neither built in nor found may still be there: in a container its folder is not. */
export function kernelHere(kernel: string, root = '/'): KernelFacts {
  const config = readKernelConfig(kernel, root);
  const isThere = (feature: string, module: string | undefined): boolean | undefined => {
    if (module !== undefined && hasModule(kernel, module, root)) return true;
    // before Linux 5.6 it is a module of its own, and no feature
    if (config === undefined || (feature === 'WIREGUARD' && /^([0-4]|5\.[0-5])\./.test(kernel))) return undefined;
    if (!hasFeature(config, feature)) return false;
    return config.includes(`CONFIG_${feature}=y`) ? true : undefined;
  };
  const fact = (name: Fact): boolean | undefined => {
    const seen = Object.entries(parts[name]).map(([feature, module]) => isThere(feature, module));
    return seen.includes(false) ? false : seen.includes(undefined) ? undefined : true;
  };
  return { config, vxlan: fact('vxlan'), wireguard: fact('wireguard'), esp: fact('esp') };
}

const trials = { vxlan: tryVxlan, wireguard: tryWireguard, esp: tryEsp } as const;

/** As `ip` says it of a kernel that has no such device, no such mode, type or cipher, or nothing of the kind. */
const lacking =
  /Unknown device type|Requested [\w ]+ not found|(Operation|Protocol) not supported|Function not implemented/;

/** Asked is what is needed and not known: the kernel of another machine what it is, any kernel whether it can do a thing. */
export async function askKernel(
  queries: Queries,
  lab: Pick<Lab, 'switches'>,
  gathered: Gathered,
  known: KernelFacts,
): Promise<KernelFacts> {
  const { observed, regions } = gathered;
  const [image] = regions.flatMap(({ nodeImage }) => observed?.images.get(nodeImage) ?? []);
  if (image === undefined) return known;
  const tried = async (name: Fact): Promise<Partial<KernelFacts>> => {
    const { exitCode, stderr } = await queries.attempt(trials[name](image));
    return { [name]: exitCode === 0 ? true : lacking.test(stderr) ? false : undefined };
  };
  const answers = neededFacts(lab, gathered)
    .filter((name) => known[name] === undefined)
    .map(async (name) => {
      if (name !== 'vxlan' || sharesKernel(gathered)) return tried(name);
      const { exitCode, stdout } = await queries.attempt(kernelConfig(image));
      return exitCode === 0 ? { config: stdout, vxlan: hasFeature(stdout, 'VXLAN') } : {};
    });
  return Object.assign({}, known, ...(await Promise.all(answers))) as KernelFacts;
}

/** VXLAN for clusters that are to be made, and what a region needs to encrypt that does not do so yet. */
function neededFacts(lab: Pick<Lab, 'switches'>, { regions, observed }: Gathered): Fact[] {
  const made = toBeMade({ regions, observed });
  const fact = factOfEncryption(lab);
  const isChanged = regions.some(({ name }) => {
    const values = observed?.regions.get(name)?.cluster?.release?.values;
    return values !== undefined && encryptionOf(values) !== lab.switches.encryption;
  });
  return [
    ...(made.some((region) => tunnels(lab, region)) ? (['vxlan'] as const) : []),
    ...(fact !== undefined && (made.length > 0 || isChanged) ? [fact] : []),
  ];
}
