import type { Lab, Region } from '../../lab/lab.ts';
import type { Output } from '../tools/runner.ts';
import type { Command } from '../tools/command.ts';
import type { Outcome } from '../tools/command-error.ts';
import type { Desired, DesiredRegions } from '../files/desired.ts';
import type { Queries } from '../observe/queries.ts';
import type { Observed, ObservedCluster, ObservedRegion } from '../observe/observed.ts';
import type { Paths } from '../files/paths.ts';
import type { Bundle } from '../supply/bundle.ts';
import type { Credentials } from '../tools/docker-config.ts';
import type { ImageUses } from '../supply/image-uses.ts';
import type { SourceFiles } from '../supply/sources.ts';
import type { NodeAddresses } from './node-addresses.ts';

export type StepName =
  | 'network'
  | 'fetch'
  | 'pull'
  | 'image'
  | 'cache'
  | 'hosts'
  | 'fill'
  | 'bundle'
  | 'cluster'
  | 'start'
  | 'stop'
  | 'load'
  | 'upgrade'
  | 'cilium'
  | 'metallb'
  | 'pool'
  | 'ready'
  | 'enable'
  | 'connect'
  | 'paths'
  | 'scenario'
  | 'failover'
  | 'before'
  | 'degrade'
  | 'after'
  | 'test'
  | 'verify';

/** Run it or skip it, and why, in words that follow the step's name: `cilium: not installed`. */
export interface Decision {
  readonly action: 'run' | 'skip';
  readonly reason: string;
  /** Its work is done, but an earlier step of this run disturbs it: only its wait runs. */
  readonly onlyWait?: true;
}

export const run = (reason: string): Decision => ({ action: 'run', reason });
export const skip = (reason: string): Decision => ({ action: 'skip', reason });
/** Waits once more for what an earlier run made, since this one disturbs it. */
export const waitAgain = (reason: string): Decision => ({ action: 'run', reason, onlyWait: true });

/** What a decision may look at. Deciding is pure: the same situation, the same plan. */
export interface Situation {
  readonly lab: Lab;
  /** The regions of this run: all, or those of `--region`. */
  readonly regions: readonly Region[];
  readonly desired: DesiredRegions;
  readonly observed: Observed;
  /** Names by `source--remote` of the pairs whose last test still stands. */
  readonly tested: ReadonlySet<string>;
  /** Every path between these regions was tried since the last change of any of them, and was as it should be. */
  readonly tried: boolean;
  readonly skipTest: boolean;
  /** A living Cilium is changed in all regions side by side, and nothing is asked meanwhile. */
  readonly atOnce: boolean;
  /** What of the living mesh is not whole; undefined where all is. Looked up once. */
  readonly meshGap: () => string | undefined;
  /**
   * Is that step (of that region, or of any of this run) going to do its work, and not only to wait? No two steps ask each
   * other.
   */
  readonly runs: (step: StepName, region?: Region) => boolean;
}

/** The means by which a step does its work: programs with its log, its deadline and its progress line. */
export interface Work {
  readonly lab: Lab;
  readonly regions: readonly Region[];
  readonly desired: DesiredRegions;
  readonly observed: Observed;
  readonly paths: Paths;
  readonly queries: Queries;
  readonly sources: SourceFiles;
  /** That the lab is built from; undefined: from the web. */
  readonly bundle?: Bundle | undefined;
  readonly uses: ImageUses;
  /** What Docker's own configuration has for a registry, by its URL. */
  credentialsOf(url: string): Promise<Credentials | undefined>;
  /** Id of this folder, to be written on what it makes. */
  readonly owner: string;
  readonly addresses: NodeAddresses;
  /** Aborted when the driver is stopped. */
  readonly signal: AbortSignal;
  /** Seconds that each command and each wait of this step may take. */
  readonly timeoutSeconds: number;
  /** What a program that waits by itself is told: a little less than its deadline, so that its own last words come first. */
  readonly patienceSeconds: number;
  /**
   * Keeps all other runs on this Docker from making a cluster of that name, until it is let go of.
   * @throws UserError naming the run that does
   */
  holdCluster(name: string): Promise<{ release(): Promise<void> }>;
  /**
   * Keeps all other runs on this Docker from working on that cache, until it is let go of.
   * @throws UserError naming the run that does
   */
  holdCache(name: string): Promise<{ release(): Promise<void> }>;
  /** @param onLine told each line as it comes */
  run(command: Command, onLine?: (line: string) => void): Promise<Output>;
  /** As `run`, for commands whose failure is an answer: nothing that it says is shown as it comes. */
  attempt(command: Command): Promise<Outcome>;
  /** As `attempt`, for what takes away what the step has brought: a stop does not stop it, and it has 15 seconds. */
  farewell(command: Command): Promise<Outcome>;
  /** Has nothing been done in this run, so that `observed` is what is there? */
  readonly isUntouched: boolean;
  /** Has a step failed in this run, and is nothing of that region at work, though not all of it is done? Then it does no more. */
  isOver(region: string): boolean;
  /** Says that what the step `reaches` is there. */
  reached(): void;
  /** Shows what the step waits for, or what it saw last. */
  progress(text: string): void;
  /** Says what the step has found, once it has: it stands beside its end. */
  found(text: string): void;
  /** Pauses between two looks; ends at once, with an error, when the driver is stopped. */
  pause(seconds: number): Promise<void>;
}

