import { setTimeout as sleep } from 'node:timers/promises';
import type { LoadBalancer, Region } from '../../lab/lab.ts';
import { OPEN_PORT, PROBES } from '../../lab/probes.ts';
import { FindingsError } from '../events/errors.ts';
import type { Paths } from '../files/paths.ts';
import type { Queries } from '../observe/queries.ts';
import { CommandError, type Outcome } from '../tools/command-error.ts';
import type { Command } from '../tools/command.ts';
import {
  applyMade,
  deleteNamespace,
  exec,
  get,
  getAll,
  getFromPod,
  type KubeTarget,
  parseObjects,
  rolloutStatus,
} from '../tools/kubectl.ts';
import { type Cause, causeOf, type Circumstances } from './cause.ts';
import { untilEtcdAnswers } from '../observe/again.ts';
import { circumstancesOf } from './circumstances.ts';
import { isSettled, missingProbes, type Probe, readProbes, type RegionProbes } from './probe.ts';
import { type Question, questionsOf, unaddressed } from './questions.ts';
import { failed, type Trial, trialsOf } from './trials.ts';

/** By what the paths are tried. */
export interface ProbeMeans {
  readonly paths: Paths;
  readonly queries: Queries;
  /** Who gives the LoadBalancer addresses. */
  readonly loadBalancer: LoadBalancer;
  /** Runs a command whose failure is an answer. */
  attempt(command: Command): Promise<Outcome>;
  /** Runs a command that takes away what was brought, also after a stop. */
  farewell(command: Command): Promise<Outcome>;
  /** Pauses between two looks. @throws where the driver is stopped */
  pause(seconds: number): Promise<void>;
  /** Told what is waited for. */
  progress(text: string): void;
}

/** How long is waited for what. */
export interface ProbePatience {
  /** Seconds until the probes are up: their image may have to be pulled. */
  readonly up: number;
  /** Milliseconds until a path that is to be open is: what is new takes a moment to be known in the whole mesh. */
  readonly open: number;
}

/** Milliseconds for each try of a path. */
const EACH = 1000;

/** Seconds for an answer to come back. */
const SLACK = 5;

/** Argument of a program: Linux takes 128 KiB at most. */
const MOST_QUESTIONS = 500;

/** Every path that was tried, and what is known of those that failed. */
export interface Tried {
  readonly trials: readonly Trial[];
  /** The failed ones, each with what to look at first. */
  readonly failures: readonly (Trial & Cause)[];
  /** By region: nodes without a probe, as `region-a-worker (ImagePullBackOff)`; nothing is asked from or of those. */
  readonly missing: ReadonlyMap<string, readonly string[]>;
}

/**
 * Brings a server and client to every node, and waits until they are up, each region as long as it takes.
 * @throws CommandError where a region's API server does not take them
 */
export async function bringProbes(
  means: ProbeMeans,
  regions: readonly Region[],
  patience: Pick<ProbePatience, 'up'>,
): Promise<void> {
  await Promise.all(regions.map((region) => bring(means, region, patience)));
}

async function bring(means: ProbeMeans, region: Region, { up }: Pick<ProbePatience, 'up'>): Promise<void> {
  const { paths, queries } = means;
  const end = Date.now() + up * 1000;
  const target = paths.target(region);
  for (;;) {
    const [space] = await queries.read(get(target, 'default', [`namespace/${PROBES}`]), parseObjects);
    if (space?.metadata.deletionTimestamp === undefined) {
      const outcome = await means.attempt(applyMade(target, paths.manifest(region.name, 'probes.yaml')));
      if (outcome.exitCode === 0) return;
      // it has begun to go since
      if (!/being terminated|not found/.test(outcome.stderr) || Date.now() > end) throw new CommandError(outcome);
    }
    if (Date.now() > end)
      throw new FindingsError(`the namespace ${PROBES} of an earlier trial does not end in ${region.name}`, []);
    means.progress(`waiting until the probes of an earlier trial are gone in ${region.name}`);
    await means.pause(0.5);
  }
}

/** Has another run taken the probes away, in any of the regions? */
export async function areTaken({ paths, queries }: ProbeMeans, regions: readonly Region[]): Promise<boolean> {
  const spaces = await Promise.all(
    regions.map((region) => queries.read(get(paths.target(region), 'default', [`namespace/${PROBES}`]), parseObjects)),
  );
  return spaces.some(([space]) => space === undefined || space.metadata.deletionTimestamp !== undefined);
}

/** Takes the probes away again, also after a stop; what does not answer is left, and is no failure. */
export async function takeProbes(means: ProbeMeans, regions: readonly Region[]): Promise<void> {
  const take = (region: Region): Promise<Outcome> =>
    means.farewell(deleteNamespace(means.paths.target(region), PROBES));
  // a stop does not end it
  const wait = (seconds: number): Promise<void> => sleep(seconds * 1000);
  await Promise.all(
    regions.map(async (region) => {
      for (let tries = 1; tries <= TAKES; tries++) {
        const { ended, exitCode } = await untilEtcdAnswers(() => take(region), wait);
        if (ended !== 'exit' || exitCode === 0) return;
        await wait(1);
      }
    }),
  );
}

