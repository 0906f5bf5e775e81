import type { CachesEvent, CachesPrunedEvent } from './cache-event.ts';
import type { DegradedEvent } from './degraded-event.ts';
import type { DoctorEvent } from './doctor-event.ts';
import type { Failure } from './failures.ts';
import type { FailoverEvent } from './failover-event.ts';
import type { BundleEvent, DownloadEvent, PrunedEvent, ToolsEvent } from './supply-event.ts';
import type { StatusEvent } from './status-event.ts';
import type { VerifyEvent } from './verify-event.ts';

/**
 * What commands say of themselves. Reporters turn it into text, or into JSON, one event a line; `docs/events.md` tells each of
 * them to those who read the JSON.
 */
export type DriverEvent =
  | StartedEvent
  | NothingThereEvent
  | WarningEvent
  | DownloadEvent
  | ToolsEvent
  | PrunedEvent
  | BundleEvent
  | CachesEvent
  | CachesPrunedEvent
  | PlannedEvent
  | StepStartedEvent
  | StepProgressEvent
  | StepTakesLongEvent
  | StepDoneEvent
  | StepFailedEvent
  | StepAgainEvent
  | FinishedEvent
  | AccessEvent
  | StatusEvent
  | VerifyEvent
  | FailoverEvent
  | DegradedEvent
  | DoctorEvent
  | ReportEvent
  | ScenariosEvent
  | EvidenceEvent
  | StoppedEvent
  | FailedEvent;

/** A deploy begins, and looks at what exists; a destroy begins to remove; a scenario comes up or goes; or a fault, or a worse network, is brought about. */
interface StartedEvent {
  readonly event: 'started';
  readonly lab: string;
  /** In the order of lab.yaml. */
  readonly regions: readonly string[];
  readonly stack: string;
}

/** There was nothing to destroy. */
interface NothingThereEvent {
  readonly event: 'nothing-there';
  readonly lab: string;
}

/** Something is odd, and stops nothing. */
interface WarningEvent {
  readonly event: 'warning';
  readonly message: string;
}

/** What is going to be done and what is done already, in the order of a deploy. */
interface PlannedEvent {
  readonly event: 'planned';
  readonly steps: readonly PlannedLine[];
}

export interface PlannedLine {
  readonly step: string;
  /** None: a step of the whole lab. */
  readonly region?: string;
  readonly action: 'run' | 'skip';
  readonly reason: string;
}

/** What all events of a step have. */
interface OfStep {
  /** Seconds since the first step could start. */
  readonly at: number;
  readonly step: string;
  /** None: a step of the whole lab. */
  readonly region?: string;
}

/** A step begins. */
interface StepStartedEvent extends OfStep {
  readonly event: 'step-started';
  /** Why it is not skipped. */
  readonly reason: string;
}

/** What a step waits for, or the last line of its program. */
interface StepProgressEvent extends OfStep {
  readonly event: 'step-progress';
  readonly line: string;
}

/** A step is still at work after two minutes, after four, and so on. */
export interface StepTakesLongEvent extends OfStep {
  readonly event: 'step-takes-long';
  /** Since it began. */
  readonly seconds: number;
  /** The command that it runs just now, as it is typed in a shell; none between two of them. */
  readonly call?: string;
  /** What that said last, or what is waited for. */
  readonly said?: string;
  /** What is not up meanwhile, and why, and the newest warnings of Kubernetes; empty where it waits for no pods, or all are up. */
  readonly notUp: readonly string[];
}

/** A step has ended well. */
interface StepDoneEvent extends OfStep {
  readonly event: 'step-done';
  /** How long it took. */
  readonly seconds: number;
  /** What it has found, in words, where it looks or measures. */
  readonly result?: string;
}

/** A step, or a part of it, has failed. Nothing new starts; what runs comes to its end. */
interface StepFailedEvent extends OfStep {
  readonly event: 'step-failed';
  /** How long it took. */
  readonly seconds: number;
  readonly failure: Failure;
}

/**
 * A step of a deploy has failed in a way that the same deploy once more mends, and so it will: once what runs has come to its end it looks
 * and plans once more. It happens in the first plan alone. Where no second one comes, the same follows as `step-failed`.
 */
interface StepAgainEvent extends OfStep {
  readonly event: 'step-again';
  /** How long it took. */
  readonly seconds: number;
  readonly failure: Failure;
}

