import { z } from 'zod';
import type { Command } from './command.ts';
import { readJson } from './json.ts';

/** One cluster, named twice over, so that no call can reach another. */
export interface KubeTarget {
  readonly kubeconfig: string;
  readonly context: string;
}

const kubectl = (target: KubeTarget, ...args: string[]): Command => ({
  program: 'kubectl',
  args: ['--kubeconfig', target.kubeconfig, '--context', target.context, ...args],
});

/** Several objects at once, as `kind/name`; the missing are left out of the answer. */
export const get = (target: KubeTarget, namespace: string, objects: readonly string[]): Command =>
  kubectl(target, 'get', '--namespace', namespace, ...objects, '--ignore-not-found', '--output', 'json');

/** As `get`, of what holds keys. */
export const getSecret = (target: KubeTarget, namespace: string, object: string): Command => ({
  ...get(target, namespace, [object]),
  secret: true,
});

/** Every object of these kinds: `ipaddresspools.metallb.io,l2advertisements.metallb.io`. */
export const getAll = (target: KubeTarget, namespace: string, kinds: string): Command =>
  kubectl(target, 'get', '--namespace', namespace, kinds, '--output', 'json');

/** The objects of these kinds that have a label: `app=server`. */
export const getLabelled = (target: KubeTarget, namespace: string, kinds: string, label: string): Command =>
  kubectl(target, 'get', '--namespace', namespace, kinds, '--selector', label, '--output', 'json');

/** Every object of these kinds, in all namespaces; `--request-timeout` keeps a dead API server from being waited for. */
export const getEverywhere = (target: KubeTarget, kinds: string): Command =>
  kubectl(target, 'get', '--all-namespaces', kinds, '--output', 'json', '--request-timeout=10s');

export const getNodes = (target: KubeTarget): Command => kubectl(target, 'get', 'nodes', '--output', 'json');

/** The nodes, and what each of them renews as long as it lives. */
export const getNodesAndLeases = (target: KubeTarget): Command =>
  kubectl(target, 'get', '--namespace', 'kube-node-lease', 'nodes,leases', '--output', 'json', '--request-timeout=10s');

export const apply = (target: KubeTarget, files: readonly string[]): Command => ({
  ...kubectl(target, 'apply', ...files.flatMap((file) => ['--filename', file])),
  repeatable: true,
});

/** Makes what a file has; fails where it is there. */
export const create = (target: KubeTarget, file: string): Command => kubectl(target, 'create', '--filename', file);

/** As `apply`, of what the constructs have made: no schema is fetched to check it by. */
export const applyMade = (target: KubeTarget, file: string): Command => ({
  ...kubectl(target, 'apply', '--validate=false', '--filename', file),
  repeatable: true,
});

/** Makes objects that exist exactly what their files say: `apply` keeps what somebody else has added to them. */
export const replace = (target: KubeTarget, files: readonly string[]): Command => ({
  ...kubectl(target, 'replace', '--save-config', ...files.flatMap((file) => ['--filename', file])),
  repeatable: true,
});

/** @param condition `condition=Established` */
export const wait = (
  target: KubeTarget,
  namespace: string,
  condition: string,
  objects: readonly string[],
  seconds: number,
): Command => ({
  ...kubectl(target, 'wait', '--namespace', namespace, `--for=${condition}`, ...objects, `--timeout=${seconds}s`),
  repeatable: true,
});

export const rolloutStatus = (target: KubeTarget, namespace: string, workload: string, seconds: number): Command =>
  kubectl(target, 'rollout', 'status', '--namespace', namespace, workload, `--timeout=${seconds}s`);

export const scale = (target: KubeTarget, namespace: string, workload: string, replicas: number): Command =>
  kubectl(target, 'scale', '--namespace', namespace, workload, `--replicas=${replicas}`);

/** Its pods are made anew, one after the other as it says itself. */
export const restart = (target: KubeTarget, namespace: string, workload: string): Command =>
  kubectl(target, 'rollout', 'restart', '--namespace', namespace, workload);

/** At once and without a farewell, as by a crash. */
export const deletePods = (target: KubeTarget, namespace: string, label: string): Command =>
  kubectl(
    target,
    ...['delete', 'pods', '--namespace', namespace, '--selector', label],
    ...['--grace-period=0', '--force', '--wait=false'],
  );

export const deleteObjects = (target: KubeTarget, namespace: string, objects: readonly string[]): Command =>
  kubectl(target, 'delete', '--namespace', namespace, ...objects, '--ignore-not-found');

