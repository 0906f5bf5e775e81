import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { LoadBalancer, Lab, Region, Values } from '../../lab/lab.ts';
import { chosen } from '../../lab/scenarios.ts';
import { parse } from 'yaml';
import { ipsecKeyOf, ipsecSecret } from '../files/ipsec-key.ts';
import { HOSTS_FOLDER } from '../../lab/registries.ts';
import * as docker from '../tools/docker.ts';
import type { KindContainer } from '../tools/docker-container.ts';
import * as helm from '../tools/helm.ts';
import * as kind from '../tools/kind.ts';
import * as kubectl from '../tools/kubectl.ts';
import type { KubeObject, KubeTarget } from '../tools/kubectl.ts';
import { observeMesh } from './mesh.ts';
import { observeScenarios } from './scenarios.ts';
import type { ObservedCluster, ObservedMetalLb } from './observed.ts';
import { poolResources } from './pools.ts';
import type { Queries } from './queries.ts';
import {
  balancedServices,
  leastOfCilium,
  meshApiServer,
  idle,
  missing,
  notReady,
  type Workload,
  lookedAt,
  workloadsOf,
} from './workloads.ts';
import { announcements, unannounced } from './announced.ts';

const singleObjects = [
  ...['namespace/kube-system', 'configmap/kubeadm-config'],
  ...Object.values(poolResources)
    .flatMap((names) => names)
    .map((name) => `customresourcedefinition.apiextensions.k8s.io/${name}`),
];

/** What one region's API server, Helm and Cilium say; undefined where its API server does not answer. */
export async function observeCluster(
  queries: Queries,
  {
    switches,
    scenarios,
    loadBalancer,
    registries,
  }: Pick<Lab, 'switches' | 'scenarios' | 'loadBalancer' | 'registries'>,
  region: Region,
  containers: readonly KindContainer[],
  target: KubeTarget | undefined,
): Promise<ObservedCluster | undefined> {
  const probe = target ?? (await borrowKubeconfig(queries, region));
  if (probe === undefined) return undefined;
  try {
    const running = await lookAround(queries, probe, loadBalancer);
    if (running === undefined) return undefined;
    const nodes = running.filter(({ kind }) => kind === 'Node');
    const workloads = workloadsOf(running);
    const hasMesh = missing(workloads, helm.namespace, [meshApiServer]).length === 0;
    const addresses = balancedServices(running);
    const [{ find, pools, crds }, [release], ipsecKey, missingImages, hosts, mesh, seen] = await Promise.all([
      observeSingles(queries, probe),
      queries.read(helm.getReleases(probe), helm.parseReleases),
      switches.encryption === 'ipsec' ? observeIpsecKey(queries, probe) : undefined,
      observeImages(queries, region, containers, nodes),
      observeHosts(queries, region, registries),
      hasMesh ? observeMesh(queries, probe) : undefined,
      observeScenarios(queries, probe, running, chosen(scenarios)),
    ]);
    return {
      nodes: nodes.map(({ metadata }) => metadata.name),
      readyNodes: nodes.filter(isReadyNode).map(({ metadata }) => metadata.name),
      kubernetes:
        (nodes[0]?.status as { nodeInfo?: { kubeletVersion?: string } } | undefined)?.nodeInfo?.kubeletVersion ?? '',
      uid: find('Namespace/kube-system')?.metadata.uid ?? '',
      ...madeWith(find('ConfigMap/kubeadm-config')),
      missingImages,
      hosts,
      release,
      ipsecKey,
      ciliumNotReady: notReady(workloads, helm.namespace, release?.workloads ?? leastOfCilium),
      ciliumIdle: idle(workloads, helm.namespace, release?.workloads ?? []),
      metallb: observeMetalLb(workloads, crds.includes(poolResources.metallb)),
      poolObjects: pools,
      mesh,
      scenarios: seen,
      addresses,
      silent: loadBalancer === 'cilium' ? unannounced(running, helm.namespace).silent : [],
      hubbleUi: addresses.find(({ service }) => service === `${helm.namespace}/hubble-ui`)?.address,
    };
  } finally {
    if (target === undefined) rmSync(dirname(probe.kubeconfig), { recursive: true });
  }
}

/** All that one question can ask; its answer is the API server's own word on whether it is up. */
async function lookAround(
  queries: Queries,
  target: KubeTarget,
  loadBalancer: LoadBalancer,
): Promise<KubeObject[] | undefined> {
  const kinds = loadBalancer === 'cilium' ? `${lookedAt},${announcements}` : lookedAt;
  const { exitCode, stdout } = await queries.attempt(kubectl.getEverywhere(target, kinds));
  return exitCode === 0 ? kubectl.parseObjects(stdout) : undefined;
}

