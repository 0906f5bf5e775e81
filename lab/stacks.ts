import { nodeImage } from './node-images.ts';

/** Released versions, written as each project tags them. */
export interface Versions {
  /** `v0.20.0` */
  readonly kind: string;
  /** Kubernetes of the node image: `v1.27.3` */
  readonly kubernetes: string;
  /** Cilium and its chart: `1.14.2` */
  readonly cilium: string;
  /** `v0.15.8` */
  readonly ciliumCli: string;
  /** `v0.13.7` */
  readonly metallb: string;
  /** `v3.17.3` */
  readonly helm: string;
  /** `v1.27.3`; that of the node image unless pinned. */
  readonly kubectl: string;
}

export type StackName = 'article' | 'current';

/** Versions that fit together, and the few things that differ between them. No other file asks for a version. */
export interface Stack {
  readonly name: StackName;
  readonly versions: Versions;
  /** `kindest/node:v1.27.3@sha256:…` */
  readonly nodeImage: string;
  /** As the chart wants it: `strict` is deprecated in 1.14 and refused from 1.16. */
  readonly kubeProxyReplacement: 'strict' | true;
  /** The article's `externalIPs`, `nodePort`, `hostPort`: keys that later charts dropped. */
  readonly legacyServiceKeys: boolean;
  /** Most regions of one mesh: `clustermesh.maxConnectedClusters` exists from chart 1.15. */
  readonly maxClusters: 255 | 511;
  /** `pairs`: `clustermesh connect` joins two at a time; `mesh`: one call joins all (`--connection-mode mesh --parallel`, CLI v0.16.20 and later). */
  readonly connect: 'pairs' | 'mesh';
  /**
   * Whether `clustermesh.config.enabled` must be on before `clustermesh enable`: charts from 1.20 on make the ConfigMap
   * clustermesh-remote-users only then, without which the API server never starts; the CLI sets it itself by v0.19.7, and
   * v0.18.4 does not.
   */
  readonly configBeforeEnable: boolean;
  /** Whether the chart has KVStoreMesh on by itself. */
  readonly kvstoremesh: boolean;
  /** `clustermesh enable` turns KVStoreMesh off unless told otherwise: CLI before v0.16.12. */
  readonly enableEndsKvstoremesh: boolean;
  /** Annotation by which a Service asks MetalLB for one address (prefix changed in 0.15). */
  readonly addressAnnotation: 'metallb.universe.tf/loadBalancerIPs' | 'metallb.io/loadBalancerIPs';
  readonly lbIpam: LbIpam;
}

/** Cilium's own LoadBalancer addresses, as its version has them. */
export interface LbIpam {
  /** Of CiliumLoadBalancerIPPool. */
  readonly apiVersion: 'cilium.io/v2alpha1' | 'cilium.io/v2';
  /** Whether a pool takes ranges: `spec.blocks` came with 1.15 in place of `spec.cidrs`, which was gone with 1.16. */
  readonly ranges: boolean;
  /** Annotation by which a Service asks for one address. The later one came with 1.16, which still reads the other. */
  readonly addressAnnotation: 'io.cilium/lb-ipam-ips' | 'lbipam.cilium.io/ips';
}

/** The stacks to choose from: `article` is what the article used in September 2023, `current` is of July 2026. */
export const stacks: Readonly<Record<StackName, Stack>> = {
  article: stackOf('article', {
    kind: 'v0.20.0',
    kubernetes: 'v1.27.3',
    cilium: '1.14.2',
    ciliumCli: 'v0.15.8',
    metallb: 'v0.13.7',
    helm: 'v3.17.3',
    kubectl: 'v1.27.3',
  }),
  current: stackOf('current', {
    kind: 'v0.32.0',
    kubernetes: 'v1.36.1',
    cilium: '1.20.0',
    ciliumCli: 'v0.19.7',
    metallb: 'v0.16.1',
    helm: 'v3.17.3',
    kubectl: 'v1.36.1',
  }),
};

/** A stack with single versions pinned over its own; everything that depends on a version follows the pins. */
export function resolveStack(name: StackName, pins: Partial<Versions> = {}): Stack {
  const versions = { ...stacks[name].versions, ...pins };
  return stackOf(name, { ...versions, kubectl: pins.kubectl ?? versions.kubernetes });
}

/** What differs between versions; facts from the charts and the releases of each project. */
function stackOf(name: StackName, versions: Versions): Stack {
  return {
    name,
    versions,
    nodeImage: nodeImage(versions.kind, versions.kubernetes),
    kubeProxyReplacement: isAtLeast(versions.cilium, '1.16.0') ? true : 'strict',
    legacyServiceKeys: !isAtLeast(versions.cilium, '1.16.0'),
    maxClusters: isAtLeast(versions.cilium, '1.15.0') ? 511 : 255,
    connect: isAtLeast(versions.ciliumCli, 'v0.16.20') ? 'mesh' : 'pairs',
    configBeforeEnable: isAtLeast(versions.cilium, '1.20.0') && !isAtLeast(versions.ciliumCli, 'v0.19.7'),
    kvstoremesh: isAtLeast(versions.cilium, '1.16.0'),
    enableEndsKvstoremesh: !isAtLeast(versions.ciliumCli, 'v0.16.12'),
    addressAnnotation: isAtLeast(versions.metallb, 'v0.15.0')
      ? 'metallb.io/loadBalancerIPs'
      : 'metallb.universe.tf/loadBalancerIPs',
    lbIpam: lbIpamOf(versions.cilium),
  };
}

function lbIpamOf(cilium: string): LbIpam {
  return {
    apiVersion: isAtLeast(cilium, '1.18.0') ? 'cilium.io/v2' : 'cilium.io/v2alpha1',
    ranges: isAtLeast(cilium, '1.15.0'),
    addressAnnotation: isAtLeast(cilium, '1.16.0') ? 'lbipam.cilium.io/ips' : 'io.cilium/lb-ipam-ips',
  };
}

/** Compares the three numbers of two versions; a pre-release counts as its release. */
export function isAtLeast(version: string, floor: string): boolean {
  const [have, want] = [numbersOf(version), numbersOf(floor)];
  const index = have.findIndex((number, at) => number !== want[at]);
  return index < 0 || (have[index] ?? 0) > (want[index] ?? 0);
}

function numbersOf(version: string): readonly number[] {
  return version.replace(/^v/, '').split(/[.+-]/).slice(0, 3).map(Number);
}
