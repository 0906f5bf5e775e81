import { z } from 'zod';
import type { LoadBalancer } from '../../lab/lab.ts';
import { OWN_REGION_POLICY, PROBE_SERVICE, PROBES } from '../../lab/probes.ts';
import { observeMesh } from '../observe/mesh.ts';
import type { Queries } from '../observe/queries.ts';
import { nodeMtu } from '../tools/docker.ts';
import { namespace } from '../tools/helm.ts';
import {
  get,
  getEverywhere,
  getLabelled,
  type KubeObject,
  type KubeTarget,
  parseObjects,
  secretKeys,
} from '../tools/kubectl.ts';
import type { Circumstances } from './cause.ts';
import { missingProbes, type RegionProbes } from './probe.ts';

/** What is known of a region whose paths fail; what does not answer is left out. Changes nothing. */
export async function circumstancesOf(
  queries: Queries,
  target: KubeTarget,
  seen: RegionProbes,
  loadBalancer: LoadBalancer,
): Promise<Circumstances> {
  const objects = async (command: Parameters<Queries['attempt']>[0]): Promise<KubeObject[]> => {
    const { exitCode, stdout } = await queries.attempt(command);
    return exitCode === 0 ? (parseObjects(stdout) ?? []) : [];
  };
  const running = ['deployment/clustermesh-apiserver', 'deployment/coredns', 'daemonset/cilium'];
  const [mesh, keys, workloads, servers, [service], policies, mtus] = await Promise.all([
    observeMesh(queries, target),
    queries.attempt(secretKeys(target, namespace, 'cilium-clustermesh')),
    objects(get(target, namespace, running)),
    objects(getLabelled(target, namespace, 'pods', 'k8s-app=clustermesh-apiserver')),
    objects(get(target, PROBES, [`service/${PROBE_SERVICE}`])),
    objects(getEverywhere(target, 'ciliumnetworkpolicies,ciliumclusterwidenetworkpolicies,networkpolicies')),
    Promise.all(seen.region.nodes.map((node) => mtuOf(queries, node))),
  ]);
  return {
    context: seen.region.context,
    loadBalancer,
    missingProbes: missingProbes(seen),
    mesh,
    configured: keys.exitCode === 0 ? keys.stdout.split(/\s+/).filter((key) => key !== '') : undefined,
    apiServer: readyOf(workloads, 'clustermesh-apiserver'),
    apiServerAge: ageOf(servers, Date.now()),
    cilium: minorOf(workloads.find(({ kind }) => kind === 'DaemonSet')),
    dns: readyOf(workloads, 'coredns'),
    service: service === undefined ? undefined : sharingOf(service.metadata.annotations),
    mtus: new Map(mtus.flat()),
    policies: policies.flatMap(policyName),
  };
}

/** kind's nodes are on the docker network by eth0. */
async function mtuOf(queries: Queries, node: string): Promise<[string, number][]> {
  const { exitCode, stdout } = await queries.attempt(nodeMtu(node));
  const mtu = Number.parseInt(stdout, 10);
  return exitCode === 0 && mtu > 0 ? [[node, mtu]] : [];
}

function readyOf(workloads: readonly KubeObject[], name: string): string | undefined {
  const workload = workloads.find(({ metadata }) => metadata.name === name);
  if (workload === undefined) return undefined;
  const { readyReplicas = 0 } = (workload.status ?? {}) as { readyReplicas?: number };
  const { replicas = 1 } = (workload.spec ?? {}) as { replicas?: number };
  return `${readyReplicas}/${replicas}`;
}

/** Seconds for which the youngest container of these pods runs; undefined where none does. Pure. @param now milliseconds since 1970 */
export function ageOf(pods: readonly KubeObject[], now: number): number | undefined {
  const started = pods.flatMap(({ status }) => {
    const states = containersOf.safeParse(status).data?.containerStatuses ?? [];
    return states.flatMap(({ state }) => state?.running?.startedAt ?? []);
  });
  return started.length === 0 ? undefined : (now - Math.max(...started.map((at) => Date.parse(at)))) / 1000;
}

const containersOf = z.object({
  containerStatuses: z.array(
    z.object({ state: z.object({ running: z.object({ startedAt: z.iso.datetime() }).optional() }).optional() }),
  ),
});

/** `14` of Cilium 1.14.2, by the image of its agents: `quay.io/cilium/cilium:v1.14.2@sha256:…`. Pure. */
export function minorOf(agents: KubeObject | undefined): number | undefined {
  const [, minor] =
    /:v1\.(\d+)\./.exec(imageOf.safeParse(agents?.spec).data?.template.spec.containers[0]?.image ?? '') ?? [];
  return minor === undefined ? undefined : Number(minor);
}

const imageOf = z.object({
  template: z.object({ spec: z.object({ containers: z.array(z.object({ image: z.string() })) }) }),
});

/** Cilium's annotations, and their older names, which it still takes. */
function sharingOf(annotations: Readonly<Record<string, string>> = {}): { isGlobal: boolean; isShared: boolean } {
  const said = (name: string, former: string): string | undefined =>
    annotations[`service.cilium.io/${name}`] ?? annotations[`io.cilium/${former}`];
  return {
    isGlobal: said('global', 'global-service') === 'true',
    isShared: said('shared', 'shared-service') !== 'false',
  };
}

/** Of the probes' namespace, or of the whole cluster; none of the probes' own. */
function policyName({ kind, metadata }: KubeObject): string[] {
  const { name, namespace: place } = metadata;
  if (place === undefined) return [`${kind.toLowerCase()} ${name}`];
  return place === PROBES && name !== OWN_REGION_POLICY ? [`${kind.toLowerCase()} ${place}/${name}`] : [];
}
