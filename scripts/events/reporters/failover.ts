import type { FailoverEvent, FailoverRun, Figures, LinkChange, Unsteady } from '../failover-event.ts';
import { counted, fold, type Style, table } from './text.ts';

/** What a fault did to each client: medians, and of several runs the range. @param columns of the terminal */
export function failoverLines(event: FailoverEvent, style: Style, columns = Infinity): string[] {
  const { expect, runs, broken } = event;
  const clients = clientsOf(event);
  const believed = believedOf(event);
  const [head = '', ...body] = table(failoverRows(event));
  return [
    style.bold(titleOf(event)),
    ...fold(howMeasured(event), columns, 0),
    '',
    ...(believed.length === 0 ? [] : [style.bold(head), ...body, '']),
    ...runs.flatMap((run, index) =>
      run.void === undefined ? [] : [`${style.bad('✗')} run ${index + 1}: ${run.void}`],
    ),
    ...shutText(runs).flatMap((text) => fold(text, columns, 2)),
    ...clients.flatMap((client) => lateness(client, believed)).flatMap((text) => fold(text, columns, 2)),
    ...linksText(runs).flatMap((text) => fold(text, columns, 8)),
    ...fold(`expected: ${expect}`, columns, 10),
    ...broken.flatMap(({ run, client, what }) => {
      const who = runs.length === 1 ? client : `run ${run}, ${client}`;
      return fold(`${style.bad('✗')} ${who}: ${what}`, columns, 2);
    }),
  ];
}

/** `all servers of region-athens are scaled to zero, degraded by wan` */
export const titleOf = ({ title, degraded }: FailoverEvent): string =>
  degraded === undefined ? title : `${title}, degraded by ${degraded}`;

export const clientsOf = ({ runs }: FailoverEvent): string[] => [
  ...new Set(runs.flatMap((run) => run.clients.map(({ client }) => client))),
];

const believedOf = ({ runs }: FailoverEvent): FailoverRun[] => runs.filter((run) => run.void === undefined);

/** How often, how fast, and what that can tell. */
export function howMeasured(event: FailoverEvent): string {
  const { resolution, timeout, keepalive } = event;
  const connections = keepalive ? 'connections kept' : 'a connection each';
  return `${counted(believedOf(event).length, 'run')}, a request each ${Number(resolution.toFixed(1))} ms, given up after ${timeout} ms, ${connections}`;
}

/** A row a client, under a head: medians of the runs that are to be believed, and of several the range. */
export function failoverRows(event: FailoverEvent): string[][] {
  const believed = believedOf(event);
  const rows = clientsOf(event).map((client) =>
    rowOf(
      client,
      believed.flatMap((run) => run.clients.filter((each) => each.client === client)),
    ),
  );
  const all =
    rows.length > 1 && believed.length > 0
      ? [
          rowOf(
            'all',
            believed.map((run) => run.all),
          ),
        ]
      : [];
  return [['client', 'sent', 'failed', 'first failure', 'longest gap', 'steady', 'balance again'], ...rows, ...all];
}

/** `! not every path was open when it ended; all were 182 s after the repair` */
export function shutText(runs: readonly FailoverRun[]): string[] {
  const open = runs.map(({ paths }) => paths).filter((paths) => typeof paths === 'number');
  const unseen = runs.filter(({ paths }) => paths === 'not seen').length;
  const which = (count: number): string => (runs.length === 1 ? 'it' : `${count} of ${counted(runs.length, 'run')}`);
  return [
    ...(open.length === 0
      ? []
      : [
          `! not every path between the regions was open when ${which(open.length)} ended; all were ${range(open)} after the repair`,
        ]),
    ...(unseen === 0 ? [] : [`! nobody saw all paths between the regions open again after ${which(unseen)}`]),
  ];
}

/**
 * What agents said of their links, which is not what clients see: `agents: connected all the time`, or
 * `agents: region-hurup to region-athens 0 of 2 connected after 71.2 s, 2 of 2 after 95.0 s`.
 */
export function linksText(runs: readonly FailoverRun[]): string[] {
  const texts = runs.flatMap(({ links, marks }) => {
    if (links === undefined) return [];
    const pairs = [...new Set(links.changes.map(pairOf))];
    const said = pairs.map((pair) => {
      const own = links.changes.filter((change) => pairOf(change) === pair);
      return `${pair} ${changesText(own, marks.fault.begin)}`;
    });
    const unheard = links.unheard.map((region) => `${region} gave no answer`);
    const well = links.heard.length > 0 && said.length === 0 ? ['said that they were connected, all the time'] : [];
    const unasked = links.unasked.map((region) => `${region} was not heard while it lasted`);
    const isOver = said.length === 0 && links.heard.length === 0 && unheard.length === 0;
    return [isOver ? 'not heard while it lasted' : [...said, ...well, ...unheard, ...unasked].join('; ')];
  });
  const [first] = texts;
  if (first !== undefined && texts.every((text) => text === first)) return [`agents: ${first}`];
  return texts.map((text, index) => `agents, run ${index + 1}: ${text}`);
}