/** Writes an annotation of an object of the whole cluster over the former one. */
export const annotate = (target: KubeTarget, object: string, key: string, value: string): Command => ({
  ...kubectl(target, 'annotate', '--overwrite', object, `${key}=${value}`),
  repeatable: true,
});

/** Deletes a namespace with all that is in it, and does not wait until it is gone. */
export const deleteNamespace = (target: KubeTarget, name: string): Command =>
  kubectl(target, 'delete', 'namespace', name, '--ignore-not-found', '--wait=false');

/** The last lines of what a container wrote before it ended. */
export const lastLogs = (target: KubeTarget, namespace: string, pod: string, container: string): Command =>
  kubectl(target, 'logs', '--namespace', namespace, pod, '--container', container, '--previous', '--tail=500');

/** Nodes, workloads, pods and Services of a cluster, for people. */
export const overview = (target: KubeTarget): Command =>
  kubectl(
    target,
    ...['get', '--all-namespaces', 'nodes,daemonsets,deployments,statefulsets,jobs,pods,services', '--output', 'wide'],
    '--request-timeout=10s',
  );

/** All events of a cluster, the newest last, for people. */
export const eventsInOrder = (target: KubeTarget): Command =>
  kubectl(
    target,
    ...['get', 'events', '--all-namespaces', '--sort-by', '.metadata.creationTimestamp', '--request-timeout=10s'],
  );

/** A pod, for people. */
export const describePod = (target: KubeTarget, namespace: string, pod: string): Command =>
  kubectl(target, 'describe', 'pod', '--namespace', namespace, pod, '--request-timeout=10s');

/** What all containers of a pod wrote last. @param before by those that ended, and were started again */
export const podLogs = (target: KubeTarget, namespace: string, pod: string, before: boolean): Command =>
  kubectl(
    target,
    ...['logs', '--namespace', namespace, pod, '--all-containers', '--prefix', '--tail=500', '--request-timeout=10s'],
    ...(before ? ['--previous'] : []),
  );

/** Runs a program in a pod. */
export const exec = (target: KubeTarget, namespace: string, pod: string, program: readonly string[]): Command =>
  kubectl(target, 'exec', '--namespace', namespace, pod, '--', ...program);

/** What a server in a pod answers, by way of the API server. @param path such as `/ask?q=…`: an API server writes a query anew, and puts a `=` where there is none @param seconds until it has */
export const getFromPod = (
  target: KubeTarget,
  namespace: string,
  pod: string,
  port: number,
  path: string,
  seconds: number,
): Command =>
  kubectl(
    target,
    ...['get', '--raw', `/api/v1/namespaces/${namespace}/pods/${pod}:${port}/proxy${path}`],
    `--request-timeout=${seconds}s`,
  );

/** The keys of a Secret, and nothing of what they hold. */
export const secretKeys = (target: KubeTarget, namespace: string, name: string): Command =>
  kubectl(
    target,
    ...['get', '--namespace', namespace, `secret/${name}`],
    ...['--output', 'go-template={{range $key, $value := .data}}{{$key}} {{end}}'],
  );

/** As much of a Kubernetes object as the driver looks at. */
export interface KubeObject {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    /** Undefined for what belongs to the whole cluster. */
    readonly namespace?: string;
    readonly uid: string;
    readonly generation?: number;
    /** It is being removed. */
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
}

const tree = z.record(z.string(), z.unknown());
const texts = z.record(z.string(), z.string());
const kubeObject = z.looseObject({
  kind: z.string(),
  metadata: z.object({
    name: z.string(),
    namespace: z.string().exactOptional(),
    uid: z.string(),
    generation: z.number().exactOptional(),
    deletionTimestamp: z.string().exactOptional(),
    labels: texts.exactOptional(),
    annotations: texts.exactOptional(),
  }),
  data: texts.exactOptional(),
  spec: tree.exactOptional(),
  status: tree.exactOptional(),
});
const list = z.object({ items: z.array(kubeObject) });

/** One object, a List, or nothing at all: kubectl prints each of them for `get --output json`. Undefined for an odd answer. */
export function parseObjects(json: string): KubeObject[] | undefined {
  if (json.trim() === '') return [];
  const items = readJson(list, json)?.items;
  if (items !== undefined) return items;
  const object = readJson(kubeObject, json);
  return object && [object];
}
