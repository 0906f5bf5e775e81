import { createHistogram } from 'node:perf_hooks';
import {
  type Figures,
  type Latency,
  type Marks,
  type Phase,
  phases,
  type Steadiness,
} from '../events/failover-event.ts';
import type { Request } from './requests.ts';

/** Milliseconds of the buckets in which answers are counted. */
const BUCKET = 100;

/** How requests were sent, and how they are read. */
export interface Reading {
  /** Milliseconds from one to the next. */
  readonly every: number;
  /** Milliseconds after which one is given up. */
  readonly timeout: number;
  /** That many answers in a row, and it is no luck: five times the number of servers. */
  readonly settled: number;
}

/**
 * What the requests of one client tell. One that was sent later than it would have been given up, or in another part of the
 * measurement than it was due in, tells of the client alone: it stood still, as in a region that is frozen with it. Pure.
 * @param requests in the order in which they were due
 */
export function figuresOf(requests: readonly Request[], marks: Marks, reading: Reading): Figures {
  const { every } = reading;
  const measured = requests.filter(({ due }) => due >= marks.from && due < marks.until);
  const known = measured.filter((request) => isKnown(request, marks, reading));
  // one that was under way when the fault began may fail by it
  const phaseOf = ({ due, done, outcome }: Request): Phase =>
    outcome !== 'ok' && done >= marks.fault.begin && due < marks.fault.begin ? 'during' : phaseAt(due, marks);
  const of = (phase: Phase): Request[] => known.filter((request) => phaseOf(request) === phase);
  const parts = { before: of('before'), during: of('during'), after: of('after') };
  const hit = [...parts.during, ...parts.after];
  const late = known.filter(({ due, sent }) => sent - due > every);
  const first = sinceFault(hit.find(isFailed)?.due, marks);
  const steadiness = steadinessOf(
    measured.filter((request) => phaseOf(request) === 'during'),
    marks,
    reading,
  );
  return {
    sent: hit.length,
    answered: hit.filter(isAnswered).length,
    failed: countBy(hit.filter(isFailed), ({ outcome }) => outcome),
    baseline: { sent: parts.before.length, failed: parts.before.filter(isFailed).length },
    ...(first !== undefined && { firstFailure: first }),
    longestGap: longestGap(measured, marks, reading),
    ...steadiness,
    ...balanceOf(parts.before, parts.after, marks, reading),
    answers: byPhase((phase) => countBy(parts[phase].filter(isAnswered), ({ region }) => region ?? '')),
    latency: Object.fromEntries(
      phases.flatMap((phase) => {
        const latency = latencyOf(parts[phase].filter(isAnswered));
        return latency === undefined ? [] : [[phase, latency]];
      }),
    ),
    unknown: measured.length - known.length,
    lag: known.reduce((most, { due, sent }) => Math.max(most, sent - due), 0),
    overloaded: [...new Set(late.map(({ due }) => Math.floor((due - marks.from) / BUCKET)))],
  };
}

/** When something happens, by the marks. */
const phaseAt = (time: number, { fault, repair }: Marks): Phase =>
  time >= repair.begin ? 'after' : time >= fault.begin ? 'during' : 'before';

/** Milliseconds by which a timer of a program that does not stand still may be late. */
const TIMER = 50;

/** Does it tell of the service, and not of a client that stood still? */
export function isKnown(request: Request, marks: Marks, reading: Omit<Reading, 'settled'>): boolean {
  const { due, sent } = request;
  if (isOfStandstill(request, reading)) return false;
  return sent - due <= reading.every || phaseAt(sent, marks) === phaseAt(due, marks);
}

/** Was it sent later than it would have been given up, or given up much later than was asked? */
const isOfStandstill = ({ due, sent, done }: Request, { every, timeout }: Omit<Reading, 'settled'>): boolean =>
  sent - due > Math.max(timeout, every) || done - sent > timeout + Math.max(every, TIMER);

const isAnswered = ({ outcome }: Request): boolean => outcome === 'ok';
const isFailed = ({ outcome }: Request): boolean => outcome !== 'ok';

const byPhase = <Value>(of: (phase: Phase) => Value): Record<Phase, Value> => ({
  before: of('before'),
  during: of('during'),
  after: of('after'),
});