/** How often it is tried to take probes away: what fails once is left to nobody. */
const TAKES = 3;

/** Asks every path between the regions once, side by side, from the probes that are there. */
export async function tryPaths(means: ProbeMeans, regions: readonly Region[], patience: ProbePatience): Promise<Tried> {
  const all = await Promise.all(regions.map((region) => probesUp(means, region, patience)));
  means.progress('asking from every node');
  const trials = (
    await Promise.all(all.flatMap(({ probes }) => probes.filter(isUp).map((probe) => ask(means, probe, all, patience))))
  ).flat();
  const missing = new Map(
    all.map((seen) => [seen.region.name, missingProbes(seen)] as const).filter(([, nodes]) => nodes.length > 0),
  );
  return { trials, failures: await explain(means, trials, all), missing };
}

/** Can it ask and be asked? */
export const isUp = ({ isReady, address }: Probe): boolean => isReady && address !== undefined;

/** Seconds of a wait between two looks. */
const WAIT = 3;

/** The probes of a region once all are ready, or the time is up. A wait is one process, where looking again and again keeps a core busy. */
export async function probesUp(means: ProbeMeans, region: Region, { up }: ProbePatience): Promise<RegionProbes> {
  const { paths, queries } = means;
  const target = paths.target(region);
  const end = Date.now() + up * 1000;
  for (;;) {
    const { exitCode } = await means.attempt(rolloutStatus(target, PROBES, 'daemonset/probe', WAIT));
    const own = await queries.read(getAll(target, PROBES, 'pods,services'), parseObjects);
    const seen = readProbes(region, own);
    if (isSettled(seen) || Date.now() > end) {
      const server = await queries.read(get(target, 'kube-system', ['service/clustermesh-apiserver']), parseObjects);
      return readProbes(region, [...own, ...server]);
    }
    means.progress(`waiting for the probes of ${region.name}: ${missingProbes(seen).join(', ')}`);
    // it does not wait where it is not asked of what it knows
    if (exitCode === 0) await means.pause(0.3);
  }
}

async function ask(
  means: ProbeMeans,
  probe: Probe,
  all: readonly RegionProbes[],
  { open }: ProbePatience,
): Promise<Trial[]> {
  const questions = questionsOf(probe, all);
  const region = all.find((each) => each.region.name === probe.region)?.region;
  if (region === undefined) return [];
  const target = means.paths.target(region);
  const parts = Array.from({ length: Math.ceil(questions.length / MOST_QUESTIONS) }, (_, part) =>
    questions.slice(part * MOST_QUESTIONS, (part + 1) * MOST_QUESTIONS),
  );
  const answers = parts.map(async (part) => {
    const questioned = JSON.stringify({ patience: open, each: EACH, questions: part.map(asked) });
    const { stdout, stderr, exitCode } = await questioning(means, target, probe.pod, questioned, open);
    const why = stderr.trim().split('\n').at(-1);
    return trialsOf(part, stdout, exitCode === 0 || why === '' ? undefined : `kubectl exec: ${why ?? ''}`);
  });
  return [...(await Promise.all(answers)).flat(), ...unaddressed(probe, all).map(failed)];
}

/**
 * A probe is asked by way of the API server, which starts no program in its pod; where that way is not open, as where its node
 * drops packets, by such a program.
 */
async function questioning(
  means: ProbeMeans,
  target: KubeTarget,
  pod: string,
  questions: string,
  patience: number,
): Promise<Outcome> {
  const seconds = Math.ceil(patience / 1000) + SLACK;
  const path = `/ask?q=${encodeURIComponent(questions)}`;
  const answered = await means.attempt(getFromPod(target, PROBES, pod, OPEN_PORT, path, seconds));
  if (answered.exitCode === 0) return answered;
  return means.attempt(exec(target, PROBES, pod, ['node', '/probe/ask.mjs', questions]));
}

/** A question as `probe/ask.mjs` reads it. */
const asked = ({ by, host, port, isOpen, to, toProbe }: Question, id: number) => ({
  ...{ id, by, host, port, region: to },
  ...(toProbe !== undefined && { pod: toProbe.pod }),
  ...(!isOpen && { shut: true }),
});

async function explain(
  { paths, queries, loadBalancer }: ProbeMeans,
  trials: readonly Trial[],
  all: readonly RegionProbes[],
): Promise<(Trial & Cause)[]> {
  const failed = trials.filter(({ ok }) => !ok);
  const concerned = new Set(failed.flatMap(({ from, to }) => [from.region, to]));
  const known = new Map<string, Circumstances>();
  await Promise.all(
    all
      .filter(({ region }) => concerned.has(region.name))
      .map(async (seen) =>
        known.set(seen.region.name, await circumstancesOf(queries, paths.target(seen.region), seen, loadBalancer)),
      ),
  );
  return failed.flatMap((trial) => {
    const [from, to] = [known.get(trial.from.region), known.get(trial.to)];
    return from === undefined || to === undefined ? [] : [{ ...trial, ...causeOf(trial, trials, from, to) }];
  });
}
