// @ts-check
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import {
  agentsReady,
  caOf,
  entryOf,
  expectedClusters,
  metallbReady,
  meshReady,
  nodesReady,
  schedulable,
  services,
  usesMesh,
} from './cluster.mjs';
import { cidrRange, toText } from './ipv4.mjs';
import { announcesL2, ciliumCrds } from './lb-ipam.mjs';
import { machine } from './state.mjs';

const system = 'kube-system';

/** Every object of a cluster as the API server would give it: its own, Cilium's by the release that is live, and those applied. @param {any} now @param {string} name @returns {any[]} */
export function objects(now, name) {
  const cluster = now.clusters[name];
  const all = [
    ...Object.entries(cluster.namespaces).map(([namespace, uid]) => namespaceObject(cluster, namespace, String(uid))),
    ...nodes(now, name),
    ...leases(now, name),
    kubeadmConfig(now, name),
    ...(cluster.storageClass ? [storageClass] : []),
    workload(cluster, 'Deployment', system, 'coredns', 2, schedulable(cluster) ? 2 : 0),
    ...(cluster.live === undefined ? [] : cilium(cluster)),
    ...services(cluster)
      .filter(({ name: service, namespace }) => cluster.objects[`Service/${namespace}/${service}`] === undefined)
      .map((service) => serviceObject(cluster, service)),
    ...announcements(cluster),
    ...cluster.releases.map((/** @type {any} */ revision) => releaseSecret(cluster, revision)),
    ...ciliumCrds(cluster).map(({ metadata: { name: crd }, ...definition }) =>
      withStatus(now, cluster, { ...definition, metadata: { name: crd, uid: uid(cluster, crd) } }),
    ),
    ...Object.values(cluster.objects)
      .filter(({ kind }) => kind !== 'Namespace')
      .flatMap((object) => [withStatus(now, cluster, object), ...podsOf(now, cluster, object)]),
  ];
  // what somebody deleted or scaled to zero by hand, until Helm makes it again
  const { gone = [], scaled = [], troubles = [] } = cluster;
  const running = all
    .filter((each) => !gone.includes(`${each.kind}/${each.metadata.name}`))
    .map((each) => (scaled.includes(`${each.kind}/${each.metadata.name}`) ? scaledToZero(each) : each))
    .map((each) => (troubles.some((/** @type {Trouble} */ one) => isOf(one, each)) ? withoutPods(each) : each));
  return [...running, ...running.flatMap((each) => systemPods(cluster, each, troubles))];
}

/**
 * A workload whose pods do not come up, as a test has it.
 * @typedef {object} Trouble
 * @property {string} workload `Deployment/hubble-relay`
 * @property {Record<string, unknown>} status of its pods
 * @property {string} [event] why a volume is not mounted
 */

/** @param {Trouble} trouble @param {any} object */
const isOf = ({ workload }, { kind, metadata: { name } }) => workload === `${kind}/${name}`;

/** @param {any} workload */
function withoutPods({ kind, status, ...rest }) {
  return { kind, ...rest, status: workloadStatus(kind, status.desiredNumberScheduled ?? status.replicas, 0) };
}

/** The pods of what runs in kube-system. @param {any} cluster @param {any} object @param {Trouble[]} troubles @returns {any[]} */
function systemPods(cluster, object, troubles) {
  const { kind, metadata: meta, status } = object;
  if (meta.namespace !== system || !['DaemonSet', 'Deployment'].includes(kind)) return [];
  const count = status.desiredNumberScheduled ?? status.replicas ?? 0;
  const ready = status.numberReady ?? status.readyReplicas ?? 0;
  const trouble = troubles.find((each) => isOf(each, object));
  const label = meta.name === 'coredns' ? 'kube-dns' : meta.name;
  const labels = {
    'k8s-app': label,
    ...(meta.name === 'coredns' ? {} : { 'app.kubernetes.io/part-of': 'cilium' }),
  };
  return Array.from({ length: count }, (_, index) => {
    const own = { ...metadata(cluster, 'Pod', system, `${meta.name}-${index + 1}`), labels };
    const isReady = index < ready;
    const usual = {
      phase: isReady ? 'Running' : 'Pending',
      conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }],
    };
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: own, status: trouble?.status ?? usual };
    if (trouble?.event === undefined) return [pod];
    const { name, uid: of } = own;
    const involvedObject = { kind: 'Pod', namespace: system, name, uid: of };
    const told = {
      reason: 'FailedMount',
      type: 'Warning',
      message: trouble.event,
      lastTimestamp: '2026-11-30T12:00:00Z',
    };
    return [
      pod,
      {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: metadata(cluster, 'Event', system, `${name}.1`),
        involvedObject,
        ...told,
      },
    ];
  }).flat();
}

