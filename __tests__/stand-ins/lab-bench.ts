import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

export type Tool = 'docker' | 'kind' | 'helm' | 'kubectl' | 'cilium';

/** The simulated machine; what is left out is an engine 28 with the classic image store, nothing on it, and the article's versions. */
interface Machine {
  readonly docker?: {
    /** Networks of others that are there already. */
    readonly networks?: readonly {
      name: string;
      subnet: string;
      gateway?: string;
      labels?: Readonly<Record<string, string>>;
    }[];
    /** Images that are pulled already. */
    readonly images?: readonly string[];
    readonly containerdImageStore?: boolean;
    readonly serverVersion?: string;
    readonly running?: boolean;
    readonly cgroupVersion?: '1' | '2';
    readonly securityOptions?: readonly string[];
    /** Of the network `bridge`, in bytes. */
    readonly mtu?: number;
    /** Bytes. @default 16 GB */
    readonly memory?: number;
    /** What the kernel was built with, as a container reads it. @default it does not tell */
    readonly kernelConfig?: string;
    /** What a container that tries it finds missing; netem, a node. */
    readonly kernelLacks?: readonly ('wireguard' | 'esp' | 'netem')[];
    /** Port of this machine on which all caches answer. @default they answer nowhere */
    readonly cachePort?: number;
    /** What caches are to ask does not answer: a registry of CNCF distribution ends. */
    readonly registryDown?: boolean;
  };
  /** Images that `docker pull` finds. @default the article's node image, Cilium's and the probe's */
  readonly registry?: readonly string[];
  readonly versions?: Partial<Record<'kind' | 'helm' | 'kubectl' | 'cilium', string>>;
}

/** What is to go wrong with a call; the first that fits and has times left is used. */
export interface Fault {
  readonly tool: Tool;
  /** Part of the arguments, joined by blanks; ` … ` stands for anything between two parts. */
  readonly match: string;
  /** How many calls are hit. */
  readonly times: number;
  /** Without `hangSeconds`: fail with this code at once and change nothing. */
  readonly exit?: number;
  readonly stdout?: string;
  readonly stderr?: string;
  /** Stop for so long when half of the state is changed, as for a SIGKILL at the worst moment. */
  readonly hangSeconds?: number;
  /** Wait so long half way, then go on. */
  readonly delayMs?: number;
  /**
   * Another point than half way. `kind create cluster` has `image` (no cluster of that name was found), `made` (containers that are not started and on no network yet), `nodes` (containers, no API server), `init` (kubeadm has run, its taint
   * is still there), `half` (the workers have not joined) and `kubeconfig` (all is up, the kubeconfig's lock is held); `clustermesh connect` has `pending` (the first release
   * is pending-upgrade) and `half` (the first is upgraded, the second not). @default 'half'
   */
  readonly stage?: 'half' | 'image' | 'made' | 'nodes' | 'init' | 'kubeconfig' | 'pending';
  /** Hang with a child process of the same process group that holds the streams. */
  readonly spawnGrandchild?: boolean;
  /** While it hangs only SIGKILL ends it. */
  readonly ignoreSigterm?: boolean;
}

/** One run of a stand-in. */
export interface Call {
  readonly tool: Tool;
  readonly args: readonly string[];
  /** KUBECONFIG and KIND_EXPERIMENTAL_DOCKER_NETWORK, where they were set. */
  readonly env: Readonly<Record<string, string>>;
  readonly pid: number;
  /** Milliseconds since the epoch. */
  readonly started: number;
  /** Undefined: it still runs, or was killed. */
  readonly ended: number | undefined;
  readonly exit: number | undefined;
  /** Pid of the child process that a fault started. */
  readonly grandchild: number | undefined;
}

export interface BenchOptions {
  readonly machine?: Machine;
  readonly faults?: readonly Fault[];
  /** Real seconds a simulated second takes. @default 0 */
  readonly speed?: number;
  /** How often MetalLB's webhook is not up yet, per cluster. @default 2 */
  readonly webhookFailures?: number;
}

/** A folder to work in and a machine on which nothing is real. */
export interface Bench {
  /** Empty folder for lab.yaml, dist/ and .lab/. */
  readonly lab: string;
  /** Folder of what is downloaded. */
  readonly cache: string;
  /** A file that passes for Cilium's chart: `cilium-1.14.2.tgz`. */
  readonly chart: string;
  /** Environment of the program under test: the stand-ins come first on PATH, then node and the system's own tools. */
  readonly env: Readonly<Record<string, string>>;
  /** Folder of the stand-ins that need nothing but node on the PATH. */
  readonly programs: string;
  /** The stand-in, as it lies on the PATH. */
  program(tool: Tool): string;
  setFaults(faults: readonly Fault[]): void;
  setMachine(machine: Machine): void;
  /** All calls so far, in the order in which they started. */
  calls(): Call[];
  /** The simulated world: networks, containers, clusters. */
  state(): World;
  /** Changes the world behind the lab's back, while no stand-in runs. */
  edit(change: (world: World) => World): void;
  dispose(): void;
}

