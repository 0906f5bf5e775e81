import type { MeshStatus } from '../tools/cilium.ts';
import type { LoadBalancer } from '../../lab/lab.ts';
import { PROBE_SERVICE, PROBES } from '../../lab/probes.ts';
import { HEARS_A_NEW_SERVER, UNHEARD } from './patience.ts';
import { NO_ADDRESS, type Trial } from './trials.ts';

/** What else is known of a region whose paths fail. */
export interface Circumstances {
  /** kubeconfig context: `kind-region-athens`. */
  readonly context: string;
  /** Who gives its LoadBalancer addresses. */
  readonly loadBalancer: LoadBalancer;
  /** Nodes without a ready probe, as `region-a-worker (ImagePullBackOff)`. */
  readonly missingProbes: readonly string[];
  /** What its agents know of the mesh; undefined where they do not answer. */
  readonly mesh: MeshStatus | undefined;
  /** Regions that its agents are told to connect to: keys of the Secret cilium-clustermesh; undefined where that is gone. */
  readonly configured: readonly string[] | undefined;
  /** Ready and wanted pods of the ClusterMesh API server, as `0/1`; undefined where it is not there. */
  readonly apiServer: string | undefined;
  /** Seconds since its youngest container was started; undefined where none runs. */
  readonly apiServerAge: number | undefined;
  /** Minor version of its Cilium: 14 of 1.14.2; undefined where that is not known. */
  readonly cilium: number | undefined;
  /** The same of CoreDNS. */
  readonly dns: string | undefined;
  /** Whether the Service of the probes is global, and shared; undefined where it is not there. */
  readonly service: { readonly isGlobal: boolean; readonly isShared: boolean } | undefined;
  /** By node: MTU of its interface on the docker network, where it tells. */
  readonly mtus: ReadonlyMap<string, number>;
  /** Policies that may keep something from the probes, but for the probes' own: `ciliumnetworkpolicy NAMESPACE/NAME`. */
  readonly policies: readonly string[];
}

/** What probably keeps a path from being as it should, and the command by which to look. */
export interface Cause {
  readonly cause: string;
  readonly look: string;
  /** The region whose agents are not connected, and may be once they dial anew. */
  readonly redial?: string;
}

/**
 * The first thing to look at: of all that is known to be wrong, what explains most. Pure.
 * @param trials all of them: what else works narrows it down
 */
export function causeOf(trial: Trial, trials: readonly Trial[], from: Circumstances, to: Circumstances): Cause {
  if (!trial.asked) {
    return {
      cause: `the probe on ${trial.from.node} did not come to its end: ${trial.seen}`,
      look: `kubectl --context ${from.context} -n ${PROBES} describe pod ${trial.from.pod}`,
    };
  }
  const pair = trials.filter((other) => other.from.region === trial.from.region && other.to === trial.to);
  return (
    (trial.isOpen ? closed(trial, pair, from, to) : open(trial, from, to)) ?? {
      cause: 'nothing that is known explains it',
      look: `kubectl --context ${from.context} -n kube-system exec ds/cilium -- cilium monitor --type drop`,
    }
  );
}

/** What got through, though it was not to. */
function open(trial: Trial, from: Circumstances, to: Circumstances): Cause | undefined {
  if (trial.path === 'policy') {
    return {
      cause: `the policy of ${PROBES} in ${trial.to} does not hold for clients of ${trial.from.region}`,
      look: `kubectl --context ${to.context} -n ${PROBES} get ciliumnetworkpolicy -o yaml`,
    };
  }
  if ((from.mesh?.connected[trial.to] ?? 0) === 0) return undefined;
  return {
    cause: `topology: the agents of ${trial.from.region} are connected to ${trial.to}, which lab.yaml does not connect`,
    look: `cilium clustermesh status --context ${from.context}`,
  };
}