/** All steps have ended: those of the plan, or those before a failure. */
export interface FinishedEvent {
  readonly event: 'finished';
  /** Seconds since the first step could start. */
  readonly at: number;
  readonly outcome: 'done' | 'failed';
  /** Steps that ended well. */
  readonly ran: number;
  /** Steps that the plan skipped. */
  readonly skipped: number;
  /** Of the steps that ended well, in the order of the plan. */
  readonly timings: readonly Timing[];
  /** Ids of the steps that bounded the whole, in their order; none for a destroy. */
  readonly criticalPath: readonly string[];
}

export interface Timing {
  /** `region-athens/cilium`, `connect` */
  readonly id: string;
  readonly step: string;
  /** None: a step of the whole lab. */
  readonly region?: string;
  /** Seconds since the first step could start. */
  readonly from: number;
  readonly to: number;
}

/** The lab is deployed: how to get at it. */
export interface AccessEvent {
  readonly event: 'access';
  /** By region: address of Hubble UI. */
  readonly hubbleUi: Readonly<Record<string, string>>;
  /** Absolute paths, one file a region. */
  readonly kubeconfig: readonly string[];
  /** Folder with the lab's programs; none where the PATH has all of them. */
  readonly bin?: string;
  /** Commands to paste: to look at the lab, to clean up. */
  readonly look: string;
  readonly cleanUp: string;
}

/** The answer of `report`. */
interface ReportEvent {
  readonly event: 'report';
  readonly lab: string;
  /** Absolute path. */
  readonly file: string;
  readonly bytes: number;
}

/** The answer of `scenario`. */
interface ScenariosEvent {
  readonly event: 'scenarios';
  readonly lab: string;
  readonly scenarios: readonly ScenarioLine[];
}

/** A scenario in one region. */
export interface ScenarioLine {
  readonly scenario: string;
  readonly region: string;
  /**
   * `up`: as dist/ has it, and all of its pods are ready; `coming`: they are not yet; `differs`; `not there`; `going`: it is
   * being taken down; `left`: it is there, and lab.yaml does not choose it; `not ours`: somebody else's namespace has its
   * name; `unreachable`: the region is not there, or does not answer.
   */
  readonly state: 'up' | 'coming' | 'differs' | 'not there' | 'going' | 'left' | 'not ours' | 'unreachable';
  /** What differs, or is not ready. */
  readonly detail?: string;
}

/** After a step failed: what tells of it, in one file, secrets hidden. */
interface EvidenceEvent {
  readonly event: 'evidence';
  /** Absolute path of a `.tar.gz`. */
  readonly file: string;
  readonly bytes: number;
}

/** A signal, or a reader that has gone, stopped a command that changes a lab. */
export interface StoppedEvent {
  readonly event: 'stopped';
  /** The lab's network and clusters as they stand; undefined where Docker could not be asked in time. */
  readonly exists: readonly string[] | undefined;
  /** Commands to paste: to look at what exists, to go on, to clean up. */
  readonly look: string;
  readonly goOn: string;
  readonly cleanUp: string;
}

/** The last event of a command that was refused, or failed outside of a step. */
export interface FailedEvent {
  readonly event: 'failed';
  readonly exitCode: number;
  /** What people read on stderr, but for what stands in `failure`; may be of several lines. */
  readonly message: string;
  /** Where programs are missing or something stands against the command: each cause with its remedy. */
  readonly refusals?: readonly { readonly cause: string; readonly remedy: string }[];
  /** Where the lab file is wrong: all that is. */
  readonly problems?: readonly LabFileProblem[];
  /** Where a program failed. */
  readonly failure?: Failure;
}

/** Something that the lab file gets wrong. */
interface LabFileProblem {
  /** `regions[0].podSubnet`; empty for the file as a whole. */
  readonly key: string;
  /** Counted from 1; none where it is about the file as a whole. */
  readonly line?: number;
  readonly column?: number;
  /** The value, what is wrong with it, and what to do. */
  readonly message: string;
}

/** Something that listens to a deployment. */
export interface Reporter {
  report(event: DriverEvent): void;
  /** Takes live output off the screen until the next event: a person is asked. */
  pause(): void;
  /** Ends live output; called once. */
  close(): void;
}
