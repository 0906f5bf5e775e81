import { z } from 'zod';
import type { KubeObject } from '../tools/kubectl.ts';

/** What one look at the pods of a cluster asks for, in all namespaces; events tell why a volume is missing, DaemonSets which pods they replace. */
export const podKinds = 'pods,daemonsets.apps,jobs.batch,events';

/** Why a pod does not come up. */
type TroubleKind =
  /** An image cannot be pulled, or its name is none. */
  | 'image'
  /** A container ends again and again. */
  | 'crash'
  /** A container cannot be made, by what it names: a ConfigMap, a command, a mount. */
  | 'config'
  /** A volume is of a ConfigMap, or of something else that is not there. */
  | 'mount'
  /** A volume is of a Secret that is not there: a Job or another pod may make it yet. */
  | 'secret'
  /** The node cannot make the room in which its containers run. */
  | 'sandbox'
  /** No node takes it. */
  | 'unschedulable';

/** A pod that does not come up, and why. */
export interface Trouble {
  /** `kube-system/cilium-x7k2p` */
  readonly pod: string;
  readonly kind: TroubleKind;
  /** It is a part of Cilium that all others wait for. */
  readonly isBase: boolean;
  /** In the words of Kubernetes: `ImagePullBackOff: Back-off pulling image "…"`. */
  readonly why: string;
  /** Of a crash. */
  readonly crash?: Crash;
}

/** A container that ends again and again. */
interface Crash {
  readonly container: string;
  /** How often it was started again. */
  readonly restarts: number;
  /** When it last ended; milliseconds since 1970, undefined where Kubernetes has forgotten it. */
  readonly ended: number | undefined;
}

/** The pods of the lab in a cluster, at one moment. */
export interface PodsSeen {
  readonly troubles: readonly Trouble[];
  /** Agent and operator of Cilium, without which nothing else comes up: one of them is not ready. */
  readonly isBaseComing: boolean;
  /** Names of pods that are not ready, and in no trouble. */
  readonly coming: readonly string[];
  /** A Job has not ended: it may make what others wait for. */
  readonly hasJob: boolean;
  /** The newest warnings of Kubernetes in the cluster: `Pod/cilium-x7k2p: Unhealthy: Startup probe failed: …`. */
  readonly warnings: readonly string[];
}

const terminated = z.object({
  exitCode: z.number().optional(),
  reason: z.string().optional(),
  message: z.string().optional(),
  finishedAt: z.iso.datetime().optional().catch(undefined),
});
const container = z.object({
  name: z.string(),
  ready: z.boolean().optional(),
  restartCount: z.number().optional(),
  state: z
    .object({
      waiting: z.object({ reason: z.string().optional(), message: z.string().optional() }).optional(),
      terminated: terminated.optional(),
    })
    .optional(),
  lastState: z.object({ terminated: terminated.optional() }).optional(),
});
const condition = z.object({
  type: z.string(),
  status: z.string(),
  reason: z.string().optional(),
  message: z.string().optional(),
});
const podStatus = z.object({
  phase: z.string().optional(),
  conditions: z.array(condition).optional(),
  initContainerStatuses: z.array(container).optional(),
  containerStatuses: z.array(container).optional(),
});
type PodStatus = z.infer<typeof podStatus>;
type Container = z.infer<typeof container>;
const eventOf = z.object({
  type: z.string().optional(),
  involvedObject: z
    .object({ uid: z.string().optional(), kind: z.string().optional(), name: z.string().optional() })
    .optional(),
  reason: z.string().optional(),
  message: z.string().optional(),
  lastTimestamp: z.string().nullish(),
});
const jobOf = z.object({ conditions: z.array(condition).optional() });

const images = new Set([
  'ImagePullBackOff',
  'ErrImagePull',
  'InvalidImageName',
  'ErrImageNeverPull',
  'ImageInspectError',
]);
const broken = new Set(['CreateContainerConfigError', 'CreateContainerError', 'RunContainerError', 'StartError']);

