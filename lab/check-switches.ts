import type { Path, Problem } from './problems.ts';
import type { LabInput } from './schema.ts';
import { isAtLeast, resolveStack, type Versions } from './stacks.ts';

/** A switch that is on, and versions that do not have it. */
interface Lack {
  /** The switch in lab.yaml. */
  readonly path: Path;
  readonly applies: (input: LabInput, versions: Versions) => boolean;
  readonly message: (versions: Versions) => string;
}

const lacks: readonly Lack[] = [
  {
    // documented as a limitation of the kube-proxy replacement up to 1.16; agents up to 1.15 end with `IPSec cannot be used with BPF NodePort`
    path: ['cilium', 'encryption'],
    applies: ({ cilium: { encryption } }, { cilium }) => encryption === 'ipsec' && !isAtLeast(cilium, '1.17.0'),
    message: ({ cilium }) =>
      `cilium.encryption is ipsec, and Cilium ${cilium} cannot do that where it replaces kube-proxy, as in every lab. ` +
      'Use wireguard, or Cilium 1.17 or later: `stack: current`.',
  },
  {
    // up to 1.18 the kinds are applied by hand, and CoreDNS is configured by hand
    path: ['mcs'],
    applies: ({ mcs }, { cilium }) => mcs && !isAtLeast(cilium, '1.19.0'),
    message: ({ cilium }) =>
      `mcs is true, and Cilium ${cilium} installs neither the kinds of the MCS-API nor its part of CoreDNS. ` +
      'Remove it, or use Cilium 1.19 or later: `stack: current`.',
  },
  {
    // Cilium's documentation: "CoreDNS 1.12.2 or later (installed by default from Kubernetes 1.35)"
    path: ['mcs'],
    applies: ({ mcs }, { cilium, kubernetes }) =>
      mcs && isAtLeast(cilium, '1.19.0') && !isAtLeast(kubernetes, 'v1.35.0'),
    message: ({ kubernetes }) =>
      `mcs is true, and Kubernetes ${kubernetes} comes with a CoreDNS before 1.12.2, which knows no clusterset.local. ` +
      'Remove it, or set versions.kubernetes to v1.35.0 or later.',
  },
];

/** Nothing turned on that the versions do not have. */
export function switchesFit(input: LabInput): Problem[] {
  const { versions } = resolveStack(input.stack, input.versions);
  return lacks
    .filter(({ applies }) => applies(input, versions))
    .map(({ path, message }) => ({ path, message: message(versions) }));
}
