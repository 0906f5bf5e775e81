import type { FailoverLimits, FaultName } from '../../lab/failover.ts';
import type { ClientFigures, FailoverEvent, FailoverRun } from '../events/failover-event.ts';
import { FindingsError } from '../events/errors.ts';
import { forgetFault, rememberFault } from '../files/left-fault.ts';
import type { Work } from '../steps/step.ts';
import { type Client, clientHere, clientIn } from './clients.ts';
import { faults, untilWhole, type Where } from './faults.ts';
import { figuresInAll, figuresOf, type Reading } from './figures.ts';
import { brokenLimits } from './limits.ts';
import { linksSaid, watchLinks } from './links.ts';
import { forgetRuns, keepFigures, keepRun } from './keep.ts';
import { measure, type Measured, type Schedule } from './measure.ts';
import { type AskedPlace, placesIn } from './places.ts';
import type { Request } from './requests.ts';
import { untilPathsAreOpen } from './whole.ts';

/** How a fault is tried. */
export interface Trying {
  readonly fault: FaultName;
  /** Name of the region in which it is brought about. */
  readonly region: string;
  /** How often. */
  readonly repeat: number;
  /** Requests a second of each client. */
  readonly rate: number;
  /** Milliseconds until a request is given up. */
  readonly timeout: number;
  readonly keepalive: boolean;
  /** Seconds for which the fault stays. @default - its own */
  readonly duration?: number;
  /** Seconds after the repair. @default - its own */
  readonly after?: number;
  /** Seconds without a fault, half as many of warm-up before them. */
  readonly baseline: number;
  readonly limits: FailoverLimits;
  /** Name of the profile of a worse network that is on. */
  readonly degraded?: string;
}

/** Seconds for what takes its time beside the parts of a measurement: commands, and pods that come back. */
const SLACK = 600;

/**
 * Brings a fault about as often as was asked. Every request is kept, and after each run the figures of all so far, whatever comes
 * of the next one; what was measured of that fault before goes with the first.
 * @param tell told the figures so far after each run
 * @throws as `measure`; where the mesh is not whole again
 */
export async function tryFault(work: Work, trying: Trying, tell: (event: FailoverEvent) => void): Promise<void> {
  const { lab, paths } = work;
  const fault = faults[trying.fault];
  const { timeout, keepalive } = trying;
  const every = 1000 / trying.rate;
  const schedule: Schedule = {
    warmUp: trying.baseline / 2,
    baseline: trying.baseline,
    hold: trying.duration ?? fault.seconds,
    after: trying.after ?? fault.after,
  };
  const { warmUp, baseline, hold, after } = schedule;
  const most = 1000 * (warmUp + baseline + hold + after + SLACK);
  const series = seriesOf(trying, lab.regions[0]?.name);
  const runs: FailoverRun[] = [];
  for (let run = 1; run <= trying.repeat; run++) {
    const progress = (text: string): void => {
      work.progress(trying.repeat === 1 ? text : `run ${run} of ${trying.repeat}: ${text}`);
    };
    const places = await placesIn(work);
    const where = whereOf(places, trying.region);
    const title = fault.title(where);
    const means = {
      ...work,
      progress,
      remember: (undo: Parameters<typeof rememberFault>[2]) => {
        rememberFault(paths, title, undo);
      },
      forget: () => {
        forgetFault(paths);
      },
      watch: () => watchLinks(work.queries, places),
    };
    const rate = { every, timeout, keepalive, most };
    const measured = await measure(means, clientsOf(work, places), fault, where, rate, schedule);
    const settled = 5 * places.reduce((sum, { replicas }) => sum + replicas, 0);
    const reading = { every, timeout, settled };
    const links = linksSaid(measured.looks, places, measured.marks);
    const own: FailoverRun = { ...runOf(measured, reading), links, paths: 'not seen' };
    if (run === 1) forgetRuns(paths, series);
    keepRun(paths, series, run, measured, reading);
    const keep = (last: FailoverRun): void => {
      runs.splice(run - 1, 1, last);
      const event: FailoverEvent = {
        ...{ event: 'failover', lab: lab.name, fault: trying.fault, series, title, expect: fault.expect },
        ...(trying.degraded !== undefined && { degraded: trying.degraded }),
        ...{ resolution: every, timeout, keepalive, runs: [...runs], limits: trying.limits },
        broken: brokenLimits(runs, trying.limits),
      };
      keepFigures(paths, event);
      tell(event);
    };
    keep(own);
    progress('waiting until all is back');
    for (const command of untilWhole(where)) await work.run(command);
    const trials = await untilPathsAreOpen({ ...work, progress });
    keep({ ...own, paths: trials === 1 ? 'open' : Date.now() - measured.marks.repair.end });
  }
}

