import { existsSync, readdirSync, rmdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { exitCode, UserError } from '../events/errors.ts';
import type { DriverEvent, Reporter } from '../events/events.ts';
import { sweepEvidence } from '../evidence/gather.ts';
import { mapTexts } from '../events/redact.ts';
import { readOwner } from '../files/owner.ts';
import { isPassing, RunRecord } from '../files/run-record.ts';
import type { Secrets } from '../files/secrets.ts';
import { openStateFolder, removeStateFolder } from '../files/state-folder.ts';
import type { Paths } from '../files/paths.ts';
import { labLock } from '../run/lock.ts';
import type { Io } from './io.ts';
import type { CommonOptions } from './options.ts';
import { makeReporter } from './output.ts';
import { tellEvidence } from './evidence.ts';
import { type LabLock, lockLab } from './own.ts';
import { openSession, type Session } from './session.ts';
import { type ChangingCommand, stoppedEvent } from './what-exists.ts';

/** A command that changes a lab. */
export interface LabCommand {
  readonly name: ChangingCommand;
  /** The options that it was given, for the command that goes on after a stop. */
  readonly typed: readonly string[];
  /** What the steps do, by their names. */
  readonly titles: ReadonlyMap<string, string>;
  /** Looks at what can be judged before anything is asked or locked. @throws UserError */
  check?(session: Session): void;
  /** @returns the exit code */
  work(session: Session, reporter: Reporter, lock: LabLock): Promise<number>;
}

/**
 * Changes a lab: alone, and told by a reporter. A stop is told with what exists; a refusal leaves no `.lab/NAME/` where there
 * was none.
 */
export async function workOn(command: LabCommand, options: CommonOptions, io: Io): Promise<number> {
  const told: { reporter?: Reporter } = {};
  const session = openSession(options, io, true, (event) => {
    told.reporter?.report(event);
  });
  const { paths, secrets } = session;
  command.check?.(session);
  await session.programs.haveAll(['docker']);
  const lock = await lockLab(command.name, session);
  const isNew = !existsSync(paths.state);
  let isRefused = false;
  const events: DriverEvent[] = [];
  try {
    await openStateFolder({ ...session, signal: io.signal });
    sweepEvidence(paths);
    const reporter = await makeReporter(options.output, io, (path) => paths.show(path), command.titles);
    const record =
      command.name === 'deploy'
        ? new RunRecord(paths, 'deploy', command.typed, Date.now, (text) => secrets.redact(text))
        : undefined;
    told.reporter = heard(reporter, secrets, (event) => {
      record?.add(event);
      if (!isPassing(event)) events.push(event);
    });
    const owner = readOwner(paths);
    if (owner !== undefined) await lock.add(labLock(owner));
    const code = await command.work(session, told.reporter, lock);
    if (io.signal.aborted || !hasFailed(events)) return code;
    const isStopped = await tellEvidence(session, options, io, events, told.reporter);
    if (!isStopped) return code;
    told.reporter.report(await stoppedEvent(session, command.name, command.typed));
    return exitCode.stopped;
  } catch (error) {
    if (io.signal.aborted) told.reporter?.report(await stoppedEvent(session, command.name, command.typed));
    else if (told.reporter !== undefined && hasFailed(events))
      await tellEvidence(session, options, io, events, told.reporter);
    isRefused = error instanceof UserError;
    throw error;
  } finally {
    told.reporter?.close();
    // a second look may be refused when there is something already
    const hasBegun = events.some(({ event }) => event === 'step-started');
    if (isNew && isRefused && !hasBegun && existsSync(paths.state)) removeState(session);
    await lock.release();
  }
}

const hasFailed = (events: readonly DriverEvent[]): boolean => events.some(({ event }) => event === 'step-failed');

/** A reporter beside whom somebody else hears everything; neither hears a secret, whatever a program has said. */
const heard = (reporter: Reporter, secrets: Secrets, hear: (event: DriverEvent) => void): Reporter => ({
  report: (told) => {
    const event = mapTexts(told, (text) => secrets.hide(text));
    reporter.report(event);
    hear(event);
  },
  pause: () => {
    reporter.pause();
  },
  close: () => {
    reporter.close();
  },
});

/** Removes `.lab/NAME`, and `.lab` too where nothing else is in it. @throws OutputError where it is not the lab's */
export function removeState(session: Session): void {
  removeStateFolder(session);
  removeEmpty(session.paths);
}

function removeEmpty(paths: Paths): void {
  const all = dirname(paths.state);
  if (existsSync(all) && readdirSync(all).length === 0) rmdirSync(all);
}
