import { type Outcome, outcomes } from '../events/failover-event.ts';

/** One request of an open loop. Times are milliseconds since 1970, by the client's even clock. */
export interface Request {
  /** When it was to be sent. */
  readonly due: number;
  /** When it was. */
  readonly sent: number;
  /** When it was answered, or given up. */
  readonly done: number;
  readonly outcome: Outcome;
  /** Who answered. */
  readonly region?: string;
  readonly pod?: string;
}

/** What a client wrote. */
export interface Recorded {
  /** In the order in which they were due. */
  readonly requests: readonly Request[];
  /** It came to its end: nothing is missing. */
  readonly isWhole: boolean;
}

/** The lines of `probe/load.mjs`; what is none, as half a line where it was killed, is left out. Pure. */
export function readRequests(text: string): Recorded {
  const lines = text.split('\n');
  const requests = lines.flatMap((line) => {
    const [due, sent, done, outcome, region, pod, ...more] = line.split(',');
    if (pod === undefined || more.length > 0 || !isOutcome(outcome)) return [];
    const times = [due, sent, done].map(Number) as [number, number, number];
    if (times.some((time) => !Number.isFinite(time))) return [];
    const by = { ...(region !== '' && { region }), ...(pod !== '' && { pod }) };
    return [{ due: times[0], sent: times[1], done: times[2], outcome, ...by }];
  });
  return { requests: requests.toSorted((one, other) => one.due - other.due), isWhole: lines.includes('# end') };
}

const isOutcome = (word: string | undefined): word is Outcome => outcomes.includes(word as Outcome);
