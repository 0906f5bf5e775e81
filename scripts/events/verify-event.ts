/** The answer of `verify`: every path between the regions, tried once. With `--watch`, one for each round. */
export interface VerifyEvent {
  readonly event: 'verify';
  readonly lab: string;
  /** Every path is as it should be, and a probe is on every node. */
  readonly ok: boolean;
  /** From the first call to the last answer. */
  readonly seconds: number;
  /** From each region to each, itself too. */
  readonly pairs: readonly PairLine[];
  /** What is not as it should be, by its probable cause. */
  readonly failures: readonly PathFailure[];
  /** Nodes without a probe, as `region-a-worker (ImagePullBackOff)`. */
  readonly missing: readonly string[];
}

/** The paths from one region to another. */
export interface PairLine {
  readonly from: string;
  readonly to: string;
  /** lab.yaml connects the two, or they are the same. */
  readonly linked: boolean;
  readonly ok: boolean;
  readonly paths: readonly PathLine[];
}

/** One way from the pods of a region to another region. */
export interface PathLine {
  readonly path: 'pod' | 'mtu' | 'service' | 'name' | 'balancer' | 'policy';
  /** Whether an answer is to come. */
  readonly expected: 'answer' | 'none';
  /** How often it was tried, and how many of these went as they should. */
  readonly asked: number;
  readonly ok: number;
  /** Until the answer, median; none where none came. */
  readonly milliseconds?: number;
}

/** Paths that are not as they should be, by what probably keeps them from it. */
export interface PathFailure {
  readonly cause: string;
  /** The command by which to look first. */
  readonly look: string;
  /** Which they are. */
  readonly ways: readonly FailedWay[];
  /** How many tries failed so. */
  readonly count: number;
  /** Of the first of them: what was to be seen, and what was. */
  readonly expected: string;
  readonly seen: string;
  /** Kubernetes node from which it was tried. */
  readonly fromNode: string;
  /** And to which; none where any of the region may answer. */
  readonly toNode?: string;
}

/** From one region to another. */
export interface FailedWay {
  readonly from: string;
  readonly to: string;
  readonly paths: readonly PathLine['path'][];
}
