import type { MeshMethod, Values } from './lab.ts';
import { type Path, type Problem, pathText } from './problems.ts';
import { isValues } from './values.ts';

/** Who decides a Helm value of Cilium: the lab, the Cilium CLI, or the user by `cilium.values`. */
type Owner = 'lab' | 'cli' | 'user';

/** A Helm value of Cilium that is not, or not always, the user's. */
export interface OwnedValue {
  /** Where it stands in the values: `['cluster', 'id']`. */
  readonly path: readonly string[];
  /** By `mesh.method`: the same value may be the CLI's with the one and the lab's with the other. */
  readonly owner: Readonly<Record<MeshMethod, Owner>>;
  /** What to do in place of setting it, as a sentence. */
  readonly instead: string;
  /** A key pair that is made at deploy and never stands in `dist/`. */
  readonly isSecret?: true;
  /** The CLI writes it too, as the lab has it. */
  readonly isWrittenByTheCli?: true;
}

const lab = { cli: 'lab', install: 'lab' } as const;
/** Of the mesh: whoever makes the mesh decides it. */
const mesh = { cli: 'cli', install: 'lab' } as const;
/** The CLI writes it, the lab does not. */
const cli = { cli: 'cli', install: 'user' } as const;
/** The lab sets it as part of the mesh, the CLI does not. */
const planned = { cli: 'user', install: 'lab' } as const;

const byName = (dotted: string, owner: OwnedValue['owner'], instead: string): OwnedValue => ({
  path: dotted.split('.'),
  owner,
  instead,
});

const byPool = 'The address follows from the region: use regions[].pool.';
const service = ['clustermesh', 'apiserver', 'service'];

/**
 * The values that somebody else than the user decides; every other value is the user's. What the CLI's `clustermesh enable`
 * and `connect` write is known from `helm get values` of real releases, CLI v0.15 to v0.19.
 */
export const valueOwners: readonly OwnedValue[] = [
  byName('cluster.name', lab, 'Use regions[].name.'),
  byName('cluster.id', lab, 'Use regions[].id.'),
  byName('ipam.mode', lab, 'kind gives each node its part of the pod subnet, so it is kubernetes.'),
  byName('kubeProxyReplacement', lab, 'The clusters have no kube-proxy, so Cilium always replaces it.'),
  byName('k8sServiceHost', lab, 'It follows from regions[].name and regions[].controlPlanes.'),
  byName('k8sServicePort', lab, 'The API server of a kind cluster listens on 6443.'),
  byName('ipv4NativeRoutingCIDR', lab, 'Use network.pods.'),
  byName('encryption.enabled', lab, 'Use cilium.encryption.'),
  byName('encryption.type', lab, 'Use cilium.encryption.'),
  byName('encryption.ipsec.secretName', lab, 'A deploy makes the key, and the Secret by its usual name.'),
  byName('encryption.ipsec.keyFile', lab, 'A deploy makes the key, and the Secret by its usual name.'),
  byName('routingMode', lab, 'Use cilium.routing.'),
  byName('autoDirectNodeRoutes', lab, 'Use `cilium: { routing: native }`, which has it on.'),
  byName('tunnel', lab, 'Use cilium.routing, and cilium.values.tunnelProtocol for Geneve.'),
  byName('hubble.enabled', lab, 'Use cilium.hubble.'),
  { ...byName('tls.ca.cert', lab, 'The regions share a CA that deploy makes and keeps under .lab/.'), isSecret: true },
  { ...byName('tls.ca.key', lab, 'The regions share a CA that deploy makes and keeps under .lab/.'), isSecret: true },
  byName('l2announcements.enabled', lab, 'Use loadBalancer.by.'),
  byName('clustermesh.maxConnectedClusters', lab, 'Use mesh.maxConnectedClusters.'),
  byName('clustermesh.useAPIServer', mesh, 'Use mesh.method.'),
  byName('clustermesh.config.enabled', mesh, 'Use mesh.method.'),
  byName('clustermesh.config.clusters', mesh, 'Use regions, and mesh.topology or mesh.pairs.'),
  byName('clustermesh.apiserver.service.type', mesh, 'The other regions reach it by its LoadBalancer address.'),
  byName('clustermesh.apiserver.service.loadBalancerIP', planned, byPool),
  { path: [...service, 'annotations', 'metallb.universe.tf/loadBalancerIPs'], owner: planned, instead: byPool },
  { path: [...service, 'annotations', 'metallb.io/loadBalancerIPs'], owner: planned, instead: byPool },
  { path: [...service, 'annotations', 'io.cilium/lb-ipam-ips'], owner: planned, instead: byPool },
  { path: [...service, 'annotations', 'lbipam.cilium.io/ips'], owner: planned, instead: byPool },
  byName('clustermesh.apiserver.tls.auto.enabled', mesh, 'Use mesh.method.'),
  byName('clustermesh.apiserver.tls.auto.method', mesh, 'Use mesh.method.'),
  byName('clustermesh.apiserver.tls.auto.schedule', cli, 'To set it yourself use `mesh.method: install`.'),
  byName('clustermesh.enableMCSAPISupport', lab, 'Use mcs.'),
  byName('clustermesh.mcsapi.enabled', lab, 'Use mcs.'),
  byName('clustermesh.mcsapi.installCRDs', lab, 'Use mcs.'),
  byName('clustermesh.mcsapi.corednsAutoConfigure.enabled', lab, 'Use mcs.'),
  { ...byName('clustermesh.apiserver.kvstoremesh.enabled', lab, 'Use cilium.kvstoremesh.'), isWrittenByTheCli: true },
  byName('externalWorkloads.enabled', cli, 'To set it yourself use `mesh.method: install`.'),
];

/** The paths of those values that the Cilium CLI writes into a release. */
export const writtenByTheCli = valueOwners
  .filter(({ owner, isWrittenByTheCli }) => owner.cli === 'cli' || isWrittenByTheCli === true)
  .map(({ path }) => path);

/** The paths of the shared CA's certificate and key. */
export const secretValues = valueOwners.filter(({ isSecret }) => isSecret).map(({ path }) => path);

/**
 * Values that are not the user's to set, and what stands in place of a map that holds such.
 * @param values `cilium.values` of lab.yaml, which stands at `path` there.
 */
export function ownedValues(values: Values, method: MeshMethod, path: Path): Problem[] {
  const refused = new Map<string, Problem>();
  for (const { path: owned, owner, instead } of valueOwners) {
    if (owner[method] === 'user') continue;
    const { trail, isMapMissing } = follow(values, owned);
    if (trail === undefined) continue;
    const here = [...path, ...trail];
    const name = pathText(here);
    const by = owner[method] === 'cli' ? 'the Cilium CLI' : 'the lab';
    const message = isMapMissing
      ? `${name} is not a map, and ${by} decides ${pathText(owned)} in it. Write a map there, or remove it.`
      : `${name} is decided by ${by}. Remove it. ${instead}`;
    if (!refused.has(name)) refused.set(name, { path: here, message });
  }
  return [...refused.values()];
}

/** How far the values lead along a path: to its end, or to what is no map on the way there. */
function follow(values: Values, path: readonly string[]): { trail?: readonly string[]; isMapMissing?: true } {
  let value: unknown = values;
  for (const [index, key] of path.entries()) {
    if (!isValues(value)) return { trail: path.slice(0, index), isMapMissing: true };
    if (!Object.hasOwn(value, key)) return {};
    value = value[key];
  }
  return { trail: path };
}
