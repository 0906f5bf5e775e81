import {
  type ClientFigures,
  type FailoverEvent,
  type FailoverRun,
  isKept,
  type Latency,
  type Phase,
  phases,
} from '../events/failover-event.ts';
import {
  balanceOf,
  clientsOf,
  failedText,
  failoverRows,
  howMeasured,
  lateness,
  linksText,
  shutText,
  spanText,
  steadyOf,
  titleOf,
} from '../events/reporters/failover.ts';
import { timeText } from '../events/reporters/text.ts';
import { type Html, markup } from './html.ts';
import { plot } from './plot.ts';
import { readable } from './readable.ts';
import type { Report } from './report.ts';
import { key, markers, seriesOf } from './series.ts';
import { type Sign, sign, table } from './table.ts';

/** What clients saw while something failed. */
export function failover({ lab, failovers, requestsOf, command }: Report): Html {
  // one may have left lab.yaml since
  const regions = [
    ...new Set([
      ...lab.regions.map(({ name }) => name),
      ...failovers.flatMap((event) =>
        readable(
          () => event.runs.flatMap(answering),
          () => [],
        ),
      ),
    ]),
  ];
  const series = seriesOf(regions);
  return markup`<section aria-labelledby="failover"><h2 id="failover">Failover</h2>
${
  failovers.length === 0
    ? markup`<p>Not measured yet: <code>${command('failover', '--fault', 'backends')}</code></p>`
    : markup`<p>Each dot is a request, at the instant at which it was due, as high as it took until its answer; what failed lies on a line above. Beneath, who answered, by shares, from below in the order of this list. Seconds count from the start of the fault. All is on one machine: these are figures of how fast control planes react, and not of a network between cities.</p>
${key(series)}${markers(series)}`
}
${failovers.map((event) =>
  readable(
    () => fault(event, regions, requestsOf),
    (why) => markup`<h3 id="fault-${event.series}">${sign('warn')}${event.series}</h3>
<p>What is on record of it cannot be read: ${why}</p>
`,
  ),
)}
</section>`;
}

/** What was lost is well where a limit allows it, and else it is for the reader to judge. */
export function signOf(event: FailoverEvent): Sign {
  if (!isKept(event)) return 'bad';
  const isLimited = Object.values(event.limits).some((limit) => limit !== undefined);
  const isWhole = event.runs.every(({ all: { sent, answered, unknown } }) => sent === answered && unknown === 0);
  return isLimited || isWhole ? 'ok' : 'warn';
}

/** Names of the regions that answered. */
const answering = ({ clients }: FailoverRun): string[] =>
  clients.flatMap(({ answers }) => phases.flatMap((phase) => Object.keys(answers[phase])));

function fault(event: FailoverEvent, regions: readonly string[], requestsOf: Report['requestsOf']): Html {
  const [head = [], ...rows] = failoverRows(event);
  const { runs, broken, expect } = event;
  const plots = clientsOf(event).flatMap((client) =>
    runs.map(({ marks }, index) => {
      const requests = requestsOf(event.series, index + 1, client);
      const run = runs.length === 1 ? 'one run' : `run ${index + 1}`;
      return (
        requests.length > 0 &&
        plot({ client, run, marks, requests, every: event.resolution, timeout: event.timeout }, regions)
      );
    }),
  );
  return markup`<h3 id="fault-${event.series}">${sign(signOf(event))}${event.fault}: ${titleOf(event)}</h3>
<p class="muted">${timeText(runs[0]?.marks.from ?? 0)}: ${howMeasured(event)}. Expected: ${expect}.</p>
${runs.map((run, index) => run.void !== undefined && markup`<p>${sign('bad')}Run ${index + 1} is void: ${run.void}</p>`)}
${broken.map(({ run, client, what }) => markup`<p>${sign('bad')}Run ${run}, ${client}: ${what}</p>`)}
${runs.some((run) => run.void === undefined) && table(`${event.fault}: what each client saw`, head, rows, SUMMARY)}
${[...shutText(runs), ...clientsOf(event).flatMap((client) => lateness(client, runs))].map(
  (text) => markup`<p>${sign('warn')}${text.replace(/^! /, '')}</p>`,
)}
${linksText(runs).map((text) => markup`<p>${text.replace(/^a/, 'A')}.</p>`)}
<div class="plots">${plots}</div>
${plots.every((each) => each === false) && markup`<p class="muted">The requests of these runs are not kept any more.</p>`}
<details><summary>Each run in figures</summary>
${table(`${event.fault}: each run`, RUN_HEAD, runs.flatMap(figures))}
${table(`${event.fault}: latencies`, LATENCY_HEAD, runs.flatMap(latencies), 'Latency of what was answered, from the instant at which it was due')}
</details>
`;
}

const SUMMARY = 'Sums of what was sent and of what failed; of times the median, in brackets from the least to the most';

const RUN_HEAD = [
  'client',
  'run',
  'sent',
  'failed',
  'without a fault',
  'first failure',
  'longest gap',
  'steady',
  'balance again',
  'own lag',
  'answers before / during / after',
];

function figures({ clients, all }: FailoverRun, index: number): string[][] {
  const span = (value: number | string = '–'): string => (typeof value === 'string' ? value : spanText(value));
  return [...clients, { ...all, client: 'all' }].map((client) => {
    const { sent, baseline, firstFailure, longestGap, lag } = client;
    return [
      ...[client.client, String(index + 1), String(sent), failedText([client])],
      ...[
        `${baseline.failed} of ${baseline.sent} failed`,
        span(firstFailure),
        longestGap === 0 ? '–' : span(longestGap),
      ],
      ...[
        span(steadyOf(client)),
        span(balanceOf(client)),
        `${lag.toFixed(1)} ms`,
        phases.map((phase) => answersOf(client, phase)).join(' / '),
      ],
    ];
  });
}

const answersOf = ({ answers }: ClientFigures, phase: Phase): string =>
  Object.entries(answers[phase])
    .map(([region, count]) => `${region} ${count}`)
    .join(', ') || 'none';

const LATENCY_HEAD = ['client', 'run', 'phase', 'answers', 'p50', 'p90', 'p99', 'p99.9', 'most'];

function latencies({ clients, all }: FailoverRun, index: number): string[][] {
  return [...clients, { ...all, client: 'all' }].flatMap(({ client, latency }) =>
    phases.map((phase) => [client, String(index + 1), phase, ...latencyCells(latency[phase])]),
  );
}

function latencyCells(latency: Latency | undefined): string[] {
  if (latency === undefined) return ['0', '–', '–', '–', '–', '–'];
  const { count, p50, p90, p99, p999, max } = latency;
  return [String(count), ...[p50, p90, p99, p999, max].map((value) => `${value.toFixed(1)} ms`)];
}