interface StepBase {
  readonly name: StepName;
  /** One line for `plan` and the docs. */
  readonly title: string;
  /** Steps that come first: of the same region, or of the whole lab; a lab step waits for that step of all regions. */
  readonly after: readonly StepName[];
  /** Of those that come first, near or far: the ones of which it needs no more than what they reach. @default - none */
  readonly early?: readonly StepName[];
  /** Is it a step of such a lab at all? @default - of every lab */
  readonly concerns?: (lab: Lab) => boolean;
  /** It waits for pods of the lab, and fails as soon as it is known that one does not come up. @default - it does not */
  readonly waitsForPods?: true;
  /** It fails as soon as a node does not run any more; whoever waits for pods does too. @default - it does not */
  readonly needsNodes?: true;
}

/**
 * Done once for the whole lab. `run` or `parts` does the work, `wait` waits until it has its effect; each has one of them at
 * least. What only waits holds no place, however many regions do so at once.
 */
export interface LabStep extends StepBase {
  readonly scope: 'lab';
  decide(situation: Situation): Decision;
  readonly run?: (work: Work) => Promise<void>;
  /** Work that falls into parts, side by side as far as the regions that they change allow. Pure. */
  readonly parts?: (work: Pick<Work, 'lab' | 'regions' | 'observed'>) => readonly Part[];
  readonly wait?: (work: Work) => Promise<void>;
}

/** One part of a step of the lab. */
export interface Part {
  /** `region-athens--region-hurup` */
  readonly name: string;
  /** The regions that it changes: no two parts change the same region at once. */
  readonly regions: readonly Region[];
  run(work: Work): Promise<void>;
}

/** Done in each region; regions advance side by side. As a step of the lab, `run` works and `wait` waits. */
export interface RegionStep extends StepBase {
  readonly scope: 'region';
  /**
   * What `run` takes one of, so that not all regions do the same at once: a place among the regions that work, a place
   * among those that load images, the one place for an upgrade, or nothing. @default - a place among the regions
   */
  readonly takes?: 'region' | 'image-load' | 'upgrade' | 'nothing';
  /**
   * What its `run` tells by `reached` before its end, such as `the API server`: those that are `early` go on from there, in its
   * place among the regions. @default - nothing
   */
  readonly reaches?: string;
  decide(region: RegionSituation): Decision;
  readonly run?: (work: Work, region: Region, desired: Desired) => Promise<void>;
  readonly wait?: (work: Work, region: Region, desired: Desired) => Promise<void>;
}

export type Step = LabStep | RegionStep;

/** A situation seen from one region. */
export interface RegionSituation extends Situation {
  readonly region: Region;
  readonly wanted: Desired;
  readonly seen: ObservedRegion;
  /** The region's cluster; undefined where there is none yet, or half of one: then everything is still to do. */
  readonly cluster: ObservedCluster | undefined;
  /** What is to be done about the release of Cilium; undefined where nothing is. Looked up once. */
  readonly need: () => Need | undefined;
}

/** A step of a region that is decided by what Docker says of it alone. */
export type NodeStep = Omit<RegionStep, 'decide'> & {
  decide(situation: Pick<RegionSituation, 'region' | 'seen'>): Decision;
};

/** Why Helm has to run for Cilium. */
export interface Need {
  readonly reason: string;
  /** A release that is whole gets another chart or other values, and its agents restart: region by region, or in all of them together. */
  readonly change?: 'each' | 'together';
}