/** As much of the simulated world as tests look at. */
export interface World {
  readonly networks: Readonly<
    Record<string, { id: string; labels: Record<string, string>; config: { Subnet: string }[] }>
  >;
  readonly images: Readonly<Record<string, object>>;
  /** Named volumes, with their labels. */
  readonly volumes: Readonly<Record<string, { labels: Record<string, string> }>>;
  readonly containers: Readonly<
    Record<
      string,
      {
        ip: string;
        running: boolean;
        paused?: boolean;
        network: string;
        image: string;
        images: string[];
        labels: Record<string, string>;
        /** Networks that it was connected to beside its own. */
        readonly also?: readonly string[];
        /** Since when it runs, as `docker ps` says it. @default what it does say */
        readonly status?: string;
        /** Files that were put into it. */
        readonly files?: Readonly<Record<string, string>>;
        /** When they were written, in seconds since the epoch. @default now */
        readonly times?: Readonly<Record<string, number>>;
        /** Variables that came from where docker was called. */
        readonly env?: Readonly<Record<string, string>>;
        /** Rules of iptables that drop what goes to these addresses. */
        readonly rules?: readonly string[];
        /** What `tc` has put at the root of its interface. */
        root?: {
          handle: string;
          classes: Record<string, { rate: number; netem?: string }>;
          filters: { to: string; flow: string }[];
        };
      }
    >
  >;
  readonly clusters: Readonly<Record<string, Cluster>>;
  /** What takes packets between two nodes away: all of them, or those that are large. */
  readonly drops?: readonly { from: string; to: string; large?: true }[];
}

export interface Cluster {
  readonly nodes: readonly { name: string; role: string }[];
  /** The control plane has kubeadm's taint: kind takes it away where there is no other node. */
  readonly tainted: boolean;
  /** kind has installed its StorageClass. */
  readonly storageClass: boolean;
  readonly namespaces: Readonly<Record<string, string>>;
  /** By `Kind/namespace/name`. */
  readonly objects: Readonly<Record<string, { readonly spec?: Readonly<Record<string, unknown>> }>>;
  /** Addresses that MetalLB gave, by `namespace/name` of the Service. */
  readonly addresses: Readonly<Record<string, string>>;
  /** Workloads of kube-system whose pods do not come up: their pods' status, and why a volume is not mounted. */
  readonly troubles?: readonly {
    /** `Deployment/hubble-relay` */
    readonly workload: string;
    readonly status: Readonly<Record<string, unknown>>;
    readonly event?: string;
  }[];
  /** Objects that somebody deleted by hand, as `DaemonSet/cilium`; Helm makes them again. */
  readonly gone?: readonly string[];
  /** Deployments that somebody scaled to zero, as `Deployment/hubble-ui`. */
  readonly scaled?: readonly string[];
  /** Services whose address no agent answers for, since all have missed it, as `kube-system/hubble-ui`; until the policy changes. */
  readonly unheard?: readonly string[];
  /** How many looks at the cluster it takes until what was starting is ready. */
  readonly looks?: Readonly<Record<string, number>>;
  /** Agents that restart leave nothing in the kernel: packets are lost meanwhile. */
  readonly forgets?: true;
  /** The pre-flight check of a chart is installed. */
  readonly preflight?: true;
  /** Its agents connect to nobody, until they are started anew. */
  readonly deaf?: true;
  /** `cluster.name` of the remote clusters that the agents are connected to. */
  readonly connected: readonly string[];
  /** Values that the cluster's objects were last made of. */
  readonly live?: Record<string, unknown>;
  readonly releases: readonly { revision: number; status: string; version: string; config: Record<string, unknown> }[];
}

export const nodeImage = 'kindest/node:v1.27.3@sha256:3966ac761ae0136263ffdb6cfd4db23ef8a83cba8a463690e98317add2c9ba72';
/** What kind puts before several control planes. */
const balancer = 'kindest/haproxy:v20230606-42a2262b';
export const ciliumImage = 'quay.io/cilium/cilium:v1.14.2';
/** As it is pulled. */
export const ciliumByDigest = `${ciliumImage}@sha256:6263f3a3d5d63b267b538298dbeb5ae87da3efacf09a2c620446c873ba807d35`;

