import type { Patience } from '../observe/cluster.ts';
import { observe } from '../observe/observe.ts';
import type { Observed } from '../observe/observed.ts';
import { checkMachine } from './preflight.ts';
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
  const { lab, paths, env, runner, adopts } = session;
  const stop = new AbortController();
  const machine = checkMachine(lab, runner, env);
  const dist = checkDist(paths, env, AbortSignal.any([runner.signal, stop.signal]));
  const observing = observe(session.queriesUntil(stop.signal), paths, lab, patience, adopts?.owner);
  for (const check of [machine, dist]) {
    check.catch(() => {
      stop.abort();
    });
  }
  // in this order: a program that is missing makes queries fail too, and what was stopped has nothing to say
  const [programs, files, exists] = await Promise.allSettled([machine, dist, observing]);
  if (programs.status === 'rejected') throw programs.reason;
  if (files.status === 'rejected') throw files.reason;
  if (exists.status === 'rejected') throw exists.reason;
  return { observed: exists.value, warnings: programs.value };
}
