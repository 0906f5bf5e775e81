import type { Failure } from './failures.ts';

/** What commands say of themselves. Reporters turn it into text, or into JSON, one event a line; times are seconds since the start. */
export type DriverEvent =
  | { readonly event: 'started'; readonly lab: string; readonly regions: readonly string[]; readonly stack: string }
  | { readonly event: 'nothing-there'; readonly lab: string }
  | { readonly event: 'warning'; readonly message: string }
  | { readonly event: 'planned'; readonly steps: readonly PlannedLine[] }
  | {
      readonly event: 'step-started';
      readonly at: number;
      readonly step: string;
      readonly region?: string;
      readonly reason: string;
    }
  | {
      readonly event: 'step-progress';
      readonly at: number;
      readonly step: string;
      readonly region?: string;
      readonly line: string;
    }
  | {
      readonly event: 'step-done';
      readonly at: number;
      readonly step: string;
      readonly region?: string;
      readonly seconds: number;
    }
  | {
      readonly event: 'step-failed';
      readonly at: number;
      readonly step: string;
      readonly region?: string;
      readonly seconds: number;
      readonly failure: Failure;
    }
  | {
      readonly event: 'stopped';
      /** The lab's network and clusters as they stand; undefined where Docker could not be asked in time. */
      readonly exists: readonly string[] | undefined;
      /** Commands to paste: to look at what exists, to go on, to clean up. */
      readonly look: string;
      readonly goOn: string;
      readonly cleanUp: string;
    }
  | {
      readonly event: 'finished';
      readonly at: number;
      readonly outcome: 'done' | 'failed';
      readonly ran: number;
      readonly skipped: number;
      readonly timings: readonly Timing[];
      readonly criticalPath: readonly string[];
    }
  | {
      readonly event: 'access';
      /** By region: address of Hubble UI. */
      readonly hubbleUi: Readonly<Record<string, string>>;
      /** Absolute paths, one file a region. */
      readonly kubeconfig: readonly string[];
    }
  | StatusEvent
  | FailedEvent;

/** The answer of `status`. */
export interface StatusEvent {
  readonly event: 'status';
  readonly lab: string;
  readonly regions: readonly RegionStatus[];
}

/** One region as `status` shows it. */
export interface RegionStatus {
  readonly region: string;
  /** All its nodes are ready, Cilium is up, and all its agents are connected to all other regions. */
  readonly ok: boolean;
  readonly state: 'absent' | 'unreachable' | 'not ours' | 'up';
  readonly nodesReady: number;
  readonly nodes: number;
  /** `-` where there is none, the version where it is up, or what is not up. */
  readonly cilium: string;
  readonly hubbleUi: string | undefined;
  readonly meshApiServer: string | undefined;
  /** By remote region: agents connected to it, such as `2/2`. */
  readonly links: Readonly<Record<string, string>>;
}

/** The last event of a command that was refused, or failed outside of a step. */
export interface FailedEvent {
  readonly event: 'failed';
  readonly exitCode: number;
  /** What people read on stderr; may be of several lines. */
  readonly message: string;
  /** Where a program failed. */
  readonly failure?: Failure;
}

export interface PlannedLine {
  readonly step: string;
  readonly region?: string;
  readonly action: 'run' | 'skip';
  readonly reason: string;
}

export interface Timing {
  /** `region-athens/cilium` */
  readonly id: string;
  readonly step: string;
  readonly region?: string;
  /** Seconds since the start of the deployment. */
  readonly from: number;
  readonly to: number;
}

/** Something that listens to a deployment. */
export interface Reporter {
  report(event: DriverEvent): void;
  /** Ends live output; called once. */
  close(): void;
}
