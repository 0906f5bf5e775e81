import { exitCode, UserError } from '../events/errors.ts';
import { hasWork, planTable, warningLines } from '../events/reporters/lines.ts';
import { counted } from '../events/reporters/text.ts';
import type { PlannedLine } from '../events/events.ts';
import { start } from '../steps/start.ts';
import { leftFaultText } from '../files/left-fault.ts';
import { checkStateFolder } from '../files/state-folder.ts';
import { isResting, type Observed } from '../observe/observed.ts';
import { planLines } from '../plan/plan.ts';
import { findTaken, takenRefusal } from '../plan/subnet.ts';
import { asTyped, type PlanOptions } from './options.ts';
import { columnsOf, printJson, styleOf, tellBeside } from './output.ts';
import { look } from './look.ts';
import { decide, prepare, type Seen } from './prepare.ts';
import { checkIgnored } from './ignored.ts';
import type { Io } from './io.ts';
import { openSession, selectRegions, type Session } from './session.ts';

/** `npm run plan`: what a deploy would do now, and why. */
export async function showPlan(options: PlanOptions, io: Io): Promise<number> {
  const first = openSession(options, io, false, tellBeside(options.output, io));
  selectRegions(first.lab, options);
  checkIgnored(options.ignore);
  await checkStateFolder({ ...first, signal: io.signal });
  const deploy = first.paths.command('deploy', ...asTyped(options));
  const looked = await look(first, selectRegions(first.lab, options));
  const { observed: found, regions: asked } = looked.facts;
  const asleep = asked.map(({ name }) => name).filter((name) => isResting(found.regions.get(name)));
  if (asleep.length > 0) return tellAsleep(startLines(found, asleep), deploy, options, io);
  const prepared = await prepare(first, looked, options, (session, observed) =>
    refuseTaken(session, observed, options.lab, deploy),
  );
  const left = leftFaultText(first.paths);
  const warnings = [...(left === undefined ? [] : [left]), ...prepared.warnings];
  const steps = planLines(decide(prepared, options).plan);
  const code = options.detailedExitcode === true && hasWork(steps) ? exitCode.toRun : exitCode.done;
  if (options.output === 'json') {
    for (const message of warnings) printJson(io, { event: 'warning', message });
    printJson(io, { event: 'planned', steps });
    return code;
  }
  const style = styleOf(io, io.stdout);
  const running = steps.filter(({ action }) => action === 'run').length;
  const total = hasWork(steps) ? `${counted(running, 'step')} to run: ${deploy}` : 'nothing to do';
  const warned = warnings.flatMap((message) => warningLines(message, style, columnsOf(io.stdout)));
  io.stdout.write(`${[...warned, ...planTable(steps, style), '', total].join('\n')}\n`);
  return code;
}

/** A lab whose nodes do not run: more than that is not known before they do. */
function tellAsleep(steps: readonly PlannedLine[], deploy: string, options: PlanOptions, io: Io): number {
  const code = options.detailedExitcode === true ? exitCode.toRun : exitCode.done;
  if (options.output === 'json') {
    printJson(io, { event: 'planned', steps: [...steps] });
    return code;
  }
  const total = `first ${counted(steps.length, 'step')}, and what is missing is looked for then: ${deploy}`;
  io.stdout.write(`${[...planTable([...steps], styleOf(io, io.stdout)), '', total].join('\n')}\n`);
  return code;
}

const startLines = ({ regions }: Observed, asleep: readonly string[]): PlannedLine[] =>
  asleep.flatMap((region) => {
    const seen = regions.get(region);
    return seen === undefined ? [] : [{ step: start.name, region, ...start.decide({ seen }) }];
  });

/** A plan changes nothing, so it proposes nothing: deploy does. */
function refuseTaken(session: Session, observed: Observed, labFile: string, deploy: string): Seen {
  const taken = findTaken(session.lab, observed);
  if (taken === undefined) return { session, observed };
  const refusal = takenRefusal(session.lab, taken, labFile, deploy);
  throw new UserError(`${refusal.cause}; ${refusal.remedy}`, exitCode.usage, [refusal]);
}
