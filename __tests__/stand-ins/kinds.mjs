// @ts-check
import { ciliumCrds } from './lb-ipam.mjs';

/**
 * Kinds that the simulated API server knows, with the names that kubectl accepts for them.
 * `shown` is the name in kubectl's messages, `group` is empty for the core.
 * @type {readonly { kind: string, plural: string, group: string, version: string, names: readonly string[], namespaced: boolean }[]}
 */
const builtin = [
  entry('Namespace', 'namespaces', '', 'v1', ['namespace', 'ns'], false),
  entry('Node', 'nodes', '', 'v1', ['node', 'no'], false),
  entry('ConfigMap', 'configmaps', '', 'v1', ['configmap', 'cm']),
  entry('Secret', 'secrets', '', 'v1', ['secret']),
  entry('Service', 'services', '', 'v1', ['service', 'svc']),
  entry('ServiceAccount', 'serviceaccounts', '', 'v1', ['serviceaccount', 'sa']),
  entry('PersistentVolumeClaim', 'persistentvolumeclaims', '', 'v1', ['persistentvolumeclaim', 'pvc']),
  entry('Pod', 'pods', '', 'v1', ['pod', 'po']),
  entry('DaemonSet', 'daemonsets', 'apps', 'v1', ['daemonset', 'ds']),
  entry('Deployment', 'deployments', 'apps', 'v1', ['deployment', 'deploy']),
  entry('StatefulSet', 'statefulsets', 'apps', 'v1', ['statefulset', 'sts']),
  entry('StorageClass', 'storageclasses', 'storage.k8s.io', 'v1', ['storageclass', 'sc'], false),
  entry('NetworkPolicy', 'networkpolicies', 'networking.k8s.io', 'v1', ['networkpolicy', 'netpol']),
  entry('Lease', 'leases', 'coordination.k8s.io', 'v1', ['lease']),
  entry('Event', 'events', '', 'v1', ['event', 'ev']),
  entry('Job', 'jobs', 'batch', 'v1', ['job']),
  entry('Role', 'roles', 'rbac.authorization.k8s.io', 'v1', ['role']),
  entry('RoleBinding', 'rolebindings', 'rbac.authorization.k8s.io', 'v1', ['rolebinding']),
  entry('ClusterRole', 'clusterroles', 'rbac.authorization.k8s.io', 'v1', ['clusterrole'], false),
  entry('ClusterRoleBinding', 'clusterrolebindings', 'rbac.authorization.k8s.io', 'v1', ['clusterrolebinding'], false),
  entry(
    'CustomResourceDefinition',
    'customresourcedefinitions',
    'apiextensions.k8s.io',
    'v1',
    ['customresourcedefinition', 'crd', 'crds'],
    false,
  ),
  entry(
    'ValidatingWebhookConfiguration',
    'validatingwebhookconfigurations',
    'admissionregistration.k8s.io',
    'v1',
    ['validatingwebhookconfiguration'],
    false,
  ),
];

/** @param {string} kind @param {string} plural @param {string} group @param {string} version @param {readonly string[]} names @param {boolean} [namespaced] */
function entry(kind, plural, group, version, names, namespaced = true) {
  return { kind, plural, group, version, names: [...names, plural], namespaced };
}

/** The built-in kinds, and those of the CRDs that lie in the cluster or that Cilium's operator has registered. @param {any} cluster */
export function kindsOf(cluster) {
  const custom = [...Object.values(cluster.objects), ...ciliumCrds(cluster)]
    .filter(({ kind }) => kind === 'CustomResourceDefinition')
    .flatMap(({ spec }) =>
      spec.versions
        .filter((/** @type {{ served: boolean }} */ { served }) => served !== false)
        .map((/** @type {{ name: string }} */ { name }) =>
          entry(
            spec.names.kind,
            spec.names.plural,
            spec.group,
            name,
            [spec.names.singular ?? spec.names.kind.toLowerCase(), ...(spec.names.shortNames ?? [])],
            spec.scope === 'Namespaced',
          ),
        ),
    );
  // the operator makes Cilium's kinds, without being told to
  return [...builtin, ...custom, ...(cluster.live === undefined ? [] : ciliums)];
}

const ciliums = [
  entry('CiliumNetworkPolicy', 'ciliumnetworkpolicies', 'cilium.io', 'v2', ['ciliumnetworkpolicy', 'cnp']),
];

/** @typedef {ReturnType<typeof kindsOf>[number]} Kind */

/** By what a user types: `svc`, `deployments.apps`, `ipaddresspool.metallb.io`. @param {Kind[]} kinds @param {string} typed @returns {Kind | undefined} */
export function kindByName(kinds, typed) {
  const [name = '', ...group] = typed.toLowerCase().split('.');
  return kinds.find(
    (kind) =>
      kind.names.includes(name) &&
      (group.length === 0 || [kind.group, `${kind.version}.${kind.group}`].includes(group.join('.'))),
  );
}

/** `daemonsets.apps`: as the API server names a kind in its errors. @param {Kind} kind */
export const resourceName = (kind) => (kind.group === '' ? kind.plural : `${kind.plural}.${kind.group}`);

/** `daemonset.apps/cilium`: as kubectl names an object. @param {Kind} kind @param {string} name */
export const objectName = (kind, name) =>
  `${kind.kind.toLowerCase()}${kind.group === '' ? '' : `.${kind.group}`}/${name}`;
