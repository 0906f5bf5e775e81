import type { Region } from '../../lab/lab.ts';
import type { MeshStatus } from '../tools/cilium.ts';
import type { Holdings, Ownership } from './owned.ts';
import type { Engine } from '../tools/docker-info.ts';
import type { KindContainer } from '../tools/docker-container.ts';
import type { Release } from '../tools/helm.ts';
import type { HostRoute } from '../tools/host.ts';
import type { SharedCa } from '../files/shared-ca.ts';
import type { ObservedScenario } from './scenarios.ts';
import type { BalancedService } from './workloads.ts';

/** The snapshot of what exists, made once before a plan. Decisions read it; nobody changes it. */
export interface Observed extends Holdings {
  readonly engine: Engine;
  readonly routes: readonly HostRoute[];
  /** Those of the lab's images that the Docker Engine holds itself, by the names that it has for them. */
  readonly images: ReadonlyMap<string, string>;
  /** SHA-256 of the files that were downloaded before, by URL. */
  readonly sources: ReadonlyMap<string, string>;
  /** The CA that living regions share, else the one kept from an earlier deploy. */
  readonly ca: SharedCa | undefined;
  /** The IPsec key that living regions share, else the one kept; looked for only where lab.yaml asks for IPsec. */
  readonly ipsecKey: string | undefined;
  /** By region name, those of lab.yaml alone. */
  readonly regions: ReadonlyMap<string, ObservedRegion>;
}

export interface ObservedRegion {
  /** Containers of the kind cluster of this name. */
  readonly containers: readonly KindContainer[];
  /** Whose that cluster is; undefined where there is none. */
  readonly ownership: Ownership | undefined;
  /** Its creation was cut off, and that is on record: only then is it half-built. */
  readonly creating: boolean;
  /** The lab has a kubeconfig for it. */
  readonly kubeconfig: boolean;
  /** What the API server says; undefined where none answers, or where the cluster is not ours to ask. */
  readonly cluster: ObservedCluster | undefined;
}

export interface ObservedCluster {
  /** Node names that have joined. */
  readonly nodes: readonly string[];
  readonly readyNodes: readonly string[];
  readonly kubernetes: string;
  /** uid of the namespace kube-system: another one, and it is another cluster of the same name. */
  readonly uid: string;
  /** It was made with `tuning: lab`: its etcd does not wait for the disk. */
  readonly tuned: boolean;
  readonly podSubnet: string | undefined;
  readonly serviceSubnet: string | undefined;
  /** By node: the names of the preloaded images that it lacks. */
  readonly missingImages: ReadonlyMap<string, readonly string[]>;
  /** By node: whom its containerd asks for images, the files of all registries of the lab one after the other. */
  readonly hosts: ReadonlyMap<string, string>;
  readonly release: Release | undefined;
  /** Undefined where it has none, or where lab.yaml asks for none. */
  readonly ipsecKey: string | undefined;
  /** Workloads of Cilium that are not up, as `daemonset/cilium 1/2`; empty when all are. */
  readonly ciliumNotReady: readonly string[];
  /**
   * Workloads of the release that do not exist or have no pods to run, as `DaemonSet/cilium`: somebody deleted them or scaled
   * them to zero, and only Helm puts them back.
   */
  readonly ciliumIdle: readonly string[];
  readonly metallb: ObservedMetalLb;
  /** Specs of the pools and announcements, MetalLB's and Cilium's, by `Kind/name`. */
  readonly poolObjects: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  readonly mesh: MeshStatus | undefined;
  /** By namespace: those of scenarios, and others of such a name. */
  readonly scenarios: ReadonlyMap<string, ObservedScenario>;
  /** All Services of type LoadBalancer, the user's own too. */
  readonly addresses: readonly BalancedService[];
  /** Of Cilium's own Services those with a LoadBalancer address that no agent answers for; with MetalLB none is looked for. */
  readonly silent: readonly string[];
  /** LoadBalancer address of Hubble UI. */
  readonly hubbleUi: string | undefined;
}

export interface ObservedMetalLb {
  readonly crds: boolean;
  /** Workloads that are not up; undefined where MetalLB is not installed. */
  readonly notReady: readonly string[] | undefined;
  /** Of `controller` and `speaker`, by their images, as `v0.13.7`; one whose tag tells none is left out. */
  readonly versions: ReadonlyMap<string, string>;
}

/**
 * The cluster, where its creation came to an end and all nodes have joined. What a `kind create` that was cut off left is none,
 * however whole it looks: kind works on after the last node has joined.
 */
export function wholeCluster(region: Region, seen: ObservedRegion | undefined): ObservedCluster | undefined {
  const { cluster, creating } = seen ?? {};
  if (creating === true) return undefined;
  return region.nodes.every((node) => cluster?.nodes.includes(node)) ? cluster : undefined;
}

/** Does any of the region's containers not run, though all of it was made? */
export const isAsleep = (seen: ObservedRegion | undefined): boolean =>
  isMade(seen) && seen.containers.some(({ state }) => state !== 'running');

/** Seconds after a restart in which what the API server tells may be older than it: on an idle machine all is up after two minutes. */
const SETTLING = 300;

/** Do all of them run, and is the region not there yet: its API server is silent, or its nodes were started again a moment ago? */
export const isComingUp = (seen: ObservedRegion | undefined): boolean =>
  isMade(seen) &&
  !isAsleep(seen) &&
  (seen.cluster === undefined || seen.containers.some(({ restarted = Infinity }) => restarted < SETTLING));

/** Does it not run, or not answer: is nothing known of what is in it? */
export const isResting = (seen: ObservedRegion | undefined): boolean =>
  isAsleep(seen) || (isComingUp(seen) && seen?.cluster === undefined);

const isMade = (seen: ObservedRegion | undefined): seen is ObservedRegion =>
  seen?.ownership === 'ours' && !seen.creating;
