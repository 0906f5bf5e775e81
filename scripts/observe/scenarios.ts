import type { ScenarioName } from '../../lab/scenarios.ts';
import { getLabelled, type KubeObject, type KubeTarget, parseObjects } from '../tools/kubectl.ts';
import type { Queries } from './queries.ts';
import { notReady, type Workload, workloadsOf } from './workloads.ts';

/** Marks the objects of a scenario; its namespace is the lab's to remove by this alone. */
const scenarioLabel = 'clustermesh-lab/scenario';

/** A namespace of a scenario's name. */
export interface ObservedScenario {
  /** It has the lab's label; else it is somebody else's. */
  readonly isOurs: boolean;
  /** It is being removed. */
  readonly isGoing: boolean;
  /** The namespace and what is in it of the scenario, by `Kind/name`. */
  readonly objects: ReadonlyMap<string, KubeObject>;
  /** Its workloads that are not up, as `deployment/server 1/2`. */
  readonly notReady: readonly string[];
}

/** Those of the namespaces that are a scenario's, or have the name of one that lab.yaml chooses. */
export async function observeScenarios(
  queries: Queries,
  target: KubeTarget,
  objects: readonly KubeObject[],
  chosen: readonly ScenarioName[],
): Promise<ReadonlyMap<string, ObservedScenario>> {
  const names: readonly string[] = chosen;
  const namespaces = objects.filter(
    ({ kind, metadata }) => kind === 'Namespace' && (isOurs(metadata) || names.includes(metadata.name)),
  );
  const found = namespaces.map(
    async (namespace) => [namespace.metadata.name, await observeScenario(queries, target, namespace)] as const,
  );
  return new Map(await Promise.all(found));
}

/** A scenario by its namespace. */
export async function observeScenario(
  queries: Queries,
  target: KubeTarget,
  namespace: KubeObject,
): Promise<ObservedScenario> {
  const { name } = namespace.metadata;
  const within = isOurs(namespace.metadata) ? await objectsOf(queries, target, name) : [];
  const workloads: readonly Workload[] = workloadsOf(within);
  const required = workloads.map((workload) => workload.name);
  return {
    isOurs: isOurs(namespace.metadata),
    isGoing: namespace.status?.phase === 'Terminating',
    objects: new Map([namespace, ...within].map((object) => [`${object.kind}/${object.metadata.name}`, object])),
    notReady: notReady(workloads, name, required),
  };
}

const isOurs = ({ name, labels }: KubeObject['metadata']): boolean => labels?.[scenarioLabel] === name;

/** What scenarios are made of. */
const kinds = [
  ...['configmaps', 'services', 'persistentvolumeclaims', 'deployments.apps', 'statefulsets.apps'],
  'ciliumnetworkpolicies.cilium.io',
];

/** None where they cannot be asked for, as before Cilium has made its kinds: then they are missing, and are applied again. */
async function objectsOf(queries: Queries, target: KubeTarget, name: string): Promise<KubeObject[]> {
  const { stdout } = await queries.attempt(getLabelled(target, name, kinds.join(','), `${scenarioLabel}=${name}`));
  return parseObjects(stdout) ?? [];
}