/** What is asked for by its name, and what may only be asked where its kind is known. */
async function observeSingles(queries: Queries, target: KubeTarget) {
  const singles = await queries.read(kubectl.get(target, helm.namespace, singleObjects), kubectl.parseObjects);
  const find = (kindName: string): KubeObject | undefined =>
    singles.find(({ kind, metadata }) => `${kind}/${metadata.name}` === kindName);
  // kubectl answers of none of several resources where it does not know one of them
  const crds = Object.values(poolResources).filter((names) =>
    names.every((name) => find(`CustomResourceDefinition/${name}`) !== undefined),
  );
  return { find, crds, pools: await observePools(queries, target, crds.flat()) };
}

async function observeIpsecKey(queries: Queries, target: KubeTarget): Promise<string | undefined> {
  return ipsecKeyOf(await queries.read(kubectl.getSecret(target, helm.namespace, ipsecSecret), kubectl.parseObjects));
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

/** Kubelets tell what their nodes hold, a while after it came: a node is asked for what its kubelet has not told. */
async function observeImages(
  queries: Queries,
  { preload }: Region,
  containers: readonly KindContainer[],
  nodes: readonly KubeObject[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const told = new Map(nodes.map(({ metadata, status }) => [metadata.name, imagesOf(status)]));
  const running = containers.filter(({ isNode, state }) => isNode && state === 'running');
  const missing = running.map(async ({ name }) => {
    const untold = preload.images.map((image) => image.name).filter((image) => told.get(name)?.has(image) !== true);
    return [name, await missingImages(queries, name, untold)] as const;
  });
  return new Map(await Promise.all(missing));
}

/** Whom the nodes ask for images, as their containerd reads it. */
async function observeHosts(
  queries: Queries,
  { nodes }: Region,
  registries: Lab['registries'],
): Promise<ReadonlyMap<string, string>> {
  if (registries.length === 0) return new Map();
  const files = registries.map(({ host }) => `${HOSTS_FOLDER}/${host}/hosts.toml`);
  const texts = nodes.map(async (node) => {
    const { stdout } = await queries.attempt(docker.execIn(node, 'cat', ...files));
    return [node, stdout] as const;
  });
  return new Map(await Promise.all(texts));
}

/** Of a Node, by all of their names; kubelet tells of fifty at most. */
function imagesOf(status: KubeObject['status']): ReadonlySet<string> {
  const images = (status?.images ?? []) as readonly { names?: readonly string[] }[];
  return new Set(images.flatMap(({ names }) => names ?? []));
}

/** Those of the images that a node's containerd does not hold. */
export async function missingImages(queries: Queries, node: string, images: readonly string[]): Promise<string[]> {
  if (images.length === 0) return [];
  const { stdout } = await queries.attempt(docker.imagesOnNode(node, images));
  const held = new Set(stdout.split('\n'));
  return images.filter((image) => !held.has(image));
}

/** MetalLB's are in its namespace, Cilium's in none. */
async function observePools(
  queries: Queries,
  target: KubeTarget,
  resources: readonly string[],
): Promise<ObservedCluster['poolObjects']> {
  if (resources.length === 0) return new Map();
  const objects = await queries.read(
    kubectl.getAll(target, 'metallb-system', resources.join(',')),
    kubectl.parseObjects,
  );
  return new Map(objects.map(({ kind, metadata, spec }) => [`${kind}/${metadata.name}`, spec ?? {}]));
}

function observeMetalLb(workloads: readonly Workload[], crds: boolean): ObservedMetalLb {
  const own = workloads.filter(({ namespace }) => namespace === 'metallb-system');
  const required = ['Deployment/controller', 'DaemonSet/speaker'];
  const versions = own.flatMap(({ name, image }) => {
    const version = /:(v[\d.]+)/.exec(image ?? '')?.[1];
    return version === undefined || !required.includes(name) ? [] : [[name.replace(/^.*\//, ''), version] as const];
  });
  return {
    crds,
    notReady: own.length === 0 ? undefined : notReady(own, 'metallb-system', required),
    versions: new Map(versions),
  };
}

/** kubeadm's own record of what a cluster was made with. */
function madeWith(config: KubeObject | undefined): Pick<ObservedCluster, 'podSubnet' | 'serviceSubnet' | 'tuned'> {
  const parsed = parse(config?.data?.ClusterConfiguration ?? '') as { networking?: Values } | null;
  const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
  return {
    podSubnet: text(parsed?.networking?.podSubnet),
    serviceSubnet: text(parsed?.networking?.serviceSubnet),
    tuned: (config?.data?.ClusterConfiguration ?? '').includes('unsafe-no-fsync'),
  };
}

export function isReadyNode({ status }: KubeObject): boolean {
  const conditions = (status?.conditions ?? []) as { type: string; status: string }[];
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
}
