import type { KubeObject } from '../tools/kubectl.ts';

/** The kinds that one look at a cluster asks for, in all namespaces. */
export const lookedAt = 'nodes,daemonsets.apps,deployments.apps,services,namespaces';

/** What any Cilium consists of, where its release does not tell. */
export const leastOfCilium = ['DaemonSet/cilium', 'Deployment/cilium-operator'] as const;

/** The ClusterMesh API server. */
export const meshApiServer = 'Deployment/clustermesh-apiserver';

/** A Deployment, DaemonSet or StatefulSet. */
export interface Workload {
  readonly namespace: string;
  /** `DaemonSet/cilium` */
  readonly name: string;
  /** Pods of its present generation that are available. */
  readonly ready: number;
  /** At least 1: the lab needs each workload that it looks at. */
  readonly wanted: number;
  /** It has no pods to run: somebody scaled it to zero, or no node may run it. */
  readonly isIdle: boolean;
  /** Its controller has seen its last change, and all pods are there. */
  readonly isUp: boolean;
  /** Of its first container. */
  readonly image: string | undefined;
}

/** A Service of type LoadBalancer. */
export interface BalancedService {
  /** `kube-system/hubble-ui` */
  readonly service: string;
  /** Undefined until it has one. */
  readonly address: string | undefined;
}

export function workloadsOf(objects: readonly KubeObject[]): Workload[] {
  return objects.filter(({ kind }) => ['Deployment', 'DaemonSet', 'StatefulSet'].includes(kind)).map(workload);
}

function workload({ kind, metadata, spec, status }: KubeObject): Workload {
  const counts = (status ?? {}) as Record<string, number | undefined>;
  const [pods, updated, available] =
    kind === 'DaemonSet'
      ? [counts.desiredNumberScheduled ?? 1, counts.updatedNumberScheduled ?? 0, counts.numberAvailable ?? 0]
      : [Number(spec?.replicas ?? 1), counts.updatedReplicas ?? 0, counts.availableReplicas ?? 0];
  const ready = Math.min(updated, available);
  const wanted = Math.max(1, pods);
  const isCurrent = (counts.observedGeneration ?? 0) >= (metadata.generation ?? 0);
  const { template } = (spec ?? {}) as { template?: { spec?: { containers?: { image?: string }[] } } };
  return {
    namespace: metadata.namespace ?? '',
    name: `${kind}/${metadata.name}`,
    ready,
    wanted,
    isIdle: pods === 0,
    isUp: isCurrent && ready >= wanted,
    image: template?.spec?.containers?.[0]?.image,
  };
}

/** Those of the required workloads that do not exist. @param required `DaemonSet/cilium` */
export function missing(workloads: readonly Workload[], namespace: string, required: readonly string[]): string[] {
  const names = new Set(workloads.filter((each) => each.namespace === namespace).map(({ name }) => name));
  return required.filter((name) => !names.has(name));
}

/** Those of the required workloads that do not exist, or have no pods to run. */
export function idle(workloads: readonly Workload[], namespace: string, required: readonly string[]): string[] {
  const running = workloads.filter(({ isIdle }) => !isIdle);
  return missing(running, namespace, required);
}

/** The required workloads that are not up, as `daemonset/cilium 1/2`, or `DaemonSet/cilium missing`. */
export function notReady(workloads: readonly Workload[], namespace: string, required: readonly string[]): string[] {
  const unready = workloads
    .filter((each) => each.namespace === namespace && required.includes(each.name) && !each.isUp)
    .map(({ name, ready, wanted }) => `${name.replace(/^[^/]+/, (kind) => kind.toLowerCase())} ${ready}/${wanted}`);
  return [...missing(workloads, namespace, required).map((name) => `${name} missing`), ...unready];
}

/** All Services of type LoadBalancer. */
export function balancedServices(objects: readonly KubeObject[]): BalancedService[] {
  return objects
    .filter(({ kind, spec }) => kind === 'Service' && spec?.type === 'LoadBalancer')
    .map(({ metadata, status }) => {
      const { loadBalancer } = (status ?? {}) as { loadBalancer?: { ingress?: { ip?: string }[] } };
      const address = loadBalancer?.ingress?.[0]?.ip;
      return { service: `${metadata.namespace ?? ''}/${metadata.name}`, address };
    });
}