/** @param {any} cluster @param {string} name @param {string} uid */
function namespaceObject(cluster, name, uid) {
  const { metadata = {} } = cluster.objects[`Namespace//${name}`] ?? {};
  const labels = { 'kubernetes.io/metadata.name': name, ...metadata.labels };
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { ...metadata, name, uid, labels },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  };
}

/** @param {any} deployment */
function scaledToZero(deployment) {
  return { ...deployment, spec: { ...deployment.spec, replicas: 0 }, status: workloadStatus('Deployment', 0, 0) };
}

/** Envoy is a DaemonSet of its own from chart 1.16 on, unless the values turn it off. @param {any} values @param {string} version */
const hasEnvoy = (values, version) => Number(version.split('.')[1]) >= 16 && values.envoy?.enabled !== false;

/** The workloads that a chart makes of these values, as kind and name. @param {any} values @param {string} version @returns {['DaemonSet' | 'Deployment', string][]} */
function ciliumWorkloads(values, version) {
  return [
    ['DaemonSet', 'cilium'],
    ['Deployment', 'cilium-operator'],
    ...(hasEnvoy(values, version) ? [/** @type {['DaemonSet', string]} */ (['DaemonSet', 'cilium-envoy'])] : []),
    ...(values.nodeinit?.enabled === true
      ? [/** @type {['DaemonSet', string]} */ (['DaemonSet', 'cilium-node-init'])]
      : []),
    ...(values.hubble?.relay?.enabled === true
      ? [/** @type {['Deployment', string]} */ (['Deployment', 'hubble-relay'])]
      : []),
    ...(values.hubble?.ui?.enabled === true
      ? [/** @type {['Deployment', string]} */ (['Deployment', 'hubble-ui'])]
      : []),
    ...(values.clustermesh?.useAPIServer === true
      ? [/** @type {['Deployment', string]} */ (['Deployment', 'clustermesh-apiserver'])]
      : []),
  ];
}

/** A UID that stays while the cluster lives. @param {any} cluster @param {string} what */
function uid(cluster, what) {
  const digits = createHash('sha1').update(`${cluster.ca}/${what}`).digest('hex');
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `4${digits.slice(13, 16)}`,
    `8${digits.slice(17, 20)}`,
    digits.slice(20, 32),
  ].join('-');
}

/** @param {any} cluster @param {string} kind @param {string} namespace @param {string} name */
const metadata = (cluster, kind, namespace, name) => ({
  name,
  namespace,
  uid: uid(cluster, `${kind}/${namespace}/${name}`),
  generation: 1,
});

/** A kubelet renews its lease a while after its node was started; until then the API server has the one of before. @param {any} now @param {string} name */
function leases(now, name) {
  return now.clusters[name].nodes.map((/** @type {any} */ node) => {
    const { startedAt = 0 } = now.containers[node.name] ?? {};
    const renewed = Date.now() - startedAt > 1000 ? Date.now() : startedAt - 1000;
    return {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: node.name, namespace: 'kube-node-lease', uid: `${node.uid}-lease` },
      spec: { holderIdentity: node.name, renewTime: new Date(renewed).toISOString() },
    };
  });
}

