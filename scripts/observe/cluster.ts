import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Lab, Region, Values } from '../../lab/lab.ts';
import { parse } from 'yaml';
import * as cilium from '../tools/cilium.ts';
import * as docker from '../tools/docker.ts';
import * as helm from '../tools/helm.ts';
import * as kind from '../tools/kind.ts';
import * as kubectl from '../tools/kubectl.ts';
import type { KubeObject, KubeTarget } from '../tools/kubectl.ts';
import type { ObservedCluster, ObservedMetalLb } from './observed.ts';
import type { Queries } from './queries.ts';

const ciliumObjects = [
  ...['namespace/kube-system', 'configmap/kubeadm-config', 'daemonset.apps/cilium', 'deployment.apps/cilium-operator'],
  ...['deployment.apps/hubble-relay', 'deployment.apps/hubble-ui', 'deployment.apps/clustermesh-apiserver'],
  'service/hubble-ui',
];
const poolKinds = ['ipaddresspools.metallb.io', 'l2advertisements.metallb.io'];
const metallbObjects = [
  ...poolKinds.map((name) => `customresourcedefinition.apiextensions.k8s.io/${name}`),
  ...['deployment.apps/controller', 'daemonset.apps/speaker'],
];

/** What one region's API server, Helm and Cilium say; undefined where its API server does not answer. */
export async function observeCluster(
  queries: Queries,
  lab: Lab,
  region: Region,
  containers: readonly docker.KindContainer[],
  target: KubeTarget | undefined,
): Promise<ObservedCluster | undefined> {
  const probe = target ?? (await borrowKubeconfig(queries, region));
  if (probe === undefined) return undefined;
  try {
    const nodes = await observeNodes(queries, probe, target === undefined ? patientLooks : 1);
    if (nodes === undefined) return undefined;
    const [system, metallb, release, missingImages] = await Promise.all([
      queries.ask(kubectl.get(probe, helm.namespace, ciliumObjects)).then(kubectl.parseObjects),
      queries.ask(kubectl.get(probe, 'metallb-system', metallbObjects)).then(kubectl.parseObjects),
      observeRelease(queries, probe),
      observeImages(queries, lab, containers),
    ]);
    const find = (kindName: string): KubeObject | undefined =>
      [...system, ...metallb].find(({ kind, metadata }) => `${kind}/${metadata.name}` === kindName);
    const crds = poolKinds.every((name) => find(`CustomResourceDefinition/${name}`) !== undefined);
    const subnets = clusterSubnets(find('ConfigMap/kubeadm-config'));
    return {
      nodes: nodes.map(({ metadata }) => metadata.name),
      readyNodes: nodes.filter(isReadyNode).map(({ metadata }) => metadata.name),
      kubernetes:
        (nodes[0]?.status as { nodeInfo?: { kubeletVersion?: string } } | undefined)?.nodeInfo?.kubeletVersion ?? '',
      uid: find('Namespace/kube-system')?.metadata.uid ?? '',
      ...subnets,
      missingImages,
      release,
      ciliumNotReady: notReady(system.filter(isWorkload), ['DaemonSet/cilium', 'Deployment/cilium-operator']),
      metallb: observeMetalLb(metallb, crds),
      poolObjects: crds ? await observePools(queries, probe) : new Map(),
      mesh: find('Deployment/clustermesh-apiserver') === undefined ? undefined : await observeMesh(queries, probe),
      hubbleUi: loadBalancerAddress(find('Service/hubble-ui')),
    };
  } finally {
    if (target === undefined) rmSync(dirname(probe.kubeconfig), { recursive: true });
  }
}

/** Looks at a cluster that has a kubeconfig, though the lab has none of it: what is not there is made anew, so look well. */
const patientLooks = 6;

async function observeNodes(queries: Queries, target: KubeTarget, looks: number): Promise<KubeObject[] | undefined> {
  for (let look = 1; look <= looks; look++) {
    if (look > 1) await sleep(2000);
    const { exitCode, stdout } = await queries.attempt(kubectl.getNodes(target));
    if (exitCode === 0) return kubectl.parseObjects(stdout);
  }
  return undefined;
}

/** Without a kubeconfig of the lab's (a deploy was cut off, or `.lab/` is gone): one for this look alone. */
async function borrowKubeconfig(queries: Queries, region: Region): Promise<KubeTarget | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'clustermesh-lab-'));
  const kubeconfig = join(folder, 'kubeconfig');
  const { exitCode } = await queries.attempt(kind.exportKubeconfig({ name: region.name, kubeconfig }));
  if (exitCode === 0) return { kubeconfig, context: region.context };
  rmSync(folder, { recursive: true });
  return undefined;
}

