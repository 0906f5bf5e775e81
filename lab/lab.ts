import type { Cidr, IpRange, Ipv4 } from './cidr.ts';
import type { Profiles } from './degrade.ts';
import type { Expected } from './failover.ts';
import type { Registry } from './registries.ts';
import type { Scenarios } from './scenarios.ts';
import type { Stack } from './stacks.ts';
import type { Switches } from './switches.ts';

/** How the mesh is made: by the Cilium CLI after the install, or as part of the first Helm install. */
export type MeshMethod = 'cli' | 'install';

/** Who gives the LoadBalancer addresses and announces them: MetalLB, or Cilium's LB-IPAM and L2 announcements. */
export type LoadBalancer = 'metallb' | 'cilium';

/** How images reach the nodes: loaded into them, through a cache on this machine, or as each node gets them by itself. */
export type ImagesBy = 'preload' | 'cache' | 'nodes';

/** Helm values: a tree of plain YAML. */
export type Values = Readonly<Record<string, unknown>>;

/**
 * The whole lab, every name, number and address of it decided: what `constructs/` emits and `scripts/` makes real.
 * Immutable; made by `resolveLab` alone.
 */
export interface Lab {
  /** DNS label; names the state folder `.lab/NAME` and labels the docker network. */
  readonly name: string;
  /** Versions that fit together, `versions:` of lab.yaml merged in. */
  readonly stack: Stack;
  readonly sources: Sources;
  /** Who is asked before the publisher of a file. */
  readonly mirrors: Mirrors;
  readonly network: Network;
  /** `network.pods`: covers every pod subnet; Cilium's `ipv4NativeRoutingCIDR`. */
  readonly nativeRoutingCidr: Cidr;
  /** `mesh.maxConnectedClusters`: 255, or 511 where a region's id needs it; the same in every region and fixed for its life. */
  readonly maxConnectedClusters: 255 | 511;
  readonly meshMethod: MeshMethod;
  /** `loadBalancer.by` */
  readonly loadBalancer: LoadBalancer;
  readonly imagesBy: ImagesBy;
  /** Whom nodes ask for images: each is a file in dist/. Empty where every registry is asked itself, and no cache before it. */
  readonly registries: readonly Registry[];
  /** Image of a cache of a registry. */
  readonly cacheImage: string;
  /** The image of the lab's own servers and clients, as their pods ask for it. */
  readonly probeImage: string;
  readonly scenarios: Scenarios;
  /** What a failover may cost. */
  readonly expected: Expected;
  /** Worse networks between its regions. */
  readonly profiles: Profiles;
  readonly switches: Switches;
  /** Patterns for `cilium connectivity test --test`; empty runs all. */
  readonly testOnly: readonly string[];
  /** In the order of lab.yaml; at least one. */
  readonly regions: readonly Region[];
}

/** By host of a URL: what stands before the path where it is mirrored, `https://files.m.daocloud.io/get.helm.sh`. */
export type Mirrors = Readonly<Record<string, string>>;

/** Where each thing comes from. */
export interface Sources {
  /** The Cilium chart: a .tgz, or a folder. */
  readonly ciliumChart: Source;
  /** MetalLB's native manifest; undefined where Cilium gives the addresses. */
  readonly metallbManifest: Source | undefined;
}

/** What is downloaded once for all regions, or what is used where it is. */
export type Source = Download | Place;

/** A file on the web, and what its bytes must be. */
export interface Download {
  readonly url: string;
  /** SHA-256 in hexadecimal; undefined where none is known: then the file is taken as it comes. */
  readonly sha256: string | undefined;
}

/** An absolute path; or an address that Helm alone can read, such as `oci://`. */
interface Place {
  readonly place: string;
}

/** The images that the driver puts on every node of a region before Helm runs. */
export interface Preload {
  /** That of Cilium's agent comes first, where it is among them. */
  readonly images: readonly PreloadedImage[];
  /** Why it is not: each node pulls it by itself, or has it. */
  readonly withoutAgent?: string;
}

/** An image that the driver puts on nodes. */
export interface PreloadedImage {
  /** As the pods ask for it, and so its name on the nodes: `quay.io/cilium/cilium:v1.14.2`. */
  readonly name: string;
  /** As it is pulled: the name with its digest, where one is known. */
  readonly reference: string;
}

/** The lab's own docker network, to which kind is pointed. */
export interface Network {
  readonly name: string;
  readonly subnet: Cidr;
  /** First address of the subnet. */
  readonly gateway: Ipv4;
  /** docker's `--ip-range`: the lower half of the subnet, where containers get their addresses. */
  readonly nodeRange: Cidr;
}

/** One kind cluster with its addresses, name and id. */
export interface Region {
  /** kind cluster name and Cilium `cluster.name`: `region-athens`. */
  readonly name: string;
  /** Cilium `cluster.id`, 1 to 511. */
  readonly id: number;
  /** kubeconfig context that kind makes: `kind-region-athens`. */
  readonly context: string;
  /** Names of the regions that it is connected to, in the order of lab.yaml: by `mesh.topology` or `mesh.pairs`. */
  readonly links: readonly string[];
  readonly controlPlanes: number;
  readonly workers: number;
  /** Container names of the Kubernetes nodes, as kind gives them; the load balancer of several control planes is none. */
  readonly nodes: readonly string[];
  /** `k8sServiceHost`: the control plane's container, or the load balancer before several. */
  readonly apiServerHost: string;
  readonly nodeImage: string;
  readonly podSubnet: Cidr;
  readonly serviceSubnet: Cidr;
  /** Its LoadBalancer addresses. */
  readonly pool: IpRange;
  /** Fixed address of the ClusterMesh API server, the second of the pool (the article's lab gives the first to Hubble UI); used by `mesh.method: install`. */
  readonly meshAddress: Ipv4;
  /** Hubble UI stands on one of its addresses: `cilium.hubble`, and no `cilium.values` that leave it out. */
  readonly hubbleUi: boolean;
  readonly preload: Preload;
  /** `cilium.values` of the lab and of the region, merged, the region's winning. */
  readonly values: Values;
}
