import { exitCode, UserError } from '../events/errors.ts';
import { observe } from '../observe/observe.ts';
import type { DeployOptions } from './options.ts';
import { checkMachine } from './preflight.ts';
import { planLines } from '../plan/plan.ts';
import { prepare, warningsOf } from './prepare.ts';
import { type Io, printJson, useColour } from './program.ts';
import { counted, hasWork, planTable } from '../events/reporters/lines.ts';
import { makeStyle } from '../events/reporters/text.ts';
import { checkStateFolder } from '../files/state-folder.ts';
import { openSession, selectRegions } from './session.ts';
import { findTaken } from '../plan/subnet.ts';
import { checkDist } from './synth.ts';

/** `npm run plan`: what a deploy would do now, and why. */
export async function showPlan(options: DeployOptions, io: Io): Promise<number> {
  const session = openSession(options, io, false);
  const selected = selectRegions(session.lab, options);
  await checkStateFolder({ ...session, signal: io.signal });
  const warnings = await checkMachine(session.lab, session.runner, session.env);
  const [, observed] = await Promise.all([
    checkDist(session.paths, session.env, io.signal),
    observe(session.queries, session.paths, session.lab),
  ]);
  const taken = findTaken(session.lab, observed);
  if (taken !== undefined) {
    const free =
      taken.free === undefined
        ? 'no free one was found'
        : `${taken.free} is free: ${session.paths.command('deploy')} proposes it`;
    throw new UserError(
      `${options.lab}: network.subnet ${session.lab.network.subnet} is taken by ${taken.taker}; ${free}`,
    );
  }
  const { plan } = prepare(session, selected, observed, options.skipTest);
  const lines = planLines(plan);
  const allWarnings = [...warnings, ...warningsOf(session.lab, observed, session.paths.command)];
  if (options.output === 'json') {
    for (const message of allWarnings) printJson(io, { event: 'warning', message });
    printJson(io, { event: 'planned', steps: lines });
    return exitCode.done;
  }
  const style = makeStyle(useColour(io, io.stdout));
  const running = lines.filter(({ action }) => action === 'run').length;
  const total = hasWork(lines)
    ? `${counted(running, 'step')} to run: ${session.paths.command('deploy')}`
    : 'nothing to do';
  const text = [
    ...allWarnings.map((message) => `${style.warn('!')} ${message}`),
    ...planTable(lines, style),
    '',
    total,
  ];
  io.stdout.write(`${text.join('\n')}\n`);
  return exitCode.done;
}