async function observeRelease(queries: Queries, target: KubeTarget): Promise<ObservedCluster['release']> {
  const release = helm.parseReleases(await queries.ask(helm.listReleases(target)));
  return release && { ...release, values: helm.parseValues(await queries.ask(helm.getValues(target))) };
}

async function observeImages(
  queries: Queries,
  lab: Lab,
  containers: readonly docker.KindContainer[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const nodes = containers.filter(({ isNode, state }) => isNode && state === 'running');
  const missing = nodes.map(
    async ({ name }) => [name, await missingImages(queries, name, lab.sources.preload)] as const,
  );
  return new Map(await Promise.all(missing));
}

/** Those of the images that a node's containerd does not hold. */
export async function missingImages(queries: Queries, node: string, images: readonly string[]): Promise<string[]> {
  const missing = images.map(async (image) => {
    const { stdout } = await queries.attempt(docker.nodeImage(node, image));
    return stdout.split('\n').includes(image) ? [] : [image];
  });
  return (await Promise.all(missing)).flat();
}

async function observePools(queries: Queries, target: KubeTarget): Promise<ObservedCluster['poolObjects']> {
  const objects = kubectl.parseObjects(
    await queries.ask(kubectl.getAll(target, 'metallb-system', poolKinds.join(','))),
  );
  return new Map(objects.map(({ kind, metadata, spec }) => [`${kind}/${metadata.name}`, spec ?? {}]));
}

/** Also how the driver waits for the mesh; undefined while the agents restart or no address is there yet. */
export async function observeMesh(queries: Queries, target: KubeTarget): Promise<cilium.MeshStatus | undefined> {
  const { stdout } = await queries.attempt(cilium.meshStatusJson(target));
  return cilium.parseMeshStatus(stdout);
}

function observeMetalLb(objects: readonly KubeObject[], crds: boolean): ObservedMetalLb {
  const workloads = objects.filter(isWorkload);
  const containers = workloads.find(({ kind }) => kind === 'Deployment')?.spec as
    { template?: { spec?: { containers?: { image?: string }[] } } } | undefined;
  return {
    crds,
    notReady: workloads.length === 0 ? undefined : notReady(workloads, ['Deployment/controller', 'DaemonSet/speaker']),
    version: /:(v[\d.]+)/.exec(containers?.template?.spec?.containers?.[0]?.image ?? '')?.[1],
  };
}

/** kubeadm's own record of the subnets that a cluster was made with. */
function clusterSubnets(config: KubeObject | undefined): Pick<ObservedCluster, 'podSubnet' | 'serviceSubnet'> {
  const parsed = parse(config?.data?.ClusterConfiguration ?? '') as { networking?: Values } | null;
  const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
  return {
    podSubnet: text(parsed?.networking?.podSubnet),
    serviceSubnet: text(parsed?.networking?.serviceSubnet),
  };
}

const isWorkload = ({ kind }: KubeObject): boolean => kind === 'Deployment' || kind === 'DaemonSet';

/** `daemonset/cilium 1/2` for each workload that is not whole; the required ones are missing where they do not exist. */
function notReady(workloads: readonly KubeObject[], required: readonly string[]): string[] {
  const missing = required.filter(
    (name) => !workloads.some(({ kind, metadata }) => `${kind}/${metadata.name}` === name),
  );
  const unready = workloads.flatMap(({ kind, metadata, spec, status }) => {
    const counts = (status ?? {}) as Record<string, number | undefined>;
    const [wanted, updated, available] =
      kind === 'DaemonSet'
        ? [counts.desiredNumberScheduled ?? 1, counts.updatedNumberScheduled ?? 0, counts.numberAvailable ?? 0]
        : [Number(spec?.replicas ?? 1), counts.updatedReplicas ?? 0, counts.availableReplicas ?? 0];
    const current = (counts.observedGeneration ?? 0) >= (metadata.generation ?? 0);
    const ready = Math.min(updated, available);
    return current && ready >= wanted ? [] : [`${kind.toLowerCase()}/${metadata.name} ${ready}/${wanted}`];
  });
  return [...missing.map((name) => `${name} missing`), ...unready];
}

function isReadyNode({ status }: KubeObject): boolean {
  const conditions = (status?.conditions ?? []) as { type: string; status: string }[];
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
}

export function loadBalancerAddress(service: KubeObject | undefined): string | undefined {
  const status = service?.status as { loadBalancer?: { ingress?: { ip?: string }[] } } | undefined;
  return status?.loadBalancer?.ingress?.[0]?.ip;
}
