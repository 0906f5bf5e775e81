import type { Region } from '../../lab/lab.ts';
import type { Facts } from '../doctor/facts.ts';
import { containerNames, gather } from '../doctor/gather.ts';
import { lookAtHost } from '../doctor/host.ts';
import { observe } from '../observe/observe.ts';
import type { Observed } from '../observe/observed.ts';
import type { Queries } from '../observe/queries.ts';
import { fileErrorText } from './file-error.ts';
import { checkMachine, programWarnings } from './preflight.ts';
import { UserError } from '../events/errors.ts';
import { commandLine, type Session } from './session.ts';
import { checkDist } from './synth.ts';

/** What exists, and all that the doctor judges. */
export interface Look extends Facts {
  readonly observed: Observed;
}

/** A look, and what is odd about the programs. */
export interface Looked {
  readonly facts: Look;
  readonly warnings: readonly string[];
}

/**
 * Looks at the programs, at dist/, at the machine and at what exists, all at once. A missing program or a dist/ that is out of
 * date is told as soon as it is known; the queries that still run are stopped then.
 * @param regions those that are asked for
 * @throws UserError where a program is missing, or is one that the lab does not work with, or dist/ is not what lab.yaml says
 */
export async function look(session: Session, regions: readonly Region[]): Promise<Looked> {
  const stop = new AbortController();
  const machine = checkMachine(session);
  // a copy was checked before it was made
  const dist = session.paths.isApplied
    ? Promise.resolve()
    : checkDist(session, AbortSignal.any([session.runner.signal, stop.signal]));
  const looking = lookAround(session, regions, session.queries.until(stop.signal));
  const failures: unknown[] = [];
  for (const check of [machine, dist]) {
    check.catch((reason: unknown) => {
      failures.push(reason);
      stop.abort();
      session.programs.giveUp();
    });
  }
  const [programs, files, exists] = await Promise.allSettled([machine, dist, looking]);
  // a program that is missing is told before all else; of the others the first, since what was stopped has nothing to say
  if (programs.status === 'rejected' && programs.reason instanceof UserError) throw programs.reason;
  if (programs.status === 'rejected' || files.status === 'rejected') throw asRefusal(failures[0]);
  if (exists.status === 'rejected') throw exists.reason;
  return { facts: exists.value, warnings: programWarnings(programs.value) };
}

/** Nothing was touched yet, so what the file system refuses is a refusal too. */
function asRefusal(error: unknown): unknown {
  const text = fileErrorText(error);
  return text === undefined ? error : new UserError(text);
}

/** @param queries @default - the session's */
export async function lookAround(
  session: Session,
  regions: readonly Region[],
  queries: Queries = session.queries,
): Promise<Look> {
  const { adopts } = session;
  const [observed, containers] = await Promise.all([
    observe({ ...session, queries }, adopts?.owner),
    containerNames(queries),
  ]);
  const line = commandLine(session);
  const facts = await gather(queries, session.lab, {
    regions,
    observed,
    host: lookAtThisHost(session),
    containers,
    line,
  });
  return { ...facts, observed };
}

export const lookAtThisHost = ({ userEnv, env, around }: Session): Facts['host'] =>
  lookAtHost({ env: userEnv, programEnv: env, home: around.home });
