import type { Region } from '../../lab/lab.ts';
import { PROBE_SERVICE, PROBES } from '../../lab/probes.ts';
import type { KubeObject } from '../tools/kubectl.ts';

/** A pod that answers and asks, one on each node (`dist/REGION/probes.yaml`). */
export interface Probe {
  readonly region: string;
  readonly node: string;
  readonly pod: string;
  /** Undefined until it has one. */
  readonly address: string | undefined;
  readonly isReady: boolean;
  /** Why it is not, in Kubernetes' own word: `ImagePullBackOff`; undefined where it says none. */
  readonly reason: string | undefined;
}

/** The probes of a region, and the addresses at which others are asked from there. */
export interface RegionProbes {
  readonly region: Region;
  readonly probes: readonly Probe[];
  /** The cluster address here of the global Service that all of them answer; undefined where it is not there. */
  readonly service: string | undefined;
  /** LoadBalancer address of its ClusterMesh API server; undefined where it has none. */
  readonly balancer: string | undefined;
}

/** @param objects pods and Services of the probes' namespace, and the Service of the ClusterMesh API server */
export function readProbes(region: Region, objects: readonly KubeObject[]): RegionProbes {
  const own = objects.filter(({ metadata }) => metadata.namespace === PROBES);
  const service = own.find(({ kind, metadata }) => kind === 'Service' && metadata.name === PROBE_SERVICE);
  const server = objects.find(({ kind, metadata }) => kind === 'Service' && metadata.name === 'clustermesh-apiserver');
  return {
    region,
    probes: own.filter((object) => object.kind === 'Pod' && !isGoing(object)).map((pod) => probeOf(region, pod)),
    service: (service?.spec as { clusterIP?: string } | undefined)?.clusterIP,
    balancer: (server?.status as { loadBalancer?: { ingress?: { ip?: string }[] } } | undefined)?.loadBalancer
      ?.ingress?.[0]?.ip,
  };
}

/** As much of a pod's status as is looked at. */
interface PodStatus {
  readonly podIP?: string;
  readonly conditions?: readonly { type: string; status: string; reason?: string }[];
  readonly containerStatuses?: readonly { state?: { waiting?: { reason?: string } } }[];
}

const isGoing = ({ metadata }: KubeObject): boolean => metadata.deletionTimestamp !== undefined;

function probeOf(region: Region, { metadata, spec, status }: KubeObject): Probe {
  const { podIP, conditions = [], containerStatuses = [] } = (status ?? {}) as PodStatus;
  const isReady = conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True');
  const waiting = containerStatuses[0]?.state?.waiting?.reason;
  const unscheduled = conditions.find(({ type, status: is }) => type === 'PodScheduled' && is === 'False')?.reason;
  return {
    region: region.name,
    node: ((spec ?? {}) as { nodeName?: string }).nodeName ?? '',
    pod: metadata.name,
    address: podIP,
    isReady,
    reason: isReady ? undefined : (waiting ?? unscheduled),
  };
}

/** What a pod does not come out of by waiting: it was tried, and failed. */
const HOPELESS = /^(ImagePullBackOff|InvalidImageName|CrashLoopBackOff|CreateContainerConfigError)$/;

/** Is each node's probe ready, or in a state that waiting does not change? */
export const isSettled = ({ region, probes }: RegionProbes): boolean =>
  region.nodes.every((node) =>
    probes.some((probe) => probe.node === node && (probe.isReady || HOPELESS.test(probe.reason ?? ''))),
  );

/** The nodes of a region on which no probe is ready yet, each with what is known: `region-a-worker (ImagePullBackOff)`. */
export function missingProbes({ region, probes }: RegionProbes): string[] {
  return region.nodes.flatMap((node) => {
    const here = probes.filter((probe) => probe.node === node);
    if (here.some(({ isReady, address }) => isReady && address !== undefined)) return [];
    const reason = here.find((probe) => probe.reason !== undefined)?.reason;
    return [reason === undefined ? node : `${node} (${reason})`];
  });
}
