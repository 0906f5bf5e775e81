// @ts-check
import { delimiter } from 'node:path';
import { cidrRange, toNumber, toText } from './ipv4.mjs';
import { announcesL2, lbIpam } from './lb-ipam.mjs';
import { readKubeconfig } from './kubeconfig.mjs';
import { change, machine, world } from './state.mjs';

/** Why a cluster cannot be reached; each program says it in its own words. */
export class Unreachable extends Error {
  /** @param {'context' | 'refused' | 'authority'} reason @param {string} server */
  constructor(reason, server) {
    super(reason);
    this.reason = reason;
    this.server = server;
  }
}

/** The kind cluster behind a context of these kubeconfig files. @param {string[]} files @param {string | undefined} context @returns {string} */
export function reach(files, context) {
  const configs = files
    .flatMap((file) => file.split(delimiter))
    .filter((file) => file !== '')
    .map(readKubeconfig);
  const current = context ?? configs.find((config) => config['current-context'] !== '')?.['current-context'];
  const entry = configs.flatMap(({ contexts }) => contexts).find(({ name }) => name === current);
  if (context !== undefined && entry === undefined) throw new Unreachable('context', context);
  const found = configs.flatMap(({ clusters }) => clusters).find(({ name }) => name === entry?.context.cluster);
  const server = found?.cluster.server ?? 'http://localhost:8080';
  const now = world();
  const name = Object.keys(now.clusters).find((each) => server === `https://127.0.0.1:${now.clusters[each].apiPort}`);
  if (name === undefined || !machine().docker.running || !answers(now, name)) throw new Unreachable('refused', server);
  if (now.clusters[name].ca !== found?.cluster['certificate-authority-data'])
    throw new Unreachable('authority', server);
  return name;
}

/** The container through which its API server is reached: kind's load balancer before several control planes. @param {any} now @param {string} name */
export function entryOf(now, name) {
  const balancer = `${name}-external-load-balancer`;
  return now.containers[balancer] === undefined ? `${name}-control-plane` : balancer;
}

/** A control plane listens at the address that it was made with, and at no other. @param {any} container */
const isWhere = (container) =>
  container?.running && container.paused !== true && (container.madeAt ?? container.ip) === container.ip;

/** The entry runs, and behind it most of the control planes: etcd wants a majority. @param {any} now @param {string} name */
function answers(now, name) {
  const planes = now.clusters[name].nodes.filter(
    (/** @type {{ role: string }} */ { role }) => role === 'control-plane',
  );
  const running = planes.filter((/** @type {{ name: string }} */ node) => isWhere(now.containers[node.name]));
  return now.containers[entryOf(now, name)]?.running && running.length > planes.length / 2;
}

/** One look at a cluster: a simulated second passes in all of them, and what was starting comes nearer to being ready. @returns {any} the world after it */
export function look() {
  return change((now) => {
    const names = Object.keys(now.clusters);
    for (const name of names) start(now, name);
    for (const name of names) if (agentsReady(now.clusters[name])) connect(now, name);
    return now;
  });
}

const memberlist = () => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'memberlist', namespace: 'metallb-system' },
});

/** @param {any} now @param {string} name */
function start(now, name) {
  const cluster = now.clusters[name];
  const { looks } = cluster;
  if (cluster.live !== undefined && canStart(now, name)) {
    // the operator needs no CNI
    if (looks.crds > 0) looks.crds -= 1;
    else cluster.crds = cluster.liveVersion;
    if (looks.agents > 0) looks.agents -= 1;
    else if (looks.mesh > 0) looks.mesh -= 1;
  }
  if (agentsReady(cluster)) cluster.nodesReady = true;
  if (nodesReady(cluster) && looks.metallb > 0) looks.metallb -= 1;
  if (looks.unheard > 0) looks.unheard -= 1;
  if (metallbReady(cluster) && looks.controller > 0) looks.controller -= 1;
  // its controller makes the key of the speakers where nobody else has (metallb internal/k8s, CreateMlSecret)
  if (metallbReady(cluster) && cluster.objects['Deployment/metallb-system/controller'] !== undefined)
    cluster.objects['Secret/metallb-system/memberlist'] ??= memberlist();
  giveAddresses(cluster);
}

/**
 * Agents that are told a wrong API server never start: without kube-proxy there is no other way to it. Nor do those whose
 * Secret of IPsec keys, which their pod mounts, is not there. @param {any} now @param {string} name
 */
function canStart(now, name) {
  const { live, objects } = now.clusters[name];
  const { enabled, type = 'ipsec' } = live.encryption ?? {};
  if (enabled === true && type === 'ipsec' && objects['Secret/kube-system/cilium-ipsec-keys'] === undefined)
    return false;
  const host = live.k8sServiceHost;
  return host === undefined || now.containers[host]?.labels['io.x-k8s.kind.cluster'] === name;
}

