import type { Problem } from './problems.ts';
import type { LabInput } from './schema.ts';
import { isAtLeast, resolveStack, stacks, type Versions } from './stacks.ts';

/** Versions of which it is known that they do not work with each other, or with what the lab is made of. */
interface Misfit {
  /** Which of the pins to mend, the likeliest first. */
  readonly pins: readonly (keyof Versions)[];
  readonly applies: (versions: Versions) => boolean;
  readonly message: (versions: Versions) => string;
}

const newest = stacks.current.versions;

const misfits: readonly Misfit[] = [
  {
    // the CLI's Helm mode, the only one since v0.16, needs chart 1.14; v0.15 falls back to its classic mode without a word
    pins: ['cilium'],
    applies: ({ cilium }) => !isAtLeast(cilium, '1.14.0'),
    message: ({ cilium }) => `Cilium ${cilium} is older than the Cilium CLI's mesh by Helm. Use 1.14.0 or later.`,
  },
  {
    pins: ['ciliumCli'],
    applies: ({ ciliumCli }) => !isAtLeast(ciliumCli, 'v0.15.0'),
    message: ({ ciliumCli }) =>
      `Cilium CLI ${ciliumCli} does not use Helm releases by itself. Use v0.15.0 or later, such as ${newest.ciliumCli}.`,
  },
  {
    // the table of releases in the README of cilium-cli v0.16
    pins: ['ciliumCli', 'cilium'],
    applies: ({ cilium, ciliumCli }) =>
      isAtLeast(ciliumCli, 'v0.15.0') && !isAtLeast(ciliumCli, 'v0.16.0') && isAtLeast(cilium, '1.15.0'),
    message: ({ cilium, ciliumCli }) =>
      `Cilium CLI ${ciliumCli} is made for Cilium 1.14, and the lab has ${cilium}. ` +
      `Set versions.ciliumCli to v0.16.0 or later, such as ${newest.ciliumCli}.`,
  },
  {
    // `kubeVersion` in Chart.yaml, by which Helm refuses
    pins: ['kubernetes', 'cilium'],
    applies: ({ cilium, kubernetes }) => isAtLeast(cilium, '1.16.0') && !isAtLeast(kubernetes, 'v1.21.0'),
    message: ({ cilium, kubernetes }) =>
      `Cilium ${cilium} asks for Kubernetes v1.21.0, and the lab has ${kubernetes}. Set versions.kubernetes to v1.21.0 or later.`,
  },
  {
    pins: ['metallb'],
    applies: ({ metallb }) => !isAtLeast(metallb, 'v0.13.0'),
    message: ({ metallb }) =>
      `MetalLB ${metallb} has no IPAddressPool yet. Use v0.13.7 or later, such as ${newest.metallb}.`,
  },
];

/** Why these versions do not work together, one sentence or two each; empty when nothing is known against them. */
export function misfitsOf(versions: Versions): string[] {
  return misfits.filter(({ applies }) => applies(versions)).map(({ message }) => message(versions));
}

/** Versions that fit together; each misfit is told at the pin that makes it. */
export function versionsFit({ stack, versions: pins }: LabInput): Problem[] {
  const { versions } = resolveStack(stack, pins);
  return misfits.flatMap(({ pins: candidates, applies, message }) => {
    if (!applies(versions)) return [];
    const pin = candidates.find((key) => pins[key] !== undefined);
    return [{ path: pin === undefined ? ['stack'] : ['versions', pin], message: message(versions) }];
  });
}

/**
 * A node that MetalLB announces addresses from. From v0.14.2 on its speakers leave out nodes that are labelled
 * exclude-from-external-load-balancers, as every control plane is; kind takes the label from a single node since v0.22.0.
 */
export function announcing({ stack, versions: pins, regions, loadBalancer }: LabInput): Problem[] {
  const { kind, metallb } = resolveStack(stack, pins).versions;
  // Cilium's L2 announcements do not heed that label
  if (loadBalancer.by === 'cilium' || isAtLeast(kind, 'v0.22.0') || !isAtLeast(metallb, 'v0.14.2')) return [];
  return regions.flatMap(({ name, workers, controlPlanes }, index) => {
    if (workers > 0 || controlPlanes > 1) return [];
    const message =
      `${name} has one node, which kind ${kind} labels exclude-from-external-load-balancers, and MetalLB ${metallb} ` +
      `announces no address from such a node. Use \`workers: 1\`, kind v0.22.0 or later, or MetalLB v0.14.1 or earlier.`;
    return [{ path: ['regions', index, 'workers'], message }];
  });
}