/** @param {any} now @param {string} name */
function nodes(now, name) {
  const cluster = now.clusters[name];
  const [first = 0] = cidrRange(cluster.podSubnet) ?? [];
  return cluster.nodes.map((/** @type {any} */ node, /** @type {number} */ index) => {
    const ready = nodesReady(cluster) && now.containers[node.name]?.running !== false;
    const isControlPlane = node.role === 'control-plane';
    const taints = [
      ...(isControlPlane && cluster.tainted
        ? [{ effect: 'NoSchedule', key: 'node-role.kubernetes.io/control-plane' }]
        : []),
      ...(ready ? [] : [{ effect: 'NoSchedule', key: 'node.kubernetes.io/not-ready' }]),
    ];
    const podCidr = `${toText(first + index * 256)}/24`;
    const message =
      'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized';
    return {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: {
        name: node.name,
        uid: node.uid,
        labels: {
          'kubernetes.io/hostname': node.name,
          ...(isControlPlane ? { 'node-role.kubernetes.io/control-plane': '' } : {}),
          ...node.labels,
        },
      },
      spec: {
        podCIDR: podCidr,
        podCIDRs: [podCidr],
        providerID: `kind://docker/${name}/${node.name}`,
        ...(taints.length > 0 ? { taints } : {}),
      },
      status: {
        addresses: [
          { address: now.containers[node.name]?.ip, type: 'InternalIP' },
          { address: node.name, type: 'Hostname' },
        ],
        conditions: [
          ready
            ? { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' }
            : { type: 'Ready', status: 'False', reason: 'KubeletNotReady', message },
        ],
        images: toldImages(now.containers[node.name]),
        nodeInfo: { kubeletVersion: cluster.version, architecture: 'amd64', operatingSystem: 'linux' },
      },
    };
  });
}

/** A kubelet tells of an image a while after it came: here, of all but the last one. Of a node whose container is gone the API server still tells. @param {any} container */
function toldImages({ images = [] } = {}) {
  return images.slice(0, -1).map((/** @type {string} */ name) => ({ names: [name], sizeBytes: 1 }));
}

/** kind's own, installed after kubeadm has run. */
const storageClass = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
  provisioner: 'rancher.io/local-path',
};

/** @param {any} now @param {string} name */
function kubeadmConfig(now, name) {
  const cluster = now.clusters[name];
  const lines = [
    'apiVersion: kubeadm.k8s.io/v1beta3',
    `clusterName: ${name}`,
    `controlPlaneEndpoint: ${entryOf(now, name)}:6443`,
    ...(cluster.tuned ? ['etcd:', '  local:', '    extraArgs:', '      unsafe-no-fsync: "true"'] : []),
    'kind: ClusterConfiguration',
    `kubernetesVersion: ${cluster.version}`,
    'networking:',
    '  dnsDomain: cluster.local',
    `  podSubnet: ${cluster.podSubnet}`,
    `  serviceSubnet: ${cluster.serviceSubnet}`,
  ];
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: metadata(cluster, 'ConfigMap', system, 'kubeadm-config'),
    data: { ClusterConfiguration: `${lines.join('\n')}\n` },
  };
}

/** What the chart makes of the live values. @param {any} cluster */
function cilium(cluster) {
  const { live } = cluster;
  const all = cluster.nodes.length;
  const operators = live.operator?.replicas ?? 2;
  const ready = agentsReady(cluster);
  const up = nodesReady(cluster);
  const config = {
    'cluster-id': String(live.cluster?.id ?? 0),
    'cluster-name': String(live.cluster?.name ?? 'default'),
    'ipv4-native-routing-cidr': live.ipv4NativeRoutingCIDR,
    ipam: live.ipam?.mode ?? 'cluster-pool',
    'kube-proxy-replacement': String(live.kubeProxyReplacement ?? 'disabled'),
    'routing-mode': live.routingMode ?? 'tunnel',
    'tunnel-protocol': 'vxlan',
  };
  const secret = (/** @type {string} */ name, /** @type {Record<string, string>} */ data) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'Opaque',
    metadata: metadata(cluster, 'Secret', system, name),
    data,
  });
  const remotes = expectedClusters(cluster).map(({ name }) => [
    name,
    Buffer.from(`endpoints:\n- https://${name}.mesh.cilium.io:2379\n`).toString('base64'),
  ]);
  return [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: metadata(cluster, 'ConfigMap', system, 'cilium-config'),
      data: config,
    },
    workload(cluster, 'DaemonSet', system, 'cilium', all, ready ? all : 0),
    // one replica a node: they want the same host ports
    workload(cluster, 'Deployment', system, 'cilium-operator', operators, up ? Math.min(operators, all) : 0),
    ...(hasEnvoy(live, cluster.liveVersion)
      ? [workload(cluster, 'DaemonSet', system, 'cilium-envoy', all, ready ? all : 0)]
      : []),
    ...(live.nodeinit?.enabled === true ? [workload(cluster, 'DaemonSet', system, 'cilium-node-init', all, all)] : []),
    ...(live.hubble?.relay?.enabled === true
      ? [workload(cluster, 'Deployment', system, 'hubble-relay', 1, schedulable(cluster) ? 1 : 0)]
      : []),
    ...(live.hubble?.ui?.enabled === true
      ? [workload(cluster, 'Deployment', system, 'hubble-ui', 1, schedulable(cluster) ? 1 : 0)]
      : []),
    ...(usesMesh(cluster)
      ? [workload(cluster, 'Deployment', system, 'clustermesh-apiserver', 1, meshReady(cluster) ? 1 : 0)]
      : []),
    secret('cilium-ca', { 'ca.crt': caOf(cluster), 'ca.key': 'LS0t' }),
    ...(usesMesh(cluster)
      ? [secret('clustermesh-apiserver-remote-cert', { 'ca.crt': caOf(cluster), 'tls.crt': 'LS0t', 'tls.key': 'LS0t' })]
      : []),
    ...(remotes.length > 0 ? [secret('cilium-clustermesh', Object.fromEntries(remotes))] : []),
  ];
}

