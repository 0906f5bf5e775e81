import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Region } from '../../lab/lab.ts';
import { exitCode, UserError } from '../events/errors.ts';
import type { VerifyEvent } from '../events/verify-event.ts';
import { junit } from '../events/reporters/junit.ts';
import { changedLines, verifyLines } from '../events/reporters/verify.ts';
import { keepVerified } from '../files/verified.ts';
import { leftFaultText } from '../files/left-fault.ts';
import { checkStateFolder } from '../files/state-folder.ts';
import { observeHoldings } from '../observe/observe.ts';
import { clusterOwnership } from '../observe/owned.ts';
import { areTaken, bringProbes, type ProbeMeans, takeProbes, tryPaths } from '../probes/try-paths.ts';
import { asleepRefusal } from '../plan/refusals.ts';
import { CommandError } from '../tools/command-error.ts';
import { verifyEvent } from '../probes/report.ts';
import { refuse } from './refuse.ts';
import type { Io } from './io.ts';
import type { VerifyOptions } from './options.ts';
import { checkJunit, columnsOf, forgetJunit, printJson, styleOf, tellBeside, writeJunit } from './output.ts';
import { lockLab } from './own.ts';
import { openSession, selectRegions, type Session } from './session.ts';
import { checkDist } from './synth.ts';

/** Seconds for the probes to come up: where their image has to be pulled, that takes the most of it. */
const UP = 120;

/** Milliseconds until a path that is to be open is: on a busy machine what is new is known late. */
const OPEN = 20_000;

/** Seconds for a command. */
const COMMAND = 60;

/** Seconds between two rounds of `--watch`. */
const BETWEEN = 2;

/** `npm run verify`: every path between the regions, tried once; with `--watch` again and again. */
export async function verify(options: VerifyOptions, io: Io): Promise<number> {
  const session = openSession(options, io, true, tellBeside(options.output, io));
  const regions = selectRegions(session.lab, options);
  checkJunit(io, options.junit);
  forgetJunit(io, options.junit);
  checkBuilt(session, regions);
  await session.programs.haveAll(['docker']);
  await checkStateFolder({ ...session, signal: io.signal });
  const left = leftFaultText(session.paths);
  if (left !== undefined) tellBeside(options.output, io)({ event: 'warning', message: left });
  await Promise.all([checkDist(session, io.signal), checkOurs(session, regions)]);
  return options.watch === true ? watch(session, regions, options, io) : once(session, regions, options, io);
}

async function once(session: Session, regions: readonly Region[], options: VerifyOptions, io: Io): Promise<number> {
  const lock = await lockLab('verify', session);
  try {
    const { ok } = await round(session, regions, options, io);
    return ok ? exitCode.done : exitCode.failed;
  } finally {
    await takeProbes(meansOf(session), regions);
    await lock.release();
  }
}

/** Until it is stopped. The probes stay between the rounds; while another run works on the lab, it waits. */
async function watch(session: Session, regions: readonly Region[], options: VerifyOptions, io: Io): Promise<number> {
  const tell = tellBeside(options.output, io);
  const means = meansOf(session);
  let before: VerifyEvent | undefined;
  let busy: string | undefined;
  try {
    for (;;) {
      const said = await tryRound(session, regions, options, io, before);
      if (typeof said !== 'string') before = said;
      else if (said !== busy) tell({ event: 'warning', message: said });
      busy = typeof said === 'string' ? said : undefined;
      await means.pause(BETWEEN);
    }
  } finally {
    const left = await leave(session, regions);
    if (left !== undefined) tell({ event: 'warning', message: left });
  }
}

