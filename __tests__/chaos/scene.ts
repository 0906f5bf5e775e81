import type { Fault, Tool } from '../stand-ins/lab-bench.ts';

/** What goes wrong in one run of a deploy. */
export interface Scene {
  readonly faults: readonly Fault[];
  /** For `fs-weather.mjs`; empty: nothing happens to files. */
  readonly fs: string;
  /** After that many calls of programs since its start; undefined: nothing. */
  readonly event?: { readonly after: number; readonly what: Happening };
}

/** Sent to the driver, or done to the machine under it. */
export type Happening = 'SIGKILL' | 'SIGTERM' | 'SIGINT' | 'docker-down' | 'docker-restart';

/** Calls that a deploy of two regions makes, as far as their arguments tell them apart. */
const calls: readonly (readonly [Tool, string])[] = [
  ['docker', 'network create'],
  ['docker', 'network inspect'],
  ['docker', 'ps'],
  ['docker', 'info'],
  ['docker', 'pull'],
  ['docker', 'save'],
  ['docker', 'volume'],
  ['docker', 'container inspect'],
  ['docker', 'network disconnect'],
  ['docker', 'network connect'],
  ['kind', 'create cluster --name region-athens'],
  ['kind', 'create cluster --name region-hurup'],
  ['kind', 'load'],
  ['kind', 'delete'],
  ['kind', 'get'],
  ['kind', 'export'],
  ['helm', 'upgrade'],
  ['kubectl', 'apply'],
  ['kubectl', 'get'],
  ['kubectl', 'wait'],
  ['kubectl', 'rollout status'],
  ['kubectl', 'get --raw'],
  ['kubectl', 'exec'],
  ['kubectl', 'delete'],
  ['cilium', 'status'],
  ['cilium', 'clustermesh status'],
  ['cilium', 'clustermesh enable'],
  ['cilium', 'clustermesh connect'],
];

const words = [
  'Error: Kubernetes cluster unreachable: Get "https://127.0.0.1:40001/version": dial tcp 127.0.0.1:40001: connect: connection refused\n',
  'Error from server: etcdserver: leader changed\n',
  'Error response from daemon: write /var/lib/docker/tmp/x: no space left on device\n',
  'Unable to connect to the server: net/http: TLS handshake timeout\n',
  'half a li',
  '',
];

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Changes of files and calls of programs in a deploy of two regions, and some more. */
const CHANGES = 400;
const CALLS = 140;

/** What goes wrong, by a seed. Pure. */
export function sceneOf(random: () => number): Scene {
  const one = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)] as T;
  const below = (most: number): number => Math.floor(random() * most);
  const fault = (): Fault => {
    const [tool, match] = one(calls);
    const base = { tool, match, times: 1 + below(2) };
    const kind = below(4);
    if (kind === 0)
      return { ...base, hangSeconds: one([2, 9]), spawnGrandchild: random() < 0.5, ignoreSigterm: random() < 0.3 };
    if (kind === 1) return { ...base, delayMs: below(1500) };
    return { ...base, exit: one([1, 1, 2, 137]), stdout: one(['', 'half a l']), stderr: one(words) };
  };
  const faults = Array.from({ length: below(4) }, fault);
  const kind = below(6);
  const fs =
    kind === 0 ? `kill:${1 + below(CHANGES)}` : kind === 1 ? `full:${1 + below(CHANGES)}:${1 + below(30)}` : '';
  const happenings: readonly Happening[] = ['SIGKILL', 'SIGKILL', 'SIGTERM', 'SIGINT', 'docker-down', 'docker-restart'];
  const event = { after: below(CALLS), what: one(happenings) };
  return { faults, fs, ...(random() < 0.5 && { event }) };
}