/** How often each word is there, in their order. */
function counted<Word extends string>(words: readonly Word[]): ReadonlyMap<Word, number> {
  const counts = new Map<Word, number>();
  for (const word of words.toSorted()) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

function countBy<Word extends string>(
  requests: readonly Request[],
  word: (request: Request) => Word,
): Partial<Record<Word, number>> {
  return Object.fromEntries(counted(requests.map(word))) as Partial<Record<Word, number>>;
}

const sinceFault = (at: number | undefined, { fault }: Marks): number | undefined =>
  at === undefined ? undefined : Math.max(0, at - fault.begin);

/**
 * The longest time from one answer to the next, beyond that between two requests; without the time in which the client itself stood still, and
 * sent nothing. One that is not over ends with the measurement.
 */
function longestGap(measured: readonly Request[], marks: Marks, reading: Reading): number {
  const { every } = reading;
  const answers = measured
    .filter((request) => isAnswered(request) && isKnown(request, marks, reading))
    .map(({ done }) => done)
    .toSorted((one, other) => one - other);
  const still = merged([...standstills(measured, every), ...underWay(measured, reading)]);
  const first = answers.findLast((done) => done < marks.fault.begin) ?? marks.fault.begin;
  const points = [first, ...answers.filter((done) => done >= marks.fault.begin && done < marks.until), marks.until];
  return points
    .slice(1)
    .map((to, index) => outside([points[index] ?? to, to], still) - every)
    .reduce((longest, gap) => Math.max(longest, gap), 0);
}

type Stretch = readonly [from: number, to: number];

/** When a client that was to send sent nothing: from when one was due after the one before, to the next. In their order. */
function standstills(requests: readonly Request[], every: number): Stretch[] {
  return requests.slice(1).flatMap(({ sent }, index): Stretch[] => {
    const from = (requests[index]?.sent ?? sent) + every;
    return sent - from > every ? [[from, sent]] : [];
  });
}

/** When requests were under way that the client, since it stood still, gave up too late. */
const underWay = (requests: readonly Request[], reading: Reading): Stretch[] =>
  requests.filter((request) => isOfStandstill(request, reading)).map(({ due, done }) => [due, done]);

/** Those that overlap, as one; in their order. */
function merged(stretches: readonly Stretch[]): Stretch[] {
  const all: Stretch[] = [];
  for (const [from, to] of stretches.toSorted(([one], [other]) => one - other)) {
    const last = all.at(-1);
    if (last !== undefined && from <= last[1]) all[all.length - 1] = [last[0], Math.max(last[1], to)];
    else all.push([from, to]);
  }
  return all;
}

/** How much of a stretch is in none of the others, which are in their order and do not overlap. */
function outside([from, to]: Stretch, others: readonly Stretch[]): number {
  return others.reduce(
    (left, [begin, end]) => left - Math.max(0, Math.min(end, to) - Math.max(begin, from)),
    to - from,
  );
}

/**
 * When the first of the answers was due after which none fails any more, from the start of the fault, or why that is not known. What
 * was under way when the repair began may have been answered by it: it counts where it failed, and is no answer.
 * @param requests what was due while the fault lasted
 */
function steadinessOf(requests: readonly Request[], marks: Marks, reading: Reading): Steadiness {
  const { timeout, settled } = reading;
  const isUnknown = (request: Request): boolean => isOfStandstill(request, reading);
  const last = requests.findLast((request) => isFailed(request) || isUnknown(request));
  const decided = requests.filter(({ due }) => due + timeout < marks.repair.begin);
  const since = decided.filter(({ due }) => last === undefined || due > last.due);
  const [first] = since;
  if (first !== undefined && since.length >= settled) {
    const steady = last === undefined ? 0 : Math.max(0, first.due - marks.fault.begin);
    return { steady, ...(last !== undefined && isUnknown(last) && { atMost: true as const }) };
  }
  if (decided.length < settled) return { unsteady: 'too few requests' };
  return { unsteady: last !== undefined && isUnknown(last) ? 'stood still' : 'failing until the repair' };
}

/** From the end of the repair until each region of the baseline has answered, and nothing fails any more; not by luck. */
function balanceOf(
  before: readonly Request[],
  after: readonly Request[],
  { repair }: Marks,
  { settled }: Reading,
): Pick<Figures, 'balance' | 'unbalanced'> {
  const repaired = after.filter(({ due }) => due >= repair.end);
  if (repaired.length < settled) return { unbalanced: 'too few requests' };
  const whole = repaired.slice(repaired.findLastIndex(isFailed) + 1);
  const back = [...new Set(before.filter(isAnswered).map(({ region }) => region))].map(
    (region) => whole.find((request) => request.region === region)?.done,
  );
  if (whole.length < settled || back.length === 0 || back.includes(undefined)) return { unbalanced: 'never' };
  return { balance: Math.max(...back.map((done) => (done ?? 0) - repair.end)) };
}

/**
 * What all clients tell together: all of their requests, and of times those of the client that was worst off. Pure.
 * @param each figures of each client
 * @param requests of all of them
 */
export function figuresInAll(
  each: readonly Figures[],
  requests: readonly Request[],
  marks: Marks,
  reading: Reading,
): Figures {
  const { sent, answered, failed, baseline, firstFailure, answers, latency, unknown, lag, overloaded } = figuresOf(
    requests.toSorted((one, other) => one.due - other.due),
    marks,
    reading,
  );
  return {
    ...{ sent, answered, failed, baseline, answers, latency, unknown, lag, overloaded },
    ...(firstFailure !== undefined && { firstFailure }),
    longestGap: Math.max(...each.map(({ longestGap: gap }) => gap)),
    ...worst(each, steadinessIn),
    ...worst(each, balanceIn),
  };
}

const steadinessIn = ({ steady, atMost, unsteady }: Figures): Told<Steadiness> => ({
  time: steady ?? Infinity,
  part: { ...(steady !== undefined && { steady }), ...(atMost && { atMost }), ...(unsteady && { unsteady }) },
});

const balanceIn = ({ balance, unbalanced }: Figures): Told<Pick<Figures, 'balance' | 'unbalanced'>> => ({
  time: balance ?? Infinity,
  part: { ...(balance !== undefined && { balance }), ...(unbalanced && { unbalanced }) },
});

/** A part of figures, and the time that it tells. */
interface Told<Part> {
  readonly time: number;
  readonly part: Part;
}

function worst<Part>(each: readonly Figures[], of: (figures: Figures) => Told<Part>): Part | undefined {
  const [first, ...others] = each.map(of);
  if (first === undefined) return undefined;
  return others.reduce((most, next) => (next.time > most.time ? next : most), first).part;
}

/** Microseconds a millisecond. */
const FINE = 1000;

function latencyOf(requests: readonly Request[]): Latency | undefined {
  if (requests.length === 0) return undefined;
  const histogram = createHistogram({ lowest: 1, highest: 3_600_000 * FINE, figures: 3 });
  for (const { due, done } of requests) histogram.record(Math.max(1, Math.round((done - due) * FINE)));
  // of three figures, of which a bucket tells its upper end
  const milliseconds = (value: number): number => Math.round(value / (FINE / 100)) / 100;
  const at = (percent: number): number => milliseconds(histogram.percentile(percent));
  return {
    count: histogram.count,
    ...{ p50: at(50), p90: at(90), p99: at(99), p999: at(99.9), max: milliseconds(histogram.max) },
  };
}

/** A tenth of a second, unless more was asked for. */
export interface Bucket {
  /** Milliseconds from the start of the baseline to its own. */
  readonly at: number;
  /** Answers to what was due then, by region. */
  readonly answers: ReadonlyMap<string, number>;
  readonly failed: number;
  /** Requests of which nothing is known: the client stood still. */
  readonly unknown: number;
  /** The most that the client was late itself. Milliseconds. */
  readonly lag: number;
}

/** Who answered in every tenth of a second, or every `length` milliseconds. Linear in the requests. Pure. */
export function bucketsOf(
  requests: readonly Request[],
  marks: Marks,
  reading: Omit<Reading, 'settled'>,
  length = BUCKET,
): Bucket[] {
  const { from, until } = marks;
  const due = Array.from({ length: Math.ceil((until - from) / length) }, (): Request[] => []);
  for (const request of requests) due[Math.floor((request.due - from) / length)]?.push(request);
  return due.map((all, index) => {
    const known = all.filter((request) => isKnown(request, marks, reading));
    return {
      at: index * length,
      answers: counted(known.filter(isAnswered).map(({ region }) => region ?? '')),
      failed: known.filter(isFailed).length,
      unknown: all.length - known.length,
      lag: all.reduce((most, { due: at, sent }) => Math.max(most, sent - at), 0),
    };
  });
}