/** One round, alone with the lab. @returns what keeps it from being asked, as another run, or that it rests */
async function tryRound(
  ...[session, regions, options, io, before]: Parameters<typeof round>
): Promise<VerifyEvent | string> {
  try {
    const lock = await lockLab('verify', session);
    try {
      await checkOurs(session, regions);
      return await round(session, regions, options, io, before);
    } finally {
      await lock.release();
    }
  } catch (error) {
    const isForNow = error instanceof UserError || error instanceof CommandError;
    if (!isForNow || io.signal.aborted) throw error;
    return error.message;
  }
}

/** Takes the probes away, unless another run is at work, which may be asking by them. @returns what is to be told of that */
async function leave(session: Session, regions: readonly Region[]): Promise<string | undefined> {
  try {
    const lock = await lockLab('verify', session);
    try {
      await takeProbes(meansOf(session), regions);
    } finally {
      await lock.release();
    }
    return undefined;
  } catch (error) {
    return `the probes are left to the run at work, or to the next verify: ${(error as Error).message}`;
  }
}

async function round(
  session: Session,
  regions: readonly Region[],
  options: VerifyOptions,
  io: Io,
  before?: VerifyEvent,
): Promise<VerifyEvent> {
  const start = performance.now();
  const means = meansOf(session);
  const patience = { up: UP, open: OPEN };
  // between the rounds of a watch they stay as they are, whatever somebody does to them, unless another run takes them away
  if (before === undefined || before.missing.length > 0 || (await areTaken(means, regions)))
    await bringProbes(means, regions, patience);
  const tried = await tryPaths(means, regions, patience);
  const event = verifyEvent(session.lab, regions, tried, start);
  // of some regions it is no answer for all
  if (regions.length === session.lab.regions.length) keepVerified(session.paths, event);
  tellRound(event, before, options, io);
  return event;
}

function tellRound(event: VerifyEvent, before: VerifyEvent | undefined, options: VerifyOptions, io: Io): void {
  if (options.junit !== undefined) writeJunit(io, options.junit, junit(event));
  if (options.output === 'json') {
    printJson(io, event);
    return;
  }
  const style = styleOf(io, io.stdout);
  const columns = columnsOf(io.stdout);
  const lines = before === undefined ? verifyLines(event, style, columns) : changedLines(before, event, style, columns);
  if (lines.length > 0) io.stdout.write(`${lines.join('\n')}\n`);
}

/** @throws UserError naming the regions that no deploy has made */
function checkBuilt({ paths }: Session, regions: readonly Region[]): void {
  refuseAbsent(
    paths,
    regions.filter(({ name }) => !existsSync(paths.kubeconfig(name))),
  );
}

/** Only what is this lab's is asked, and runs. @throws UserError naming the regions whose cluster is not, or does not */
async function checkOurs({ lab, paths, queries }: Session, regions: readonly Region[]): Promise<void> {
  const holdings = await observeHoldings(queries, paths);
  refuseAbsent(
    paths,
    // half a cluster has a kubeconfig, and Cilium may be on its way
    regions.filter(({ name }) => clusterOwnership(lab, holdings, name) !== 'ours' || holdings.creating.includes(name)),
  );
  const of = (region: string) => holdings.containers.filter(({ cluster }) => cluster === region);
  refuse(regions.map(({ name }) => asleepRefusal(name, of(name), paths.command)));
}

function refuseAbsent(paths: Session['paths'], absent: readonly Region[]): void {
  if (absent.length === 0) return;
  const cause = `no cluster of this lab: ${absent.map(({ name }) => name).join(', ')}`;
  throw UserError.refusing([{ cause, remedy: `build it first: ${paths.command('deploy')}` }]);
}

function meansOf({ lab: { loadBalancer }, paths, queries, runner }: Session): ProbeMeans {
  const log = paths.log('verify');
  return {
    loadBalancer,
    paths,
    queries,
    attempt: (command) => runner.attempt(command, { log, timeoutSeconds: COMMAND }),
    farewell: (command) => runner.farewell(command, log),
    pause: (seconds) => sleep(seconds * 1000, undefined, { signal: runner.signal }),
    progress: () => undefined,
  };
}