/** Every node has the images of the pods by the names that these ask for, or can pull them. @param {any} now @param {any} cluster @param {any} spec */
function hasImages(now, cluster, { template }) {
  const { initContainers = [], containers = [] } = template?.spec ?? {};
  const images = [...initContainers, ...containers].map((/** @type {{ image: string }} */ { image }) => image);
  const nodes = cluster.nodes.map((/** @type {{ name: string }} */ { name }) => now.containers[name]?.images ?? []);
  return images.every(
    (image) =>
      machine().registry.includes(image) || nodes.every((/** @type {string[]} */ there) => there.includes(image)),
  );
}

/** @param {any} cluster @param {'Deployment' | 'DaemonSet'} kind @param {string} namespace @param {string} name @param {number} desired @param {number} ready */
function workload(cluster, kind, namespace, name, desired, ready) {
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: metadata(cluster, kind, namespace, name),
    spec: kind === 'Deployment' ? { replicas: desired } : {},
    status: workloadStatus(kind, desired, ready),
  };
}

/** @param {'Deployment' | 'DaemonSet'} kind @param {number} desired @param {number} ready */
function workloadStatus(kind, desired, ready) {
  const missing = desired - ready;
  if (kind === 'DaemonSet') {
    return {
      observedGeneration: 1,
      currentNumberScheduled: desired,
      desiredNumberScheduled: desired,
      updatedNumberScheduled: desired,
      numberMisscheduled: 0,
      numberReady: ready,
      ...(ready > 0 ? { numberAvailable: ready } : {}),
      ...(missing > 0 ? { numberUnavailable: missing } : {}),
    };
  }
  return {
    observedGeneration: 1,
    replicas: desired,
    updatedReplicas: desired,
    ...(ready > 0 ? { readyReplicas: ready, availableReplicas: ready } : {}),
    ...(missing > 0 ? { unavailableReplicas: missing } : {}),
    conditions: [
      missing === 0
        ? { type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable' }
        : {
            type: 'Available',
            status: 'False',
            reason: 'MinimumReplicasUnavailable',
            message: 'Deployment does not have minimum availability.',
          },
    ],
  };
}

/** @param {any} cluster @param {ReturnType<typeof services>[number]} service */
function serviceObject(cluster, { namespace, name, type, annotations, ports }) {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { ...metadata(cluster, 'Service', namespace, name), annotations },
    spec: { type, clusterIP: toText((cidrRange(cluster.serviceSubnet)?.[0] ?? 0) + 10 + name.length), ports },
    status: balancer(cluster, namespace, name),
  };
}

/** One a Service with an address: held by the agent that answers for it, but for those that all agents have missed (`unheard`). @param {any} cluster */
function announcements(cluster) {
  if (!announcesL2(cluster) || !agentsReady(cluster)) return [];
  const { addresses, unheard = [], nodes: all } = cluster;
  return Object.keys(addresses)
    .filter((service) => !unheard.includes(service))
    .map((service) => ({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: metadata(cluster, 'Lease', system, `cilium-l2announce-${service.replace('/', '-')}`),
      spec: { holderIdentity: all.at(-1)?.name },
    }));
}

/** @param {any} cluster @param {string} namespace @param {string} name */
function balancer(cluster, namespace, name) {
  const ip = cluster.addresses[`${namespace}/${name}`];
  return { loadBalancer: ip === undefined ? {} : { ingress: [{ ip }] } };
}

