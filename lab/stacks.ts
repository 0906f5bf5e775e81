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

/** Versions that fit together, and the few things that differ between them. No other file asks for a version. */
export interface Stack {
  readonly name: 'article' | 'current';
  readonly versions: Versions;
  /** `kindest/node:v1.27.3@sha256:…` */
  readonly nodeImage: string;
  /** As the chart wants it: `strict` is deprecated in 1.14 and refused from 1.16. */
  readonly kubeProxyReplacement: 'strict' | true;
  /** The article's `externalIPs`, `nodePort`, `hostPort`: keys that later charts dropped. */
  readonly legacyServiceKeys: boolean;
  /** Most regions of one mesh: `clustermesh.maxConnectedClusters` exists from chart 1.15. */
  readonly maxClusters: 255 | 511;
  /** `pairs`: `clustermesh connect` joins two at a time; `mesh`: one call joins all (CLI v0.16.19 and later, `--connection-mode mesh`). */
  readonly connect: 'pairs' | 'mesh';
  /** Annotation by which a Service asks MetalLB for one address (prefix changed in 0.15). */
  readonly addressAnnotation: 'metallb.universe.tf/loadBalancerIPs' | 'metallb.io/loadBalancerIPs';
}
