import { PROBES } from '../../lab/probes.ts';
import { scenarioNames } from '../../lab/scenarios.ts';
import { namespace as system } from '../tools/helm.ts';
import { getEverywhere, type KubeObject, type KubeTarget, lastLogs, parseObjects } from '../tools/kubectl.ts';
import { podKinds, type PodsSeen, podsSeen, type Trouble } from './pods.ts';
import type { Queries } from './queries.ts';

const ownNamespaces: ReadonlySet<string> = new Set(['metallb-system', PROBES, ...scenarioNames]);

/** Is it a pod of the lab, and not something that its user runs there? */
function isOwnPod({ metadata: { namespace = '', labels = {} } }: KubeObject): boolean {
  if (ownNamespaces.has(namespace)) return true;
  return namespace === system && (labels['app.kubernetes.io/part-of'] === 'cilium' || labels['k8s-app'] === 'kube-dns');
}

/** The lab's pods in a region; undefined where its API server does not answer, or the driver is stopped. */
export async function lookAtPods(queries: Queries, target: KubeTarget): Promise<PodsSeen | undefined> {
  const outcome = await queries.attempt(getEverywhere(target, podKinds)).catch(() => undefined);
  const objects = outcome?.exitCode === 0 ? parseObjects(outcome.stdout) : undefined;
  return objects && podsSeen(objects, isOwnPod);
}

/** Lines of a container's last words: what it says of an error, or else how it ended. */
const WORDS = 3;

/** As Go's flag packages, logrus, zap and klog write it. */
const ERROR =
  /^(?:error|fatal|panic)\b|^flag provided but not defined|^unknown (?:flag|command|option)|\blevel=(?:error|fatal|panic)|"level":"(?:error|fatal|panic)"|^[EF]\d{4} /i;

/** What a container that ended had to say; nothing where it is not known any more. */
export async function lastWordsOf(queries: Queries, target: KubeTarget, { pod, crash }: Trouble): Promise<string[]> {
  if (crash === undefined) return [];
  const [namespace = '', name = ''] = pod.split('/');
  const outcome = await queries.attempt(lastLogs(target, namespace, name, crash.container)).catch(() => undefined);
  return outcome?.exitCode === 0 ? lastWords(outcome.stdout) : [];
}

/** The last lines of a log that speak of an error, or else the last of all: a program may print all of its options after it. Pure. */
export function lastWords(log: string): string[] {
  const lines = log.split('\n').filter((line) => line.trim() !== '');
  const errors = lines.filter((line) => ERROR.test(line));
  return (errors.length > 0 ? errors : lines).slice(-WORDS);
}
