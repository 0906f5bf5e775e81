import fc from 'fast-check';
import type { Fault, Tool } from '../stand-ins/lab-bench.ts';

/** What goes wrong in one run of a deploy. */
export interface Scene {
  readonly faults: readonly Fault[];
  /** For `fs-weather.mjs`; empty: nothing happens to files. */
  readonly fs: string;
  /** After that many calls of programs since its start; undefined: nothing. */
  readonly event: { readonly after: number; readonly what: Happening } | undefined;
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

/** Changes of files and calls of programs in a deploy of two regions, and some more. */
const CHANGES = 400;
const CALLS = 140;

const fault: fc.Arbitrary<Fault> = fc
  .record({
    where: fc.constantFrom(...calls),
    times: fc.constantFrom(1, 2),
    what: fc.oneof(
      fc.record({ hangSeconds: fc.constantFrom(2, 9), spawnGrandchild: fc.boolean(), ignoreSigterm: fc.boolean() }),
      fc.record({ delayMs: fc.nat(1500) }),
      {
        weight: 2,
        arbitrary: fc.record({
          exit: fc.constantFrom(1, 1, 2, 137),
          stdout: fc.constantFrom('', 'half a l'),
          stderr: fc.constantFrom(...words),
        }),
      },
    ),
  })
  .map(({ where: [tool, match], times, what }) => ({ tool, match, times, ...what }));

const change = fc.integer({ min: 1, max: CHANGES });

const scene: fc.Arbitrary<Scene> = fc.record({
  faults: fc.array(fault, { maxLength: 3 }),
  fs: fc.oneof(
    { weight: 4, arbitrary: fc.constant('') },
    change.map((at) => `kill:${at}`),
    fc.tuple(change, fc.integer({ min: 1, max: 30 })).map(([at, count]) => `full:${at}:${count}`),
  ),
  event: fc.option(
    fc.record({
      after: fc.nat(CALLS),
      what: fc.constantFrom<Happening[]>('SIGKILL', 'SIGKILL', 'SIGTERM', 'SIGINT', 'docker-down', 'docker-restart'),
    }),
    { nil: undefined, freq: 1 },
  ),
});

/** What goes wrong in so many runs, by a seed; more of them begin with the same. */
export const scenesOf = (seed: number, count: number): Scene[] => fc.sample(fc.noBias(scene), { seed, numRuns: count });
