import type { Lab } from '../../lab/lab.ts';
import type { PlannedLine } from '../events/events.ts';
import type { RegionStatus } from '../events/status-event.ts';
import type { FailoverEvent } from '../events/failover-event.ts';
import type { Request } from '../failover/requests.ts';
import type { RecordedEvent } from '../files/run-record.ts';
import type { Verified } from '../files/verified.ts';

/** All that a page tells: the lab as it is written, as it was seen when the page was made, and what runs have recorded. */
export interface Report {
  readonly lab: Lab;
  /** When the page was made. Milliseconds since 1970. */
  readonly made: number;
  readonly machine: Machine;
  readonly seen: Seen;
  /** What a run of `failover` that was cut off has left, or one is at; undefined where there is none. */
  readonly leftFault: string | undefined;
  /** The newest deploy that had something to do; undefined where none is kept. */
  readonly deploy: readonly RecordedEvent[] | undefined;
  readonly verified: Verified | undefined;
  readonly failovers: readonly FailoverEvent[];
  /** The requests of a client in a run of a series, with times in milliseconds from the start of the baseline. */
  readonly requestsOf: (series: string, run: number, client: string) => readonly Request[];
  /** A command of the project as it is typed. */
  readonly command: (name: string, ...options: string[]) => string;
}

/** The machine on which the page was made. */
interface Machine {
  /** `Linux 6.12.0` */
  readonly system: string;
  readonly cores: number;
  /** Bytes. */
  readonly memory: number;
  /** Over one, five and fifteen minutes. */
  readonly load: readonly number[];
}

/** What exists. */
export interface Seen {
  /** Why nothing is known; undefined where it is. */
  readonly unknown?: string;
  readonly regions: readonly RegionStatus[];
  /** What a deploy would do now; undefined where that could not be said. */
  readonly planned?: readonly PlannedLine[];
  readonly warnings: readonly string[];
}
