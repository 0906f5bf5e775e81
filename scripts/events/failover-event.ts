import type { FailoverLimits } from '../../lab/failover.ts';

/** The answer of `failover`: one fault, brought about as often as was asked. */
export interface FailoverEvent {
  readonly event: 'failover';
  readonly lab: string;
  readonly fault: string;
  /** Name of what was measured, and of its folder: the fault, and what differs from the default: `cut.region-hurup.keepalive`. */
  readonly series: string;
  /** `all servers of region-athens are scaled to zero` */
  readonly title: string;
  /** Name of the profile of a worse network under which it was measured. */
  readonly degraded?: string;
  /** What ClusterMesh is expected to make of it, in words. */
  readonly expect: string;
  /** Milliseconds between two requests of a client: nothing shorter is seen. */
  readonly resolution: number;
  /** Milliseconds after which a request is given up. */
  readonly timeout: number;
  readonly keepalive: boolean;
  readonly runs: readonly FailoverRun[];
  /** Limits that were set. */
  readonly limits: FailoverLimits;
  /** Those that are not kept; empty where all are. */
  readonly broken: readonly BrokenLimit[];
}

export interface BrokenLimit {
  /** Counted from 1. */
  readonly run: number;
  readonly client: string;
  /** `3020 ms without an answer, more than 2000 ms` */
  readonly what: string;
}

/** No run is void, no limit broken, and all was whole again after each. */
export const isKept = ({ runs, broken }: FailoverEvent): boolean =>
  broken.length === 0 && runs.every((run) => run.void === undefined && run.paths !== 'not seen');

/** One run: warm-up, baseline, fault, repair. */
export interface FailoverRun {
  /** Milliseconds since 1970. */
  readonly marks: Marks;
  /** Why nothing of it is to be believed; undefined where it is. */
  readonly void?: string;
  /**
   * Whether every path between the regions was open when the measurement ended, or milliseconds from the end of the repair until all were;
   * `not seen` where nobody saw that, as in a mesh that is not whole again.
   */
  readonly paths: 'open' | 'not seen' | number;
  /** What agents said of their links meanwhile; undefined where nobody asked them. */
  readonly links?: LinksSaid;
  readonly clients: readonly ClientFigures[];
  /** Of all clients: sums, and of times those of the one that was worst off. */
  readonly all: Figures;
}

/** What the agents said of their links since the start of the fault, beside what clients saw. */
export interface LinksSaid {
  /** In the order of time; empty where those that were heard said all the time that they are connected. */
  readonly changes: readonly LinkChange[];
  /** Names of the regions whose agents said something while the fault lasted. */
  readonly heard: readonly string[];
  /** Names of the regions whose agents were asked while the fault lasted, and said nothing until its end. */
  readonly unheard: readonly string[];
  /** Names of those that nobody asked in time: it was over too soon. */
  readonly unasked: readonly string[];
}

/** From then on that many agents of a region say that they are connected to another. They are asked every few seconds. */
export interface LinkChange {
  /** When they had said so; milliseconds since 1970. */
  readonly at: number;
  /** Whose agents. */
  readonly region: string;
  /** Name of the region that they are connected to, or not. */
  readonly remote: string;
  readonly connected: number;
  /** How many agents there are. */
  readonly total: number;
}

export interface ClientFigures extends Figures {
  /** `region-athens`, or `this machine → region-athens` */
  readonly client: string;
}

/** A command that does or undoes a fault, from its start to its end; milliseconds since 1970. */
export interface Span {
  readonly begin: number;
  readonly end: number;
}

/** When what happened. */
export interface Marks {
  /** What was due before is warm-up, and counts nowhere. */
  readonly from: number;
  readonly fault: Span;
  readonly repair: Span;
  /** What was due later counts nowhere. */
  readonly until: number;
}

/** What became of a request. `unreachable`: the network said that nobody is there. */
export const outcomes = ['ok', 'refused', 'reset', 'timeout', 'unreachable', 'other'] as const;

export type Outcome = (typeof outcomes)[number];

export const phases = ['before', 'during', 'after'] as const;

/** The baseline, from the start of the fault, from the start of the repair. */
export type Phase = (typeof phases)[number];

/** Milliseconds. */
export interface Latency {
  readonly count: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** By phase; none of one in which nothing was answered. */
interface Latencies {
  readonly before?: Latency;
  readonly during?: Latency;
  readonly after?: Latency;
}

/**
 * Why nobody knows when a client was served steadily again: requests failed until the repair, or nearly; the client stood still itself, as
 * one that is frozen with its region; or what was asked is too little to be no luck.
 */
export type Unsteady = 'failing until the repair' | 'stood still' | 'too few requests';

/** When a client was served steadily again while the fault lasted. */
export interface Steadiness {
  /** From the start of the fault to the first request from which on all were answered while it lasted. */
  readonly steady?: number;
  /** It is a bound: the client stood still until then, and nothing is known of what was before. */
  readonly atMost?: true;
  /** Why there is no such time. */
  readonly unsteady?: Unsteady;
}

/** Requests of one client, and what they tell of a fault. Durations are milliseconds. */
export interface Figures extends Steadiness {
  /** From the start of the fault on. */
  readonly sent: number;
  readonly answered: number;
  readonly failed: Readonly<Partial<Record<Exclude<Outcome, 'ok'>, number>>>;
  /** Requests of the baseline, and those of them that failed: where any did, nothing of the run is to be believed. */
  readonly baseline: { readonly sent: number; readonly failed: number };
  /** From the start of the fault to the first request that failed; none where none did. */
  readonly firstFailure?: number;
  /** The longest time from one answer to the next, beyond that between two requests; without what the client itself stood still. */
  readonly longestGap: number;
  /** From the end of the repair until every region of the baseline has answered again, and nothing fails any more. */
  readonly balance?: number;
  /** Why there is no such time. */
  readonly unbalanced?: 'never' | 'too few requests';
  /** Who answered how often. */
  readonly answers: Readonly<Record<Phase, Readonly<Partial<Record<string, number>>>>>;
  /** Of what was answered, from the instant at which it was due; none where nothing was. */
  readonly latency: Latencies;
  /** Requests of which nothing is known, since the client itself stood still when they were due: they count nowhere. */
  readonly unknown: number;
  /** The most that the client was late itself, of those that count. */
  readonly lag: number;
  /** Tenths of a second, counted from the start of the baseline, in which it was later than one request. */
  readonly overloaded: readonly number[];
}