/** What was to be answered, and was not. */
function closed(trial: Trial, pair: readonly Trial[], from: Circumstances, to: Circumstances): Cause | undefined {
  const own = pair.filter((other) => other.from.pod === trial.from.pod);
  const works = (path: Trial['path']): boolean => own.some((other) => other.path === path && other.ok);
  const [here, there] = [trial.from.region, trial.to];
  const isRemote = here !== there;
  const asksService = isRemote && (trial.path === 'service' || trial.path === 'name');
  if (trial.seen === NO_ADDRESS && trial.path === 'service') return withoutService(here, from);
  if (trial.path === 'name' && works('service')) return nameCause(here, from, trial.seen);
  // a Service has no way of its own: it fails where the pods behind it do
  const way = trial.toProbe === undefined ? (own.find((other) => other.path === 'pod' && !other.ok) ?? trial) : trial;
  const mtu = mtuCause(way, from, to);
  if (mtu !== undefined) return mtu;
  if (trial.path === 'mtu' && own.some((other) => other.path === 'pod' && other.ok && sameWay(other, trial))) {
    return {
      cause: `MTU: small packets get from ${trial.from.node} to ${trial.toProbe?.node ?? there}, full-size ones do not`,
      look: `docker exec ${trial.from.node} ip link; docker exec ${trial.toProbe?.node ?? ''} ip link`,
    };
  }
  if (trial.path === 'balancer') return balancerCause(there, to, trial.seen === NO_ADDRESS);
  return (
    (isRemote ? linkCause([here, from], [there, to]) : undefined) ??
    (asksService ? serviceCause(trial, from, to) : undefined) ??
    backendCause(there, to) ??
    (asksService && way === trial ? unheardCause(here, from, there, to) : undefined) ??
    policyCause(here, from) ??
    (isRemote ? policyCause(there, to) : undefined) ??
    wayCause(way, pair)
  );
}

/** An interface that takes less than those of the other nodes. */
function mtuCause({ from: probe, toProbe }: Trial, from: Circumstances, to: Circumstances): Cause | undefined {
  const mtus = new Map([...from.mtus, ...to.mtus]);
  const most = Math.max(...mtus.values());
  for (const node of [probe.node, toProbe?.node]) {
    const mtu = node === undefined ? undefined : mtus.get(node);
    if (node === undefined || mtu === undefined || mtu === most) continue;
    return {
      cause: `MTU: eth0 of ${node} has ${mtu}, other nodes ${most}`,
      look: `docker exec ${node} ip link show eth0`,
    };
  }
  return undefined;
}

const sameWay = (one: Trial, other: Trial): boolean =>
  one.from.pod === other.from.pod && one.toProbe?.pod === other.toProbe?.pod;

function nameCause(here: string, { dns, context }: Circumstances, seen: string): Cause {
  const state = dns === undefined ? 'is not there' : `has ${dns} pods ready`;
  const look = `kubectl --context ${context} -n kube-system get deployment,pods -l k8s-app=kube-dns`;
  const what = dns !== undefined && isWhole(dns) ? `${seen}, though CoreDNS of ${here}` : `CoreDNS of ${here}`;
  return { cause: `DNS: ${what} ${state}`, look };
}

/** By who gives the addresses: the pools, and who answers for them, as kubectl names them. */
const announced: Readonly<Record<LoadBalancer, string>> = {
  metallb: 'l2advertisements,ipaddresspools -A',
  cilium: 'ciliumloadbalancerippools,ciliuml2announcementpolicies',
};

function withoutService(here: string, { context }: Circumstances): Cause {
  return {
    cause: `service not there: ${PROBES}/${PROBE_SERVICE} of ${here} has no cluster address`,
    look: `kubectl --context ${context} -n ${PROBES} get service ${PROBE_SERVICE} -o yaml`,
  };
}

function balancerCause(there: string, { apiServer, context, loadBalancer }: Circumstances, isWithout: boolean): Cause {
  const look = `kubectl --context ${context} -n kube-system get deployment,service clustermesh-apiserver`;
  if (apiServer !== undefined && isWhole(apiServer)) {
    return {
      cause: isWithout
        ? `the ClusterMesh API server of ${there} has no LoadBalancer address`
        : `the LoadBalancer address of ${there} is not answered for on the docker network`,
      look: `kubectl --context ${context} get ${announced[loadBalancer]}`,
    };
  }
  return { cause: serverState(there, apiServer), look };
}

const serverState = (region: string, pods: string | undefined): string =>
  `link down: the ClusterMesh API server of ${region} ${pods === undefined ? 'is not there' : `has ${pods} pods ready`}`;

