/** How many nodes of each kind a region has. */
interface NodeCounts {
  readonly controlPlanes: number;
  readonly workers: number;
}

/** Container names that kind gives to the Kubernetes nodes: `a-control-plane`, `a-control-plane2`, `a-worker` … */
export function nodeNames(region: string, { controlPlanes, workers }: NodeCounts): readonly string[] {
  const numbered = (role: string, count: number) =>
    Array.from({ length: count }, (_, index) => `${region}-${role}${index === 0 ? '' : index + 1}`);
  return [...numbered('control-plane', controlPlanes), ...numbered('worker', workers)];
}

/** The container that serves the API: the control plane, or the load balancer that kind puts before several. */
export function apiServerHost(region: string, { controlPlanes }: NodeCounts): string {
  return controlPlanes === 1 ? `${region}-control-plane` : `${region}-external-load-balancer`;
}

/** How many containers, and so addresses in the docker network, a region has. */
export function containersOf({ controlPlanes, workers }: NodeCounts): number {
  return controlPlanes + workers + (controlPlanes === 1 ? 0 : 1);
}
