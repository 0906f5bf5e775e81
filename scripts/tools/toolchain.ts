import type { Versions } from '../../lab/stacks.ts';
import type { Command, Program } from './command.ts';

/** A program that the driver calls, and the version that the stack pins. */
export interface Tool {
  readonly program: Program;
  /** `v0.20.0`; undefined where any will do. */
  readonly version: string | undefined;
  /** The key under `versions:` that pins it; undefined where any version will do. */
  readonly pin: keyof Versions | undefined;
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
export function toolchain({ kind, helm, kubectl, ciliumCli }: Versions): readonly Tool[] {
  return [
    {
      program: 'docker',
      version: undefined,
      pin: undefined,
      // `docker version` asks the engine too, which may be far or not there
      ask: { program: 'docker', args: ['--version'] },
      pattern: /(\d+\.[\d.]*\d)/,
    },
    {
      program: 'kind',
      version: kind,
      pin: 'kind',
      ask: { program: 'kind', args: ['version'] },
      pattern: /kind (v[\d.]+(?:-[\w.]+)?)/,
    },
    {
      program: 'helm',
      version: helm,
      pin: 'helm',
      ask: { program: 'helm', args: ['version', '--short'] },
      pattern: /(v[\d.]+(?:-[\w.]+)?)/,
    },
    {
      program: 'kubectl',
      version: kubectl,
      pin: 'kubectl',
      ask: { program: 'kubectl', args: ['version', '--client', '--output', 'json'] },
      pattern: /"gitVersion": ?"(v[\d.]+(?:-[\w.]+)?)/,
    },
    {
      program: 'cilium',
      version: ciliumCli,
      pin: 'ciliumCli',
      ask: { program: 'cilium', args: ['version', '--client'] },
      pattern: /cilium-cli: (v[\d.]+(?:-[\w.]+)?)/,
    },
  ];
}

/** Node's names of this machine, as the projects write them in their releases. */
export function platformOf(nodePlatform: string, nodeArch: string): Platform {
  return { os: nodePlatform, arch: nodeArch === 'x64' ? 'amd64' : nodeArch };
}