/** A link has two ends, and an answer needs both: what the one does not know of the other it does not let in. */
function linkCause(
  ...ends: readonly [readonly [string, Circumstances], readonly [string, Circumstances]]
): Cause | undefined {
  const [[here, from], [there, to]] = ends;
  for (const [one, { configured, context }, other] of [
    [here, from, there],
    [there, to, here],
  ] as const) {
    if (configured?.includes(other) === true) continue;
    const what = configured === undefined ? 'is gone' : `has no entry for ${other}`;
    return {
      cause: `link down: the Secret kube-system/cilium-clustermesh of ${one} ${what}, so its agents do not connect`,
      look: `helm --kube-context ${context} -n kube-system get values cilium; npm run deploy puts it right`,
    };
  }
  for (const [one, { apiServer, context }] of [
    [there, to],
    [here, from],
  ] as const) {
    if (apiServer !== undefined && isWhole(apiServer)) continue;
    const look = `kubectl --context ${context} -n kube-system get deployment,pods -l k8s-app=clustermesh-apiserver`;
    return { cause: serverState(one, apiServer), look };
  }
  for (const [one, { mesh, context }, other] of [
    [here, from, there],
    [there, to, here],
  ] as const) {
    const connected = mesh?.connected[other] ?? 0;
    if (mesh !== undefined && mesh.total > 0 && connected >= mesh.total) continue;
    const state = mesh === undefined ? 'do not answer' : `are connected to ${other} ${connected}/${mesh.total}`;
    return {
      cause: `agent not connected: those of ${one} ${state}`,
      look: `cilium clustermesh status --context ${context}`,
      ...(mesh !== undefined && { redial: one }),
    };
  }
  return undefined;
}

function serviceCause({ to, from: { region } }: Trial, from: Circumstances, remote: Circumstances): Cause | undefined {
  for (const [where, { service, context }, needsShare] of [
    [region, from, false],
    [to, remote, true],
  ] as const) {
    const what =
      service === undefined
        ? 'is not there'
        : !service.isGlobal
          ? 'is not global'
          : needsShare && !service.isShared
            ? 'is not shared'
            : undefined;
    if (what === undefined) continue;
    return {
      cause: `service not global there: ${PROBES}/${PROBE_SERVICE} of ${where} ${what}`,
      look: `kubectl --context ${context} -n ${PROBES} get service ${PROBE_SERVICE} -o yaml`,
    };
  }
  return undefined;
}

/** What a new ClusterMesh API server says, older agents do not hear. */
function unheardCause(here: string, from: Circumstances, there: string, to: Circumstances): Cause | undefined {
  if (from.cilium === undefined || from.cilium >= HEARS_A_NEW_SERVER || (to.apiServerAge ?? UNHEARD) >= UNHEARD)
    return undefined;
  const age = Math.round(to.apiServerAge ?? 0);
  return {
    cause: `the ClusterMesh API server of ${there} was started ${age} s ago, and agents of Cilium before 1.${HEARS_A_NEW_SERVER}, as those of ${here}, hear nothing of a new one for three to four minutes`,
    look: `kubectl --context ${from.context} -n kube-system exec ds/cilium -c cilium-agent -- cilium status --verbose | grep -A 4 ClusterMesh`,
  };
}

function backendCause(there: string, { missingProbes, context }: Circumstances): Cause | undefined {
  if (missingProbes.length === 0) return undefined;
  const look = `kubectl --context ${context} -n ${PROBES} get pods -o wide`;
  return { cause: `no backends: in ${there} no probe is ready on ${missingProbes.join(', ')}`, look };
}

function policyCause(where: string, { policies, context }: Circumstances): Cause | undefined {
  const [first, ...more] = policies;
  if (first === undefined) return undefined;
  const [kind = '', name = ''] = first.split(' ');
  const [namespace, own] = name.includes('/') ? name.split('/') : [undefined, name];
  const others = more.length === 0 ? '' : `, or ${more.length} more`;
  const place = namespace === undefined ? '' : ` -n ${namespace}`;
  return {
    cause: `policy: ${first} in ${where}${others}`,
    look: `kubectl --context ${context}${place} get ${kind} ${own} -o yaml`,
  };
}

/** One node does not reach another one, and others do. */
function wayCause(trial: Trial, pair: readonly Trial[]): Cause | undefined {
  const { from, toProbe } = trial;
  if (toProbe === undefined) return undefined;
  const between = `from ${from.node} to ${toProbe.node}`;
  const isAlone = pair.some((other) => other.path === trial.path && other.ok);
  const which = isAlone ? `the way ${between} alone is broken` : `no way ${between}`;
  return {
    cause: `${which}, though the link stands: VXLAN (UDP 8472) between these nodes`,
    look: `docker exec ${from.node} iptables -S; docker exec ${toProbe.node} iptables -S`,
  };
}

/** `2/2`, and not `0/0` */
function isWhole(pods: string): boolean {
  const [ready, wanted] = pods.split('/');
  return ready === wanted && wanted !== '0';
}
