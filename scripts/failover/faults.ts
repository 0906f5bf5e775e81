import type { FaultName } from '../../lab/failover.ts';
import type { Undoing } from '../files/left-fault.ts';
import type { Command } from '../tools/command.ts';
import { execIn, pauseContainers, unpauseContainers } from '../tools/docker.ts';
import { meshStatus } from '../tools/cilium.ts';
import { remake, rollback } from '../tools/helm.ts';
import { deletePods, restart, rolloutStatus, scale } from '../tools/kubectl.ts';
import type { KubeTarget } from '../tools/kubectl.ts';

/** A region as a fault sees it. */
export interface Place {
  readonly name: string;
  readonly target: KubeTarget;
  /** Names of the containers that are its nodes. */
  readonly nodes: readonly string[];
  /** Of its nodes on the docker network, and of its Services with type LoadBalancer. */
  readonly addresses: readonly string[];
  /** Of the servers of the scenario. */
  readonly replicas: number;
  /** A node with servers on it: a worker, where one has some. */
  readonly serverNode: string;
  /** The release of Cilium there. */
  readonly release: { readonly revision: number; readonly chart: string; readonly version: string };
}

/** Where it is brought about. */
export interface Where {
  readonly at: Place;
  /** Another region, which `at` is connected to. */
  readonly other: Place;
}

/** Something that fails, as data: what is done, and how that is undone. */
export interface Fault {
  /** What it is, for people: `all servers of region-athens are scaled to zero`. */
  title(where: Where): string;
  /** Seconds for which it stays, where nobody says otherwise: long enough to see what ClusterMesh makes of it. */
  readonly seconds: number;
  /** Seconds after the repair. */
  readonly after: number;
  /** What is to be expected, with the default settings of both stacks. */
  readonly expect: string;
  /** Commands one after the other. */
  bring(where: Where): readonly Command[];
  /** Undoes it, also where it was half brought about, and also after a stop: a few seconds. Nothing where it heals by itself. */
  undo(where: Where): readonly Undoing[];
}

const undoing = ({ name }: Place, commands: readonly Command[]): Undoing[] =>
  commands.map((command) => ({ region: name, command }));

/** Each for itself: of those of one command, the engine's word on one would be taken for its word on all. */
const unfreezing = (place: Place, nodes: readonly string[]): Undoing[] =>
  undoing(
    place,
    nodes.map((node) => unpauseContainers([node])),
  );

/** The scenario whose servers are asked. */
export const SCENARIO = 'high-availability';

const SYSTEM = 'kube-system';

/** Seconds for Kubernetes to bring something back. */
const BACK = 240;

/**
 * Waits until servers, agents and links are back, after the measurement: the next one begins with a mesh that is whole. A rollback of
 * Helm does not wait for the agents that it makes anew.
 */
export const untilWhole = ({ at, other }: Where): readonly Command[] => [
  rolloutStatus(at.target, SCENARIO, 'deployment/server', BACK),
  rolloutStatus(at.target, SYSTEM, 'daemonset/cilium', BACK),
  meshStatus(at.target, BACK),
  meshStatus(other.target, BACK),
];

export const faults: Readonly<Record<FaultName, Fault>> = {
  backends: {
    title: ({ at }) => `all servers of ${at.name} are scaled to zero`,
    seconds: 15,
    after: 20,
    expect: 'few requests are lost, where the others learn of it later than the servers take to end: seconds',
    bring: ({ at }) => [scale(at.target, SCENARIO, 'deployment/server', 0)],
    undo: ({ at }) => undoing(at, [scale(at.target, SCENARIO, 'deployment/server', at.replicas)]),
  },
  pods: {
    title: ({ at }) => `all servers of ${at.name} are killed`,
    seconds: 15,
    after: 15,
    expect: 'requests to them fail until the endpoints are known to be gone: seconds',
    bring: ({ at }) => [deletePods(at.target, SCENARIO, 'app=server')],
    undo: () => [],
  },
  node: {
    title: ({ at }) => `the node ${at.serverNode} is frozen`,
    seconds: 75,
    after: 30,
    expect:
      'its share of the requests fails until Kubernetes gives it up: node-monitor-grace-period, 40 to 50 s; from other regions for longer, where the ClusterMesh API server was on it',
    bring: ({ at }) => [pauseContainers([at.serverNode])],
    undo: ({ at }) => unfreezing(at, [at.serverNode]),
  },
  region: {
    title: ({ at }) => `all nodes of ${at.name} are frozen`,
    seconds: 30,
    after: 30,
    expect: 'it does not heal: the other regions keep its servers as long as nobody tells them otherwise',
    bring: ({ at }) => [pauseContainers(at.nodes)],
    undo: ({ at }) => unfreezing(at, at.nodes),
  },
  cut: {
    title: ({ at, other }) => `nothing gets from ${at.name} to ${other.name}, nor back`,
    seconds: 30,
    after: 30,
    expect: 'it does not heal: both keep the servers of the other, and requests to those time out',
    bring: ({ at, other }) => [...dropping('-I', at, other), ...dropping('-I', other, at)],
    undo: ({ at, other }) => [...undoing(at, dropping('-D', at, other)), ...undoing(other, dropping('-D', other, at))],
  },
  'cut-one-way': {
    title: ({ at, other }) => `nothing gets from ${at.name} to ${other.name}; back it does`,
    seconds: 30,
    after: 30,
    expect: 'as cut, for clients of both: requests of the one, and answers to the other, are lost',
    bring: ({ at, other }) => dropping('-I', at, other),
    undo: ({ at, other }) => undoing(at, dropping('-D', at, other)),
  },
  'mesh-server': {
    title: ({ at }) => `the ClusterMesh API server of ${at.name} is killed`,
    seconds: 20,
    after: 15,
    expect:
      'no request is lost: the agents keep what they know; those of Cilium before 1.16 hear nothing of the new one for three to four minutes',
    bring: ({ at }) => [deletePods(at.target, SYSTEM, 'k8s-app=clustermesh-apiserver')],
    undo: () => [],
  },
  agents: {
    title: ({ at }) => `the agents of ${at.name} are restarted`,
    seconds: 5,
    after: 10,
    expect: 'no request is lost: the datapath goes on without its agent',
    bring: ({ at }) => [
      restart(at.target, SYSTEM, 'daemonset/cilium'),
      rolloutStatus(at.target, SYSTEM, 'daemonset/cilium', BACK),
    ],
    undo: () => [],
  },
  upgrade: {
    title: ({ at }) => `Cilium of ${at.name} is upgraded: every pod of its agents is made anew`,
    seconds: 5,
    after: 10,
    expect: 'no request is lost, or few: the datapath goes on without its agent',
    bring: ({ at }) => [remake(at.target, at.release), rolloutStatus(at.target, SYSTEM, 'daemonset/cilium', BACK)],
    undo: ({ at }) => undoing(at, [rollback(at.target, at.release.revision)]),
  },
};

/** Says of a rule of iptables whose it is. */
const MARK = 'clustermesh-lab-failover';

/**
 * What leaves the nodes of the one for the other is dropped there, after Cilium has made packets of it: VXLAN to nodes, and what
 * goes to LoadBalancer addresses. With `cilium.values` that route in eBPF alone (`bpf.masquerade`) it is not seen there.
 */
function dropping(change: '-I' | '-D', from: Place, to: Place): Command[] {
  const rule = ['-d', to.addresses.join(','), '-m', 'comment', '--comment', MARK, '-j', 'DROP'];
  return from.nodes.map((node) => execIn(node, 'iptables', '--wait', '-t', 'mangle', change, 'POSTROUTING', ...rule));
}