/** What of Cilium everything else waits for. */
const BASE = new Set(['cilium', 'cilium-agent', 'cilium-operator', 'cilium-envoy']);

/**
 * Reads the answer of `kubectl get --all-namespaces pods,daemonsets.apps,jobs.batch,events`. Pure.
 * @param isOwn is that pod the lab's, and not something that its user runs there?
 */
export function podsSeen(objects: readonly KubeObject[], isOwn: (pod: KubeObject) => boolean): PodsSeen {
  const pods = objects.filter((each) => each.kind === 'Pod' && isOwn(each)).map((pod) => ({ pod, ...statusOf(pod) }));
  const open = pods.filter(({ isReady, phase }) => !isReady && phase !== 'Succeeded');
  const said = latestByPod(objects);
  const goes = leaving(objects);
  // what is being replaced was made of something that was put right since
  const known = open.map((each) => ({
    ...each,
    trouble: goes(each.pod) ? undefined : troubleOf(each.pod, each, said),
  }));
  return {
    troubles: known.flatMap(({ trouble }) => trouble ?? []),
    isBaseComing: open.some(({ pod }) => isBase(pod)),
    coming: known.flatMap(({ pod, trouble }) => (trouble === undefined ? [nameOf(pod)] : [])),
    hasJob: objects.some((each) => each.kind === 'Job' && isRunningJob(each)),
    warnings: newestWarnings(objects),
  };
}

/** By which a DaemonSet and its pods know of which of its templates they are (Kubernetes pkg/controller/daemon, apps/v1 deprecated labels). */
const generationOfPod = 'pod-template-generation';
const generationOfSet = 'deprecated.daemonset.template.generation';

/** Is a pod on its way out: being removed, or of a template that its DaemonSet has replaced since? */
function leaving(objects: readonly KubeObject[]): (pod: KubeObject) => boolean {
  const sets = objects.filter(({ kind }) => kind === 'DaemonSet');
  const now = new Map(sets.map((each) => [nameOf(each), each.metadata.annotations?.[generationOfSet]]));
  return (pod) => {
    const { deletionTimestamp, labels = {} } = pod.metadata;
    if (deletionTimestamp !== undefined) return true;
    const own = labels[generationOfPod];
    // a pod is named after its set: `cilium-x7k2p`
    const set = nameOf(pod).replace(/-[a-z0-9]+$/, '');
    return own !== undefined && now.get(set) !== undefined && now.get(set) !== own;
  };
}

/** Warnings that are told: what is going on just now. */
const MOST_WARNINGS = 2;

function newestWarnings(objects: readonly KubeObject[]): string[] {
  return objects
    .flatMap((each) => (each.kind === 'Event' ? (eventOf.safeParse(each).data ?? []) : []))
    .filter(({ type }) => type === 'Warning')
    .toSorted((one, other) => (one.lastTimestamp ?? '').localeCompare(other.lastTimestamp ?? ''))
    .slice(-MOST_WARNINGS)
    .map(({ involvedObject: { kind = '', name = '' } = {}, reason, message }) =>
      [`${kind}/${name}`, sentence(reason, message)].join(': '),
    );
}

/** Is it a part of Cilium that all others wait for? */
const isBase = ({ metadata }: KubeObject): boolean =>
  metadata.namespace === 'kube-system' && BASE.has(metadata.labels?.['k8s-app'] ?? metadata.labels?.name ?? '');

const nameOf = ({ metadata }: KubeObject): string => `${metadata.namespace ?? ''}/${metadata.name}`;

function statusOf({ status }: KubeObject): PodStatus & { readonly isReady: boolean } {
  const parsed = podStatus.safeParse(status).data ?? {};
  const isReady = parsed.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;
  return { ...parsed, isReady };
}