const probeImage = 'quay.io/cilium/json-mock:v1.4.1';
/** As it is pulled. */
export const probeByDigest = `${probeImage}@sha256:6a66df90808a39c02e7a9d58af7bf0e54d8f8b7d4bc528f48c891969a7049195`;

/** Makes a bench in a new temporary folder; `dispose` removes it. */
export function createBench({ machine = {}, faults = [], speed = 0, webhookFailures = 2 }: BenchOptions = {}): Bench {
  // set by the tests' global setup, which removes the folder at the end; without it each call starts Node.js
  const quick = process.env.STAND_IN_QUICK;
  const root = realpathSync(mkdtempSync(join(quick ?? tmpdir(), 'lab-bench-')));
  const [state = '', lab = '', home = '', cache = ''] = ['state', 'lab', 'home', 'cache'].map((name) =>
    join(root, name),
  );
  for (const folder of [state, lab, home, cache]) mkdirSync(folder);
  const chart = join(root, 'cilium-1.14.2.tgz');
  writeFileSync(chart, gzipSync('a chart'));
  const bin = join(dirname(fileURLToPath(import.meta.url)), 'bin');
  const write = (file: string, value: unknown): void => {
    // whoever reads it meanwhile finds the old one or the new one
    const fresh = join(state, `.${file}`);
    writeFileSync(fresh, JSON.stringify(value));
    renameSync(fresh, join(state, file));
  };
  const read = <T>(file: string, otherwise: T): T =>
    existsSync(join(state, file)) ? (JSON.parse(readFileSync(join(state, file), 'utf8')) as T) : otherwise;
  const bench: Bench = {
    lab,
    cache,
    chart,
    programs: bin,
    env: {
      PATH: [
        ...(quick === undefined ? [] : [join(quick, 'bin')]),
        bin,
        dirname(process.execPath),
        '/usr/bin',
        '/bin',
      ].join(delimiter),
      ...(quick !== undefined && { STAND_IN_SERVER: join(quick, 'socket'), STAND_IN_PROGRAMS: bin }),
      HOME: home,
      // the routes of the machine that the tests run on are none of the simulated machine's
      CLUSTERMESH_LAB_ROUTES: '/dev/null',
      CLUSTERMESH_LAB_CACHE: cache,
      STAND_IN_STATE: state,
      STAND_IN_SPEED: String(speed),
      STAND_IN_WEBHOOK_FAILURES: String(webhookFailures),
    },
    program: (tool) => join(quick === undefined ? bin : join(quick, 'bin'), tool),
    setFaults: (given) => {
      write('faults.json', given);
    },
    setMachine: (given) => {
      write('machine.json', { registry: [nodeImage, balancer, ciliumByDigest, probeByDigest], ...given });
    },
    calls: () => readCalls(join(state, 'calls.jsonl')),
    state: () => {
      const empty: World = { networks: {}, images: {}, volumes: {}, containers: {}, clusters: {} };
      const volumes = read<World['volumes']>('volumes.json', {});
      return { ...read('world.json', empty), volumes };
    },
    edit: (change) => {
      const { volumes, ...world } = change(bench.state());
      // what nothing has happened to yet is made of machine.json
      if (existsSync(join(state, 'world.json'))) write('world.json', world);
      write('volumes.json', volumes);
    },
    dispose: () => {
      rmSync(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
  bench.setMachine(machine);
  bench.setFaults(faults);
  appendFileSync(join(state, 'calls.jsonl'), '');
  return bench;
}

type Entry =
  | { time: number; tool: Tool; args: string[]; env: Record<string, string>; pid: number }
  | { pid: number; exit: number; end: true; time: number }
  | { pid: number; grandchild: number };

function readCalls(file: string): Call[] {
  const entries = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Entry);
  return entries.flatMap((entry, index) => {
    if (!('tool' in entry)) return [];
    const { time, ...call } = entry;
    // a pid may come again: what belongs to this call stands before the next call with the same pid
    const rest = entries.slice(index + 1);
    const next = rest.findIndex((other) => 'tool' in other && other.pid === entry.pid);
    const mine = (next < 0 ? rest : rest.slice(0, next)).filter(({ pid }) => pid === entry.pid);
    const end = mine.find((other) => 'end' in other);
    const child = mine.find((other) => 'grandchild' in other);
    return [{ ...call, started: time, ended: end?.time, exit: end?.exit, grandchild: child?.grandchild }];
  });
}