/** @param {any} cluster */
export const agentsReady = (cluster) => cluster.live !== undefined && cluster.looks.agents === 0;
/** @param {any} cluster */
export const nodesReady = (cluster) => cluster.hasCni || cluster.nodesReady === true;
/** Pods without tolerations run on workers, or on the one node of a cluster of one, once kind has taken away its taint. @param {any} cluster */
export const schedulable = (cluster) =>
  nodesReady(cluster) &&
  (!cluster.tainted || cluster.nodes.some((/** @type {{ role: string }} */ { role }) => role === 'worker'));
/** @param {any} cluster */
export const meshReady = (cluster) =>
  usesMesh(cluster) &&
  schedulable(cluster) &&
  cluster.looks.mesh === 0 &&
  !(cluster.scaled ?? []).includes('Deployment/clustermesh-apiserver');
/**
 * Agents of Cilium before 1.16 are connected to an API server that was made anew, and hear nothing of it for a while
 * (cilium/cilium#32005). @param {any} now @param {string} from @param {string} to
 */
export const hears = (now, from, to) =>
  Number(now.clusters[from].liveVersion?.split('.')[1]) >= 16 || !(now.clusters[to].looks.unheard > 0);
/** @param {any} cluster */
export const usesMesh = (cluster) => cluster.live?.clustermesh?.useAPIServer === true;
/** @param {any} cluster */
export const metallbReady = (cluster) => cluster.looks.metallb === 0 && schedulable(cluster);

/** Somebody answers for the LoadBalancer addresses of a cluster. @param {any} cluster */
export const isAnnouncing = (cluster) => metallbReady(cluster) || announcesL2(cluster);

/** The shared CA of the values, or the random one that Helm made. @param {any} cluster @returns {string} */
export const caOf = (cluster) => cluster.live?.tls?.ca?.cert ?? cluster.ca;

/** Remote clusters that this one is told to connect to. @param {any} cluster @returns {{ name: string, ips: string[], port: number, tls?: object }[]} */
export function expectedClusters(cluster) {
  const { config } = cluster.live?.clustermesh ?? {};
  return config?.enabled === true ? (config.clusters ?? []) : [];
}

/**
 * Services of the chart with what decides about their address, in the order in which the chart makes them; and those applied by hand.
 * @param {any} cluster @returns {{ namespace: string, name: string, type: string, annotations: Record<string, string>, ports: object[], wanted?: string, clusterIP?: string }[]}
 */
export function services(cluster) {
  const { hubble = {}, clustermesh = {} } = cluster.live ?? {};
  const system = 'kube-system';
  const ui = hubble.ui?.service ?? {};
  const mesh = clustermesh.apiserver?.service ?? {};
  const applied = Object.values(cluster.objects).filter(({ kind }) => kind === 'Service');
  return [
    { namespace: system, name: 'kube-dns', type: 'ClusterIP', annotations: {}, ports: [{ port: 53, protocol: 'UDP' }] },
    ...(hubble.relay?.enabled === true
      ? [
          {
            namespace: system,
            name: 'hubble-relay',
            type: 'ClusterIP',
            annotations: {},
            ports: [{ port: 80, protocol: 'TCP' }],
          },
        ]
      : []),
    ...(hubble.ui?.enabled === true
      ? [
          {
            namespace: system,
            name: 'hubble-ui',
            type: ui.type ?? 'ClusterIP',
            annotations: ui.annotations ?? {},
            ports: [{ port: 80, protocol: 'TCP' }],
          },
        ]
      : []),
    ...(usesMesh(cluster)
      ? [
          {
            namespace: system,
            name: 'clustermesh-apiserver',
            type: mesh.type ?? 'NodePort',
            annotations: mesh.annotations ?? {},
            ports: [{ port: 2379, nodePort: mesh.nodePort ?? 32379, protocol: 'TCP' }],
            ...(mesh.loadBalancerIP === undefined ? {} : { wanted: mesh.loadBalancerIP }),
          },
        ]
      : []),
    ...applied.map(({ metadata, spec }) => ({
      namespace: metadata.namespace,
      name: metadata.name,
      type: spec.type ?? 'ClusterIP',
      annotations: metadata.annotations ?? {},
      ports: spec.ports ?? [],
    })),
  ];
}

