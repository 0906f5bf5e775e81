import type { Failure } from './failures.ts';

/** What a deployment says of itself. Reporters turn it into text or JSON; times are seconds since its start. */
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
  | { readonly event: 'stopped'; readonly exists: readonly string[]; readonly goOn: string; readonly cleanUp: string }
  | {
      readonly event: 'finished';
      readonly at: number;
      readonly outcome: 'done' | 'failed';
      readonly ran: number;
      readonly skipped: number;
      readonly timings: readonly Timing[];
      readonly criticalPath: readonly string[];
    }
  | { readonly event: 'access'; readonly hubbleUi: Readonly<Record<string, string>>; readonly kubeconfig: string };

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
