// @ts-check
import { cidrRange, toNumber } from './ipv4.mjs';

const group = 'cilium.io';
const pools = 'CiliumLoadBalancerIPPool';
const policies = 'CiliumL2AnnouncementPolicy';
const policyFields = ['externalIPs', 'interfaces', 'loadBalancerIPs', 'nodeSelector', 'serviceSelector'];

/** @param {string} version of Cilium */
const minorOf = (version) => Number(version.split('.')[1]);

/** @param {string} kind @param {string} plural @param {readonly string[]} versions the stored one first @param {readonly string[]} shortNames @param {'Cluster' | 'Namespaced'} [scope] */
const definition = (kind, plural, versions, shortNames, scope = 'Cluster') => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${plural}.${group}` },
  spec: {
    group,
    scope,
    names: { kind, plural, singular: kind.toLowerCase(), shortNames },
    versions: versions.map((name, index) => ({ name, served: true, storage: index === 0 })),
  },
});

/** Those of the CRDs that the operator of a Cilium registers at which the lab looks; none before it runs. @param {any} cluster */
export function ciliumCrds({ crds }) {
  if (crds === undefined) return [];
  return [
    definition('CiliumNetworkPolicy', 'ciliumnetworkpolicies', ['v2'], ['cnp', 'ciliumnp'], 'Namespaced'),
    definition('CiliumClusterwideNetworkPolicy', 'ciliumclusterwidenetworkpolicies', ['v2'], ['ccnp']),
    definition(pools, 'ciliumloadbalancerippools', minorOf(crds) >= 18 ? ['v2', 'v2alpha1'] : ['v2alpha1'], [
      ...['ippools', 'ippool', 'lbippool', 'lbippools'],
    ]),
    definition(policies, 'ciliuml2announcementpolicies', ['v2alpha1'], ['l2announcement']),
  ];
}

/**
 * What the API server says of a pool or policy by the CRD that is registered; undefined where it takes it, or where it is of
 * another kind.
 * @param {any} cluster @param {any} object @returns {{ reason?: string, error: string } | undefined}
 */
export function refusedByCrd({ crds }, { apiVersion, kind, metadata, spec = {} }) {
  const minor = minorOf(crds ?? '');
  const version = apiVersion.split('/')[1];
  if (kind !== pools && kind !== policies) return undefined;
  const fields =
    kind === policies
      ? policyFields
      : [
          ...['disabled', 'serviceSelector'],
          ...(minor >= 15 ? ['allowFirstLastIPs', 'blocks'] : []),
          ...(minor < 16 ? ['cidrs'] : []),
        ];
  const unknown = Object.keys(spec).filter((key) => !fields.includes(key));
  if (unknown.length > 0) {
    const errors = unknown.map((key) => `unknown field "spec.${key}"`).join(', ');
    return {
      reason: 'BadRequest',
      error: `${kind} in version "${version}" cannot be handled as a ${kind}: strict decoding error: ${errors}`,
    };
  }
  const invalid = (/** @type {string} */ what) => ({ error: `The ${kind} "${metadata.name}" is invalid: ${what}` });
  if (kind === pools && minor < 15 && spec.cidrs === undefined) return invalid('spec.cidrs: Required value');
  const bad = [...(spec.cidrs ?? []), ...(spec.blocks ?? [])].findIndex(
    ({ cidr }) => cidr !== undefined && cidrRange(cidr) === undefined,
  );
  return bad < 0 ? undefined : invalid(`spec.cidrs[${bad}].cidr: Invalid value: must be of type cidr`);
}

/** As the CRD adds them. @param {any} object */
export const withPoolDefaults = (object) =>
  object.kind === pools ? { ...object, spec: { disabled: false, ...object.spec } } : object;

/**
 * LB-IPAM of the Cilium that is live: the ranges that it gives addresses of, the annotations that it reads, and which of the
 * free addresses it takes.
 * @param {any} cluster @returns {{ ranges: [number, number][], annotations: readonly string[], takes: 'lowest' | 'any' }}
 */
export function lbIpam(cluster) {
  const minor = minorOf(cluster.liveVersion ?? '');
  const living = Object.values(cluster.objects).filter(({ kind, spec }) => kind === pools && spec.disabled !== true);
  const ranges = living.flatMap(({ spec }) =>
    [...(spec.cidrs ?? []), ...(spec.blocks ?? [])].flatMap((block) => rangeOf(block, spec, minor)),
  );
  return {
    ranges,
    annotations: [...(minor >= 16 ? ['lbipam.cilium.io/ips'] : []), 'io.cilium/lb-ipam-ips'],
    takes: minor >= 15 ? 'lowest' : 'any',
  };
}

/** Without the first and the last address of a CIDR: always by 1.14, unless asked otherwise by 1.15, if asked for by 1.16. @param {any} block @param {any} spec @param {number} minor @returns {[number, number][]} */
function rangeOf({ cidr, start = '', stop = start }, { allowFirstLastIPs }, minor) {
  if (cidr === undefined) {
    const [first, last] = [toNumber(start), toNumber(stop)];
    return first === undefined || last === undefined ? [] : [[first, last]];
  }
  const range = cidrRange(cidr);
  if (range === undefined) return [];
  const [first, last] = range;
  const isSmall = last - first < 2;
  if (minor < 15) return isSmall ? [] : [[first + 1, last - 1]];
  const isKept = minor < 16 ? allowFirstLastIPs !== 'Yes' : allowFirstLastIPs === 'No';
  return [isKept && !isSmall ? [first + 1, last - 1] : range];
}

/** Agents answer by ARP for the LoadBalancer addresses of all Services. @param {any} cluster */
export const announcesL2 = (cluster) =>
  cluster.live?.l2announcements?.enabled === true &&
  Object.values(cluster.objects).some(({ kind, spec }) => kind === policies && spec?.loadBalancerIPs === true);
