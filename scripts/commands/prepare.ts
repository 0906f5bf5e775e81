import type { Region } from '../../lab/lab.ts';
import { examine, stopping, told } from '../doctor/checks.ts';
import { toBeMade } from '../doctor/facts.ts';
import type { Finding } from '../events/doctor-event.ts';
import { type DesiredRegions, readDesired } from '../files/desired.ts';
import type { Observed } from '../observe/observed.ts';
import { makePlan, type Plan } from '../plan/plan.ts';
import { recordRefusal } from '../plan/record-refusals.ts';
import { findRefusals } from '../plan/refusals.ts';
import type { Refusal } from '../plan/refusal.ts';
import type { Look, Looked } from './look.ts';
import { unknownToChart } from '../supply/chart-values.ts';
import { asTyped, type DeployOptions } from './options.ts';
import { refuse, toldOf } from './refuse.ts';
import { commandLine, selectRegions, type Session } from './session.ts';
import { neighbours, pairName } from '../steps/pairs.ts';
import { stillTested, stillTried } from '../observe/tested.ts';

/** A session with what was observed of its lab. */
export interface Seen {
  readonly session: Session;
  readonly observed: Observed;
}

/** A lab whose files are checked, whose machine was looked at, and against which nothing stands. */
export interface Prepared extends Seen {
  readonly regions: readonly Region[];
  readonly warnings: readonly string[];
}

/** Its steps, and what of dist/ they were decided by. */
export interface Decided {
  readonly desired: DesiredRegions;
  readonly plan: Plan;
}

/**
 * From options to a lab that can be worked on. Changes nothing, unless `settle` does.
 * @param looked what was seen on this machine, by `look`
 * @param settle says how to go on where the lab's subnet may be taken, and from which files
 * @throws UserError with everything that stands against the lab or makes it impossible on this machine, all at once
 */
export async function prepare(
  first: Session,
  { facts, warnings }: Looked,
  options: DeployOptions,
  settle: (session: Session, observed: Observed) => Seen | Promise<Seen>,
): Promise<Prepared> {
  // a subnet is moved for a lab alone against which nothing else stands
  const findings = diagnose(first, facts, options);
  const { session, observed } = await settle(first, facts.observed);
  const { lab } = session;
  const regions = selectRegions(lab, options);
  const makes = toBeMade({ regions, observed }).length > 0;
  const all = observed === facts.observed ? findings : diagnose(session, { ...facts, observed, regions }, options);
  return { session, observed, regions, warnings: [...warnings, ...told(all, makes)] };
}

/** What the doctor finds. @throws UserError where that, or what exists, stands against the lab */
function diagnose(session: Session, facts: Look, options: DeployOptions): Finding[] {
  const findings = examine(session.lab, facts, options.ignore);
  const goOn = (name: string): string => {
    const ignore = [...(options.ignore ?? []), name];
    return session.paths.command('deploy', ...asTyped({ ...options, ignore }));
  };
  refuse([...standing(session, facts.observed, selectRegions(session.lab, options)), ...stopping(findings, goOn)]);
  return findings;
}

/** What exists and stands against the lab. */
export function standing(session: Session, observed: Observed, regions: readonly Region[]): Refusal[] {
  const { lab, adopts } = session;
  // what is taken over was looked at before
  const lost =
    adopts === undefined ? recordRefusal(lab, observed, observed.engine.id, toldOf('deploy', session)) : undefined;
  if (lost !== undefined) return [lost];
  const unknown = unknownToChart(lab, session.sources).map((cause) => ({
    cause,
    remedy: 'correct lab.yaml, then npm run synth',
  }));
  return [...findRefusals(lab, regions, observed, commandLine(session)), ...unknown];
}

/** From there to a plan. */
export function decide({ session, observed, regions }: Prepared, { skipTest, atOnce }: DeployOptions): Decided {
  const { lab, paths } = session;
  const desired = readDesired(lab, paths);
  const pairs = neighbours(regions).filter(([one, other]) => stillTested(paths, lab, one, other, observed.regions));
  const tested = new Set(pairs.map(([one, other]) => pairName(one, other)));
  const tried = stillTried(paths, lab, regions, observed.regions);
  const plan = makePlan({ lab, regions, desired, observed, tested, tried, skipTest, atOnce });
  return { desired, plan };
}