/** Each in a folder of its own: what was measured elsewhere, or otherwise, is another series. */
function seriesOf({ fault, region, keepalive, degraded }: Trying, first: string | undefined): string {
  const others = [region === first ? undefined : region, keepalive ? 'keepalive' : undefined, degraded];
  return [fault, ...others.filter((other) => other !== undefined)].join('.');
}

function whereOf(places: readonly AskedPlace[], at: string): Where {
  const own = places.find(({ name }) => name === at);
  const other = places.find(({ name }) => own?.links.includes(name));
  if (own === undefined || other === undefined)
    throw new FindingsError(`${at} is connected to no other region: nobody could take over`, []);
  return { at: own, other };
}

/** One in every region, and where it can be asked from outside, one on this machine too. */
function clientsOf(work: Work, places: readonly AskedPlace[]): Client[] {
  return places.flatMap(({ name, target, service, published }) => [
    clientIn(work, name, target, service),
    ...(published === undefined ? [] : [clientHere(name, published)]),
  ]);
}

/** Figures of a run; void where a client failed without a fault, or where not all that it was to send is there. Pure. */
export function runOf(
  { marks, series, began, read }: Omit<Measured, 'looks'>,
  reading: Reading,
): Omit<FailoverRun, 'paths'> {
  const clients = series.map(({ client, requests }): ClientFigures => ({
    client,
    ...figuresOf(requests, marks, reading),
  }));
  const cut = series.filter(({ isWhole }) => !isWhole).map(({ client }) => client);
  const unknown = clients
    .filter(({ client, sent, baseline }) => !cut.includes(client) && (sent === 0 || baseline.sent < reading.settled))
    .map(({ client }) => client);
  const failing = clients
    .filter(({ client, baseline }) => !cut.includes(client) && baseline.failed > 0)
    .map(({ client }) => client);
  const due = Math.floor((marks.until - marks.from) / reading.every);
  const fewer = series.flatMap(({ client, requests }) => {
    const own = requests.filter((request) => request.due >= marks.from && request.due < marks.until).length;
    // the first and the last may be on either side of a mark
    return cut.includes(client) || unknown.includes(client) || own >= due - 1 ? [] : [`${client} ${own} of ${due}`];
  });
  const isElsewhen = (request: Request): boolean => request.due < began || request.due > read;
  const elsewhen = series.filter(({ requests }) => requests.some(isElsewhen)).map(({ client }) => client);
  const why = [
    ...(cut.length === 0 ? [] : [`not all that was sent is known: ${cut.join(', ')}`]),
    ...(unknown.length === 0 ? [] : [`too little is known, without a fault or since it: ${unknown.join(', ')}`]),
    ...(fewer.length === 0 ? [] : [`not all that was to be sent was: ${fewer.join(', ')}`]),
    ...(elsewhen.length === 0 ? [] : [`the clock is not that of this machine: ${elsewhen.join(', ')}`]),
    ...(failing.length === 0
      ? []
      : [`requests failed without a fault, as where the machine is too busy for --rate: ${failing.join(', ')}`]),
  ];
  const all = figuresInAll(
    clients,
    series.flatMap(({ requests }) => requests),
    marks,
    reading,
  );
  return { marks, ...(why.length > 0 && { void: why.join('; ') }), clients, all };
}