const pairOf = ({ region, remote }: LinkChange): string => `${region} to ${remote}`;

const changesText = (changes: readonly LinkChange[], begin: number): string =>
  changes
    .map(({ at, connected, total }) => `${connected} of ${total} connected after ${spanText(at - begin)}`)
    .join(', ');

/** What is to be known of a client that was late itself. */
export function lateness(client: string, runs: readonly FailoverRun[]): string[] {
  const own = runs.flatMap((run) => run.clients.filter((each) => each.client === client));
  const unknown = own.reduce((sum, run) => sum + run.unknown, 0);
  const overloaded = own.reduce((sum, run) => sum + run.overloaded.length, 0);
  const lag = Math.max(0, ...own.map((run) => run.lag));
  const said = [
    ...(unknown === 0 ? [] : [`stood still itself, and of ${unknown} of its requests nothing is known`]),
    ...(overloaded === 0
      ? []
      : [`was late itself in ${counted(overloaded, 'tenth')} of a second, by ${Math.round(lag)} ms at most`]),
  ];
  return said.length === 0 ? [] : [`! ${client} ${said.join('; it ')}`];
}

function rowOf(client: string, runs: readonly Figures[]): string[] {
  const of = (value: (run: Figures) => number | string, zero?: string): string => range(runs.map(value), zero);
  return [
    client,
    String(runs.reduce((sum, { sent }) => sum + sent, 0)),
    failedText(runs),
    of(({ firstFailure = '–' }) => firstFailure),
    of(({ longestGap }) => longestGap, '–'),
    of(steadyOf),
    of(balanceOf),
  ];
}

const UNSTEADY: Readonly<Record<Unsteady, string>> = {
  'failing until the repair': 'not before the repair',
  'stood still': 'not known',
  'too few requests': 'too few requests',
};

/** Milliseconds, or why there are none. */
export function steadyOf({ steady, atMost, unsteady = 'stood still' }: Figures): number | string {
  if (steady === undefined) return UNSTEADY[unsteady];
  return atMost === true ? `at most ${spanText(steady)}` : steady;
}

/** Milliseconds, or why there are none. */
export const balanceOf = ({ balance, unbalanced = 'never' }: Figures): number | string => balance ?? unbalanced;

/** `23 timeout, 2 reset (1.1 %)` */
export function failedText(runs: readonly Figures[]): string {
  const counts = new Map<string, number>();
  for (const { failed } of runs)
    for (const [outcome, count] of Object.entries(failed)) counts.set(outcome, (counts.get(outcome) ?? 0) + count);
  const sent = runs.reduce((sum, run) => sum + run.sent, 0);
  const all = [...counts.values()].reduce((sum, count) => sum + count, 0);
  if (all === 0) return '0';
  const kinds = [...counts].map(([outcome, count]) => `${count} ${outcome}`);
  return `${kinds.join(', ')} (${shareText(all, sent)})`;
}

/** `1.1 %`; what is little is not nothing. */
export function shareText(part: number, whole: number): string {
  const share = (100 * part) / whole;
  return share > 0 && share < 0.05 ? '< 0.1 %' : `${share.toFixed(1)} %`;
}

/**
 * The median, and where runs differ the range: `1.2 s (1.1 to 1.4 s)`. Where some have none, what they have in its place, first what most
 * have: `2 × never, 1.2 s`.
 * @param zero what stands for nothing
 */
function range(values: readonly (number | string)[], zero = spanText(0)): string {
  const text = (value: number): string => (value === 0 ? zero : spanText(value));
  const known = values.filter((value) => typeof value === 'number').toSorted((one, other) => one - other);
  const words = values.filter((value) => typeof value === 'string');
  const others = [...new Set(words)].map((word) => {
    const count = words.filter((each) => each === word).length;
    return count === values.length ? word : `${count} × ${word}`;
  });
  const [least, most] = [known[0], known.at(-1)];
  if (least === undefined || most === undefined) return others.join(', ');
  const span = most === least ? '' : ` (${text(least)} to ${text(most)})`;
  const times = `${text(median(known))}${span}`;
  return (known.length < words.length ? [...others, times] : [times, ...others]).join(', ');
}

function median(sorted: readonly number[]): number {
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

/** `at once`, `420 ms`, `1.02 s`, `12.4 s` */
export function spanText(milliseconds: number): string {
  if (milliseconds < 1) return 'at once';
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  return `${(milliseconds / 1000).toFixed(milliseconds < 10_000 ? 2 : 1)} s`;
}