/** MetalLB's controller gives each LoadBalancer the address it asks for, or the lowest free one of the pools; else Cilium's operator does. @param {any} cluster */
function giveAddresses(cluster) {
  const wanting = services(cluster).filter(({ type }) => type === 'LoadBalancer');
  const keys = wanting.map(({ namespace, name }) => `${namespace}/${name}`);
  for (const key of Object.keys(cluster.addresses)) if (!keys.includes(key)) delete cluster.addresses[key];
  const isMetallb = metallbReady(cluster);
  if (!isMetallb && (cluster.crds === undefined || !nodesReady(cluster))) return;
  const { ranges, annotations: read, takes } = isMetallb ? metallbPools(cluster) : lbIpam(cluster);
  for (const { namespace, name, annotations, wanted } of wanting) {
    const asked = read.map((annotation) => annotations[annotation]).find((value) => value !== undefined) ?? wanted;
    const key = `${namespace}/${name}`;
    // LB-IPAM takes an address back that is of no pool any more
    if (!isMetallb && isFree(ranges, new Set(), cluster.addresses[key] ?? '') === undefined)
      delete cluster.addresses[key];
    if (cluster.addresses[key] !== undefined && (asked === undefined || asked === cluster.addresses[key])) continue;
    const used = new Set(Object.values(cluster.addresses));
    const address = asked === undefined ? firstFree(ranges, used, takes) : isFree(ranges, used, asked);
    if (address !== undefined) cluster.addresses[key] = address;
  }
}

/** @param {any} cluster @returns {ReturnType<typeof lbIpam>} */
function metallbPools(cluster) {
  const pools = Object.values(cluster.objects).filter(({ kind }) => kind === 'IPAddressPool');
  const ranges = pools.flatMap(({ spec }) => spec.addresses.map(poolRange)).filter((range) => range !== undefined);
  return {
    ranges,
    annotations: ['metallb.universe.tf/loadBalancerIPs', 'metallb.io/loadBalancerIPs'],
    takes: 'lowest',
  };
}

/** `a-b` or a CIDR; undefined if it is neither. @param {string} text @returns {[number, number] | undefined} */
export function poolRange(text) {
  const [first = '', last] = text.split('-').map((part) => part.trim());
  if (last === undefined) return cidrRange(first);
  const [from, to] = [toNumber(first), toNumber(last)];
  return from === undefined || to === undefined ? undefined : [from, to];
}

/** Any of them is the highest here, lest the lowest is counted on. @param {[number, number][]} ranges @param {Set<any>} used @param {'lowest' | 'any'} takes */
function firstFree(ranges, used, takes) {
  const isUp = takes === 'lowest';
  for (const [first, last] of isUp ? ranges : ranges.toReversed()) {
    for (let step = 0; step <= last - first; step += 1) {
      const address = toText(isUp ? first + step : last - step);
      if (!used.has(address)) return address;
    }
  }
  return undefined;
}

/** @param {[number, number][]} ranges @param {Set<any>} used @param {string} asked */
function isFree(ranges, used, asked) {
  const address = toNumber(asked) ?? -1;
  return !used.has(asked) && ranges.some(([first, last]) => first <= address && address <= last) ? asked : undefined;
}

/**
 * Running agents find the remote API servers. What they found stays, even when the other side drops its mesh: the real ones went on
 * reporting `connected` for at least 20 s. A restart of the agents forgets it.
 * @param {any} now @param {string} name
 */
function connect(now, name) {
  const cluster = now.clusters[name];
  const expected = expectedClusters(cluster);
  cluster.connected = cluster.connected.filter((/** @type {string} */ remote) =>
    expected.some((entry) => entry.name === remote),
  );
  // a first connection that is stuck, until the agents are started anew
  if (cluster.deaf === true) return;
  for (const entry of expected) {
    const remote = Object.keys(now.clusters).find((each) => isReachedBy(now, name, each, entry));
    if (remote !== undefined && !cluster.connected.includes(entry.name)) cluster.connected.push(entry.name);
  }
}

/** @param {any} now @param {string} from @param {string} to @param {ReturnType<typeof expectedClusters>[number]} entry */
function isReachedBy(now, from, to, { name, ips, port, tls }) {
  const [local, remote] = [now.clusters[from], now.clusters[to]];
  const network = (/** @type {string} */ cluster) => now.containers[`${cluster}-control-plane`]?.network;
  return (
    remote.live?.cluster?.name === name &&
    answers(now, to) &&
    meshReady(remote) &&
    isAnnouncing(remote) &&
    (ips ?? []).includes(remote.addresses['kube-system/clustermesh-apiserver']) &&
    port === 2379 &&
    network(from) === network(to) &&
    remote.live.cluster.id !== local.live.cluster?.id &&
    (caOf(local) === caOf(remote) || tls !== undefined)
  );
}
