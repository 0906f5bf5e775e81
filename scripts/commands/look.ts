import type { Patience } from '../observe/cluster.ts';
import { observe } from '../observe/observe.ts';
import type { Observed } from '../observe/observed.ts';
import { checkMachine } from './preflight.ts';
import { UserError } from '../events/errors.ts';
import type { Session } from './session.ts';
import { checkDist } from './synth.ts';

/**
 * Looks at the programs, at dist/ and at what exists, all at once. A missing program or a dist/ that is out of date is told as
 * soon as it is known; the queries that still run are stopped then.
 * @param patience with an API server that does not answer; none unless given
 * @returns what exists, and what is odd about the programs
 * @throws UserError where a program is missing, or is one that the lab does not work with, or dist/ is not what lab.yaml says
 */
export async function look(
  session: Session,
  patience?: Patience,
): Promise<{ observed: Observed; warnings: readonly string[] }> {
  const { paths, env, runner, adopts } = session;
  const stop = new AbortController();
  const machine = checkMachine(session);
  const dist = checkDist(paths, env, AbortSignal.any([runner.signal, stop.signal]));
  const observing = observe({ ...session, queries: session.queriesUntil(stop.signal) }, patience, adopts?.owner);
  const failures: unknown[] = [];
  for (const check of [machine, dist]) {
    check.catch((reason: unknown) => {
      failures.push(reason);
      stop.abort();
      session.programs.giveUp();
    });
  }
  const [programs, files, exists] = await Promise.allSettled([machine, dist, observing]);
  // a program that is missing is told before all else; of the others the first, since what was stopped has nothing to say
  if (programs.status === 'rejected' && programs.reason instanceof UserError) throw programs.reason;
  if (programs.status === 'rejected' || files.status === 'rejected') throw failures[0];
  if (exists.status === 'rejected') throw exists.reason;
  return { observed: exists.value, warnings: programs.value };
}
