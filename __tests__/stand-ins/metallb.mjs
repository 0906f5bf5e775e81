// @ts-check
import { overlap, rangeToCidrs } from './ipv4.mjs';
import { metallbReady, poolRange } from './cluster.mjs';

const url =
  /^https:\/\/raw\.githubusercontent\.com\/metallb\/metallb\/(v[\d.]+)\/config\/manifests\/metallb-native\.yaml$/;

/** The objects of MetalLB's native manifest, as far as the lab looks at them; undefined for any other address. @param {string} address @returns {any[] | undefined} */
export function published(address) {
  const version = url.exec(address)?.[1];
  if (version === undefined) return undefined;
  const minor = Number(version.split('.')[1]);
  const [service, secret] =
    minor < 14 ? ['webhook-service', 'webhook-server-cert'] : ['metallb-webhook-service', 'metallb-webhook-cert'];
  const kinds = [
    'IPAddressPool',
    'L2Advertisement',
    'BGPAdvertisement',
    'BGPPeer',
    'BFDProfile',
    'Community',
    minor < 15 ? 'AddressPool' : 'ServiceL2Status',
  ];
  const namespace = 'metallb-system';
  const pods = (/** @type {string} */ image) => ({
    template: { spec: { containers: [{ image: `quay.io/metallb/${image}:${version}` }] } },
  });
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    ...kinds.map(definition),
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'controller', namespace } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'speaker', namespace } },
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: secret, namespace } },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: service, namespace },
      spec: { ports: [{ port: 443, targetPort: 9443 }] },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'controller', namespace },
      spec: { replicas: 1, ...pods('controller') },
    },
    { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'speaker', namespace }, spec: pods('speaker') },
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: 'metallb-webhook-configuration' },
    },
  ];
}

/** @param {string} kind */
function definition(kind) {
  const singular = kind.toLowerCase();
  const plural = kind === 'Community' ? 'communities' : `${singular}s`;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.metallb.io` },
    spec: {
      group: 'metallb.io',
      scope: 'Namespaced',
      names: { kind, plural, singular },
      versions: [{ name: 'v1beta1', served: true, storage: true }],
    },
  };
}

/** What the API server said when the webhook was not up yet: the ends of five messages that users met (metallb#1540, #1669, #1697, #1612). @param {string} service */
const notYet = (service) => [
  'dial tcp 10.1.11.12:443: connect: connection refused',
  `no endpoints available for service "${service}"`,
  'context deadline exceeded',
  'dial tcp 10.1.11.12:443: connect: no route to host',
  'Service Unavailable',
];

/**
 * The webhook's answer to a new or changed MetalLB object: an error, or undefined. The first $STAND_IN_WEBHOOK_FAILURES (2) calls
 * of a cluster fail, each with another of the five known errors, even when the controller is Available already.
 * @param {any} cluster to be changed: counts the calls
 * @param {any} object
 * @returns {{ internal: string } | { denied: string } | undefined}
 */
export function webhook(cluster, object) {
  const objects = Object.values(cluster.objects);
  if (!objects.some(({ kind }) => kind === 'ValidatingWebhookConfiguration')) return undefined;
  const service =
    objects.find(({ kind, metadata }) => kind === 'Service' && metadata.name.endsWith('webhook-service'))?.metadata
      .name ?? 'webhook-service';
  const kind = object.kind.toLowerCase();
  const calls = cluster.looks.webhook ?? 0;
  const failures = Number(process.env.STAND_IN_WEBHOOK_FAILURES ?? 2);
  if (calls < failures || !metallbReady(cluster)) {
    cluster.looks.webhook = calls + 1;
    const texts = notYet(service);
    const text = metallbReady(cluster) ? texts[(calls + cluster.apiPort) % texts.length] : texts[1];
    const address = `https://${service}.metallb-system.svc:443/validate-metallb-io-v1beta1-${kind}?timeout=10s`;
    return {
      internal: `failed calling webhook "${kind}validationwebhook.metallb.io": failed to call webhook: Post "${address}": ${text}`,
    };
  }
  if (object.kind !== 'IPAddressPool') return undefined;
  const denied = badPool(cluster, object);
  return denied === undefined ? undefined : { denied };
}

/** @param {any} cluster @param {any} pool @returns {string | undefined} */
function badPool(cluster, { metadata: { name }, spec }) {
  const others = Object.values(cluster.objects).filter(
    ({ kind, metadata }) => kind === 'IPAddressPool' && metadata.name !== name,
  );
  const taken = others.flatMap((other) =>
    other.spec.addresses.flatMap((/** @type {string} */ text) => rangeToCidrs(poolRange(text) ?? [1, 0])),
  );
  for (const text of spec.addresses) {
    const range = poolRange(text);
    const parsing = `parsing address pool ${name}: invalid CIDR "${text}" in pool "${name}"`;
    if (range === undefined)
      return `${parsing}: ${text.includes('-') ? `invalid IP range "${text}"` : `invalid CIDR "${text}"`}`;
    const [start, end] = text.split('-');
    if (range[0] > range[1])
      return `${parsing}: invalid IP range "${text}": start IP "${start}" is after the end IP "${end}"`;
    for (const cidr of rangeToCidrs(range)) {
      const hit = taken.find((each) => overlap(poolRange(each) ?? [0, 0], poolRange(cidr) ?? [0, 0]));
      if (hit !== undefined) return `CIDR "${cidr}" in pool "${name}" overlaps with already defined CIDR "${hit}"`;
    }
  }
  return undefined;
}
