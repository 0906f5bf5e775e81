/** The answer of `degrade`: the worse network that is on now, and what it makes of the way between regions. */
export interface DegradedEvent {
  readonly event: 'degraded';
  readonly lab: string;
  /** Its name in lab.yaml; none: none is on any more. */
  readonly profile?: string;
  /** Of the profile that was put on, or taken off. */
  readonly roundTrips: readonly RoundTrip[];
}

/** How long a TCP connection takes from a node of one region to a node of another: median of five, in milliseconds. */
interface RoundTrip {
  /** Two regions. */
  readonly between: readonly string[];
  /** None where there was no answer. */
  readonly before?: number;
  readonly after?: number;
}

/** A worse network that is on, as `status` finds it. */
export interface Degradation {
  readonly profile: string;
  /** Of its regions the nodes that do not have it: a node that starts anew has lost it. */
  readonly missing: readonly string[];
  /** False where putting it on was cut off: what is on may be a part of it. */
  readonly whole: boolean;
  /** lab.yaml has another network of that name by now, or none. */
  readonly changed: boolean;
}
