import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadLab } from '../../../lab/load.ts';
import type { FailoverEvent, Marks } from '../../../scripts/events/failover-event.ts';
import type { RegionStatus } from '../../../scripts/events/status-event.ts';
import type { Request } from '../../../scripts/failover/requests.ts';
import { runOf } from '../../../scripts/failover/try-fault.ts';
import type { RecordedEvent } from '../../../scripts/files/run-record.ts';
import type { Report } from '../../../scripts/report/report.ts';

const project = fileURLToPath(new URL('../../..', import.meta.url));

/** Three regions of one node each. */
export const lab = loadLab(join(project, 'examples', 'three-regions', 'lab.yaml'), undefined);

const names = lab.regions.map(({ name }) => name);
const [athens = '', hurup = '', kyoto = ''] = names;

/** 2026-11-30 12:00 UTC */
const NOON = Date.UTC(2026, 10, 30, 12);

const marks: Marks = {
  from: NOON,
  fault: { begin: NOON + 20_000, end: NOON + 20_400 },
  repair: { begin: NOON + 35_400, end: NOON + 35_700 },
  until: NOON + 50_700,
};

/** Any number from 0 to 1, the same for the same seed. */
const noise = (seed: number): number => {
  const value = Math.sin(seed * 12.9898) * 43_758.5453;
  return value - Math.floor(value);
};

/** A request each 20 ms; for two seconds of the fault a third of them times out, then nobody asks that region until the repair. */
const requests = (seed: number): Request[] =>
  Array.from({ length: 2535 }, (_, k): Request => {
    const due = k * 20;
    const isFault = due >= 20_000 && due < 35_400;
    const region = names[Math.floor(noise(k + seed) * 3)] ?? athens;
    const sent = due + noise(k + seed + 1);
    if (isFault && region === hurup && due < 22_000)
      return { due, sent, done: due + 1000, outcome: k % 5 === 0 ? 'refused' : 'timeout' };
    const by = isFault && region === hurup ? kyoto : region;
    const done = sent + 1.5 + 6 * noise(k + seed + 2) ** 6 + (noise(k + seed + 3) > 0.99 ? 40 : 0);
    return { due, sent, done, outcome: 'ok', region: by, pod: 'server-1' };
  });

const clients = [...names, `this machine → ${athens}`];

const shifted = (request: Request): Request => ({
  ...request,
  due: request.due + NOON,
  sent: request.sent + NOON,
  done: request.done + NOON,
});

export const backends: FailoverEvent = {
  ...{ event: 'failover', lab: lab.name, fault: 'backends', series: 'backends' },
  title: `all servers of ${hurup} are scaled to zero`,
  expect: 'a loss of seconds at a part of the requests',
  ...{ resolution: 20, timeout: 1000, keepalive: false },
  runs: [1, 2, 3].map((run) => ({
    paths: 'open',
    ...runOf(
      {
        ...{ marks, began: NOON - 1000, read: marks.until },
        series: clients.map((client, index) => ({
          client,
          isWhole: true,
          requests: requests(run * 10_000 + index).map(shifted),
        })),
      },
      { every: 20, timeout: 1000, settled: 9 },
    ),
  })),
  limits: { maxFailed: 0 },
  broken: [{ run: 2, client: athens, what: '1 % of the requests failed, more than 0 %' }],
};

const status = (region: string): RegionStatus => ({
  ...{ region, ok: true, state: 'up', nodesReady: 1, nodes: 1, cilium: lab.stack.versions.cilium },
  ...{ hubbleUi: '172.19.255.1', meshApiServer: '172.19.255.2' },
  links: Object.fromEntries(names.filter((name) => name !== region).map((name) => [name, '1/1'])),
});

/** A deploy whose Cilium fails in one region, and what its programs said. */
export const failedDeploy: readonly RecordedEvent[] = [
  { time: NOON - 400_000, event: 'command', command: 'npm run deploy' },
  { time: NOON - 399_000, event: 'started', lab: lab.name, regions: names, stack: 'article' },
  {
    ...{ time: NOON - 399_000, event: 'planned' },
    steps: [{ step: 'network', action: 'skip', reason: 'it is there' }],
  },
  ...names.flatMap((region, index): RecordedEvent[] => [
    { time: NOON, event: 'step-started', at: index, step: 'cluster', region, reason: 'not there' },
    { time: NOON, event: 'step-done', at: 30 + index * 4, step: 'cluster', region, seconds: 30 + index * 3 },
    { time: NOON, event: 'log', step: 'cluster', region, text: `$ kind create cluster --name ${region}\n# exit 0\n` },
    { time: NOON, event: 'step-started', at: 31 + index * 4, step: 'cilium', region, reason: 'not installed' },
  ]),
  {
    ...{ time: NOON, event: 'step-failed', at: 60, step: 'cilium', region: hurup, seconds: 25 },
    failure: {
      reason: 'exit code 1',
      command: 'helm upgrade cilium <script>alert(1)</script>',
      lastLines: ['Error: <script>alert("a chart & a half")</script>'],
      remedy: "put right what its last lines say, or don't",
    },
  },
  { time: NOON, event: 'step-done', at: 70, step: 'cilium', region: athens, seconds: 39, result: '3 of 3 are up' },
  {
    ...{ time: NOON, event: 'finished', at: 70, outcome: 'failed', ran: 4, skipped: 1, timings: [] },
    criticalPath: [`${hurup}/cluster`, `${hurup}/cilium`],
  },
];

/** All that a report can have. */
export const report: Report = {
  ...{ lab, made: NOON },
  machine: { system: 'Linux 6.12.0', cores: 2, memory: 24 * 2 ** 30, load: [1.25, 0.5, 0.25] },
  seen: { regions: names.map(status), planned: [], warnings: [] },
  leftFault: undefined,
  deploy: failedDeploy,
  verified: {
    time: NOON - 60_000,
    event: {
      ...{ event: 'verify', lab: lab.name, ok: false, seconds: 7.5, missing: [] },
      pairs: names.flatMap((from) =>
        names.map((to) => ({
          ...{ from, to, linked: true, ok: !(from === athens && to === kyoto) },
          paths: [
            {
              ...{ path: 'pod', expected: 'answer', asked: 4, milliseconds: 3 },
              ok: from === athens && to === kyoto ? 0 : 4,
            },
          ],
        })),
      ),
      failures: [
        {
          ...{ cause: `${kyoto} has no link to ${athens}`, look: 'cilium clustermesh status', count: 4 },
          ways: [{ from: athens, to: kyoto, paths: ['pod'] }],
          ...{ expected: 'an answer', seen: 'nothing within 5 s', fromNode: `${athens}-control-plane` },
        },
      ],
    },
  },
  failovers: [backends],
  requestsOf: (_fault, run, client) => requests(run * 10_000 + clients.indexOf(client)),
  command: (name, ...options) => ['npm run', name, ...(options.length > 0 ? ['--'] : []), ...options].join(' '),
};