/** @param {any} cluster @param {any} revision */
function releaseSecret(cluster, { revision, status, version, config }) {
  const name = `sh.helm.release.v1.cilium.v${revision}`;
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'helm.sh/release.v1',
    metadata: {
      ...metadata(cluster, 'Secret', system, name),
      labels: { name: 'cilium', owner: 'helm', status, version: String(revision) },
    },
    data: {
      // read by few
      get release() {
        return stored({
          name: 'cilium',
          info: { status },
          chart: { metadata: { name: 'cilium', version } },
          config: Object.keys(config).length === 0 ? null : config,
          manifest: manifestOf(config, version),
          version: revision,
          namespace: system,
        });
      },
    },
  };
}

/** As Helm stores a revision, and Kubernetes a Secret. @param {object} release */
function stored(release) {
  return Buffer.from(gzipSync(JSON.stringify(release)).toString('base64')).toString('base64');
}

/** Of the objects those that the lab reads: workloads, and a Secret beside them, whose key nobody may see. @param {any} config @param {string} version */
export function manifestOf(config, version) {
  const documents = ciliumWorkloads(config, version).map(
    ([kind, name]) =>
      `# Source: cilium/templates/${name}.yaml\napiVersion: apps/v1\nkind: ${kind}\nmetadata:\n  name: ${name}\n  namespace: kube-system\n  labels:\n    app.kubernetes.io/part-of: cilium\nspec:\n${kind === 'Deployment' ? '  replicas: 1\n' : ''}  template:\n    metadata:\n      name: not-this`,
  );
  const secret =
    '# Source: cilium/templates/secret.yaml\napiVersion: v1\nkind: Secret\nmetadata:\n  name: hubble-server-certs\ndata:\n  tls.key: LS0t';
  return ['', secret, ...documents].join('\n---\n').trimStart();
}

/** An applied object, with the status that its controller would have written by now. @param {any} now @param {any} cluster @param {any} object */
function withStatus(now, cluster, object) {
  const { kind, metadata: meta, spec = {} } = object;
  const isMetallb = meta.namespace === 'metallb-system';
  // speakers answer for the addresses that were given, also while the controller is not up yet
  const isLate = kind === 'Deployment' && cluster.looks.controller > 0;
  const up = isMetallb ? metallbReady(cluster) && !isLate : schedulable(cluster) && hasImages(now, cluster, spec);
  if (['Deployment', 'DaemonSet', 'StatefulSet'].includes(kind)) {
    const desired = kind === 'DaemonSet' ? cluster.nodes.length : (spec.replicas ?? 1);
    const status = workloadStatus(kind, desired, up ? desired : 0);
    return { ...object, status: { ...status, observedGeneration: meta.generation ?? 1 } };
  }
  if (kind === 'Service') {
    const clusterIP = toText((cidrRange(cluster.serviceSubnet)?.[0] ?? 0) + 100 + meta.name.length);
    return {
      ...object,
      spec: { clusterIP, ...spec },
      status: balancer(cluster, meta.namespace, meta.name),
    };
  }
  if (kind === 'CustomResourceDefinition') {
    return {
      ...object,
      status: {
        conditions: ['NamesAccepted', 'Established'].map((type) => ({ type, status: 'True' })),
        acceptedNames: spec.names,
      },
    };
  }
  return object;
}

/** The pods of an applied DaemonSet, one on each node. @param {any} now @param {any} cluster @param {any} object */
function podsOf(now, cluster, { kind, metadata: meta, spec }) {
  if (kind !== 'DaemonSet' || meta.namespace === 'metallb-system') return [];
  const [first = 0] = cidrRange(cluster.podSubnet) ?? [];
  const isUp = nodesReady(cluster) && hasImages(now, cluster, spec);
  return cluster.nodes.map((/** @type {{ name: string }} */ { name }, /** @type {number} */ index) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...metadata(cluster, 'Pod', meta.namespace, `${meta.name}-${uid(cluster, name).slice(0, 5)}`),
      labels: spec.template.metadata.labels,
    },
    spec: { nodeName: name },
    status: isUp
      ? {
          phase: 'Running',
          podIP: toText(first + index * 256 + 10),
          conditions: [{ type: 'Ready', status: 'True' }],
          containerStatuses: [{ state: { running: {} } }],
        }
      : {
          phase: 'Pending',
          conditions: [{ type: 'Ready', status: 'False', reason: 'ContainersNotReady' }],
          containerStatuses: [{ state: { waiting: { reason: 'ImagePullBackOff' } } }],
        },
  }));
}