/** Reasons of events that tell why a container is not made. */
const stuck = new Set(['FailedMount', 'FailedCreatePodSandBox']);

interface Said {
  readonly reason: string;
  readonly message: string;
}

/** Of what keeps a pod's containers from being made the newest tells what is missing now. */
function latestByPod(objects: readonly KubeObject[]): ReadonlyMap<string, Said> {
  const failed = objects.flatMap((each) => {
    if (each.kind !== 'Event') return [];
    const { involvedObject, reason, message, lastTimestamp } = eventOf.safeParse(each).data ?? {};
    return reason !== undefined && stuck.has(reason) && involvedObject?.uid !== undefined && message !== undefined
      ? [{ uid: involvedObject.uid, said: { reason, message }, at: lastTimestamp ?? '' }]
      : [];
  });
  return new Map(failed.toSorted((one, other) => one.at.localeCompare(other.at)).map(({ uid, said }) => [uid, said]));
}

function troubleOf(pod: KubeObject, status: PodStatus, events: ReadonlyMap<string, Said>): Trouble | undefined {
  const containers = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  const own = { pod: nameOf(pod), isBase: isBase(pod) };
  for (const each of containers) {
    const trouble = containerTrouble(each);
    if (trouble !== undefined) return { ...own, ...trouble };
  }
  const scheduled = status.conditions?.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status === 'False')
    return { ...own, kind: 'unschedulable', why: sentence(scheduled.reason, scheduled.message) };
  const said = events.get(pod.metadata.uid);
  const isMade = containers.some(({ state }) => state?.waiting === undefined);
  if (said === undefined || isMade) return undefined;
  const { reason, message } = said;
  const kind = reason !== 'FailedMount' ? 'sandbox' : isNoSecret(message) ? 'secret' : 'mount';
  return { ...own, kind, why: sentence(reason, message) };
}

/** A Job or another pod may make it yet. */
const isNoSecret = (message = ''): boolean => /secret "[^"]*" not found/.test(message);

function containerTrouble({
  name,
  state,
  lastState,
  restartCount = 0,
}: Container): Omit<Trouble, 'pod' | 'isBase'> | undefined {
  const { reason = '', message } = state?.waiting ?? {};
  if (images.has(reason)) return { kind: 'image', why: sentence(reason, message) };
  if (broken.has(reason)) return { kind: isNoSecret(message) ? 'secret' : 'config', why: sentence(reason, message) };
  if (reason !== 'CrashLoopBackOff') return undefined;
  const last = lastState?.terminated;
  const how = last?.reason === 'OOMKilled' ? 'out of memory' : `exit code ${last?.exitCode ?? 'unknown'}`;
  const words = lastWords(last?.message);
  return {
    kind: 'crash',
    why: sentence(
      reason,
      `${name} ended ${restartCount === 0 ? 'once' : `${restartCount + 1} times`}, last with ${how}${words === '' ? '' : `: ${words}`}`,
    ),
    crash: {
      container: name,
      restarts: restartCount,
      ended: last?.finishedAt === undefined ? undefined : Date.parse(last.finishedAt),
    },
  };
}

/** It has neither done its work nor given up. */
const isRunningJob = ({ status }: KubeObject): boolean =>
  jobOf
    .safeParse(status ?? {})
    .data?.conditions?.some(({ type, status: is }) => is === 'True' && (type === 'Complete' || type === 'Failed')) !==
  true;

/** Letters of one reason: a message of the kubelet may be a screenful. */
const MOST = 400;

function sentence(reason: string | undefined, message: string | undefined): string {
  const text = [reason, message?.replaceAll(/\s+/g, ' ').trim()].filter((part) => part !== undefined && part !== '');
  const whole = text.join(': ');
  return whole.length <= MOST ? whole : `${whole.slice(0, MOST)}…`;
}

/** The last line of what a container wrote when it ended. */
const lastWords = (message = ''): string => message.trim().split('\n').at(-1) ?? '';
