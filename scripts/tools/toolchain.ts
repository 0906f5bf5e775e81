import type { Versions } from '../../lab/stacks.ts';
import type { Command, Program } from './command.ts';

/** A program that the driver calls, the version that the stack pins, and where that is published. */
export interface Tool {
  readonly program: Program;
  /** `v0.20.0`; undefined where any will do. */
  readonly version: string | undefined;
  /** The key under `versions:` that pins it; undefined where any version will do. */
  readonly pin: keyof Versions | undefined;
  readonly url: string;
  readonly ask: Command;
  /** Finds the version in the program's answer. */
  readonly pattern: RegExp;
}

export interface Platform {
  /** `linux`, `darwin` */
  readonly os: string;
  /** `amd64`, `arm64` */
  readonly arch: string;
}

/** The five programs, as the lab's stack pins them. */
export function toolchain(versions: Versions, { os, arch }: Platform): readonly Tool[] {
  const { kind, helm, kubectl, ciliumCli } = versions;
  return [
    {
      program: 'docker',
      version: undefined,
      pin: undefined,
      url: 'https://docs.docker.com/engine/install/',
      ask: { program: 'docker', args: ['version', '--format', '{{.Client.Version}}'] },
      pattern: /(\d+[\d.]*)/,
    },
    {
      program: 'kind',
      version: kind,
      pin: 'kind',
      url: `https://kind.sigs.k8s.io/dl/${kind}/kind-${os}-${arch}`,
      ask: { program: 'kind', args: ['version'] },
      pattern: /kind (v[\d.]+)/,
    },
    {
      program: 'helm',
      version: helm,
      pin: 'helm',
      url: `https://get.helm.sh/helm-${helm}-${os}-${arch}.tar.gz`,
      ask: { program: 'helm', args: ['version', '--short'] },
      pattern: /(v[\d.]+)/,
    },
    {
      program: 'kubectl',
      version: kubectl,
      pin: 'kubectl',
      url: `https://dl.k8s.io/release/${kubectl}/bin/${os}/${arch}/kubectl`,
      ask: { program: 'kubectl', args: ['version', '--client', '--output', 'json'] },
      pattern: /"gitVersion": ?"(v[\d.]+)/,
    },
    {
      program: 'cilium',
      version: ciliumCli,
      pin: 'ciliumCli',
      url: `https://github.com/cilium/cilium-cli/releases/download/${ciliumCli}/cilium-${os}-${arch}.tar.gz`,
      ask: { program: 'cilium', args: ['version', '--client'] },
      pattern: /cilium-cli: (v[\d.]+)/,
    },
  ];
}

/** Node's names of this machine, as the projects write them in their releases. */
export function platformOf(nodePlatform: string, nodeArch: string): Platform {
  return { os: nodePlatform, arch: nodeArch === 'x64' ? 'amd64' : nodeArch };
}
