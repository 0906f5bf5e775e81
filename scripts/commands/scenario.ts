import type { Lab, Region } from '../../lab/lab.ts';
import { nearest } from '../../lab/nearest.ts';
import { chosen, scenarioNames, type ScenarioName } from '../../lab/scenarios.ts';
import { exitCode, UserError } from '../events/errors.ts';
import type { Reporter, ScenarioLine } from '../events/events.ts';
import { type Style, table } from '../events/reporters/text.ts';
import { copyApplied } from '../files/applied.ts';
import { type DesiredRegions, nothingDesired, readDesired } from '../files/desired.ts';
import { readOwner } from '../files/owner.ts';
import { checkStateFolder } from '../files/state-folder.ts';
import { observe } from '../observe/observe.ts';
import { isResting, type Observed, wholeCluster } from '../observe/observed.ts';
import { planLines, type PlannedStep } from '../plan/plan.ts';
import { scenarioRefusals } from '../plan/scenario-refusals.ts';
import { execute } from '../run/execute.ts';
import { scenarioState } from '../steps/scenario-state.ts';
import { bringUp, takeDown, waitUntilUp } from '../steps/scenario-work.ts';
import { type RegionStep, run, skip, waitAgain } from '../steps/step.ts';
import type { Io } from './io.ts';
import { stopLeftovers } from './leftovers.ts';
import { asTyped, type ScenarioOptions } from './options.ts';
import { columnsOf, printJson, styleOf, tellBeside } from './output.ts';
import { holdsOf, type LabLock } from './own.ts';
import { standing } from './prepare.ts';
import { refuse } from './refuse.ts';
import { openSession, selectRegions, type Session } from './session.ts';
import { checkDist } from './synth.ts';
import { stoppedEvent } from './what-exists.ts';
import { workOn } from './work-on.ts';

/** `npm run scenario`: the scenarios with their state; `up NAME` and `down NAME` bring one up, and take it down. */
export async function scenario(options: ScenarioOptions, io: Io): Promise<number> {
  const { action, name } = options;
  if (action === undefined) return list(options, io);
  if (name === undefined) {
    const which = scenarioNames.map((each) => `npm run scenario -- ${action} ${each}`).join(', ');
    throw new UserError(`scenario ${action}: which one? ${which}`);
  }
  const typed = [action, name, ...asTyped(options)];
  return workOn(
    {
      name: 'scenario',
      typed,
      titles: new Map([['scenario', action === 'up' ? `bring up ${name}` : `take down ${name}`]]),
      check: ({ lab }) => {
        selectRegions(lab, options);
        if (action === 'up') checkChosen(lab, name);
      },
      work: (session, reporter, lock) => change(session, { ...options, action, name }, io, reporter, lock),
    },
    options,
    io,
  );
}

/** @throws UserError for a scenario that lab.yaml does not choose, with what to write */
function checkChosen({ scenarios }: Lab, name: string): asserts name is ScenarioName {
  const names: readonly string[] = chosen(scenarios);
  if (names.includes(name)) return;
  checkKnown(name);
  throw new UserError(
    `lab.yaml does not choose the scenario ${name}. Write it there, then synthesize: scenarios: { ${name}: {} }`,
  );
}

/** @throws UserError for what is no scenario, with what may be meant */
function checkKnown(name: string): void {
  const known: readonly string[] = scenarioNames;
  if (known.includes(name)) return;
  const meant = nearest(name, known);
  const remedy = meant === undefined ? `There are ${known.join(', ')}.` : `Did you mean ${meant}?`;
  throw new UserError(`${name} is no scenario. ${remedy}`);
}

type Change = ScenarioOptions & Required<Pick<ScenarioOptions, 'action' | 'name'>>;

async function change(opened: Session, options: Change, io: Io, reporter: Reporter, lock: LabLock): Promise<number> {
  const { lab, paths } = opened;
  const { action, name } = options;
  await stopLeftovers(opened, reporter);
  const regions = selectRegions(lab, options);
  const isUp = action === 'up';
  const [observed] = await Promise.all([observe(opened), isUp ? checkDist(opened, opened.runner.signal) : undefined]);
  refuse(standing(opened, observed, regions));
  const absent = regions.filter((region) => wholeCluster(region, observed.regions.get(region.name)) === undefined);
  const owner = readOwner(paths);
  if (absent.length > 0 || owner === undefined) {
    const missing = (absent.length > 0 ? absent : regions).map((region) => region.name);
    throw new UserError(`${missing.join(', ')} not up. Build the lab first: ${paths.command('deploy')}`);
  }
  refuse(scenarioRefusals([name], regions, observed));
  // one of a former version may still be there
  if (regions.every((region) => !observed.regions.get(region.name)?.cluster?.scenarios.has(name))) checkKnown(name);
  await lock.verify();
  const names = regions.map((region) => region.name);
  reporter.report({ event: 'started', lab: lab.name, regions: names, stack: lab.stack.name });
  const session = isUp ? { ...opened, paths: copyApplied(lab, paths, opened.around) } : opened;
  const desired = isUp
    ? readDesired(lab, session.paths)
    : new Map(regions.map((region) => [region.name, nothingDesired]));
  const step = isUp ? upStep(name as ScenarioName) : downStep(name);
  const plan = regions.map((region): PlannedStep => {
    const id = `${region.name}/${step.name}`;
    return { id, step, region, after: [], ...decisionOf(options, region, observed, desired) };
  });
  reporter.report({ event: 'planned', steps: planLines(plan) });
  const outcome = await execute(plan, {
    ...session,
    ...{ regions, observed, desired, owner },
    ...holdsOf(lock),
    concurrency: regions.length,
    timeoutSeconds: options.timeout,
    report: (event) => {
      reporter.report(event);
    },
  });
  if (io.signal.aborted) {
    reporter.report(await stoppedEvent(session, 'scenario', [action, name, ...asTyped(options)]));
    return exitCode.stopped;
  }
  return outcome === 'failed' ? exitCode.failed : exitCode.done;
}

function decisionOf({ action, name }: Change, region: Region, observed: Observed, desired: DesiredRegions) {
  const { state, detail } = stateOf(name, region, observed, desired);
  const reason = detail === undefined ? state : `${state}: ${detail}`;
  if (action === 'down') return state === 'not there' ? skip(reason) : run('asked for');
  if (state === 'up') return skip(reason);
  return state === 'coming' ? waitAgain(reason) : run(reason);
}

const common = {
  name: 'scenario',
  scope: 'region',
  after: [],
  takes: 'nothing',
  decide: () => run('asked for'),
} as const;

function upStep(name: ScenarioName): RegionStep {
  const title = `bring up ${name}`;
  return {
    ...common,
    title,
    run: async (work, region, { scenarios }) => bringUp(work, region, name, scenarios.get(name) ?? new Map()),
    wait: async (work, region, { scenarios }) => waitUntilUp(work, region, name, scenarios.get(name) ?? new Map()),
  };
}

function downStep(name: string): RegionStep {
  return { ...common, title: `take down ${name}`, run: (work, region) => takeDown(work, region, name) };
}

/** `npm run scenario`: a row for each scenario and region. */
async function list(options: ScenarioOptions, io: Io): Promise<number> {
  const session = openSession(options, io, false, tellBeside(options.output, io));
  const { lab, paths } = session;
  const regions = selectRegions(lab, options);
  await checkStateFolder({ ...session, signal: io.signal });
  const [observed] = await Promise.all([observe(session), checkDist(session, io.signal)]);
  const scenarios = linesOf(lab, regions, observed, readDesired(lab, paths));
  if (options.output === 'json') {
    printJson(io, { event: 'scenarios', lab: lab.name, scenarios });
    return exitCode.done;
  }
  const rest = scenarioNames.filter((name) => lab.scenarios[name] === undefined);
  const resting = regions.filter(({ name }) => isResting(observed.regions.get(name)));
  const style = styleOf(io, io.stdout);
  const lines = [
    ...scenarioTable(scenarios, style, columnsOf(io.stdout)),
    ...(scenarios.length > 0 && rest.length > 0 ? [''] : []),
    ...(rest.length > 0
      ? [`not in lab.yaml: ${rest.join(', ')}; to choose one: scenarios: { ${rest[0] ?? ''}: {} }`]
      : []),
    ...(resting.length > 0
      ? ['', `${resting.map(({ name }) => name).join(', ')} not up: ${paths.command('resume')}`]
      : []),
  ];
  io.stdout.write(`${lines.join('\n')}\n`);
  return exitCode.done;
}

/** The scenarios of lab.yaml, then those that live without being chosen. */
function linesOf(lab: Lab, regions: readonly Region[], observed: Observed, desired: DesiredRegions): ScenarioLine[] {
  const living = regions.flatMap(({ name }) => [...(observed.regions.get(name)?.cluster?.scenarios.keys() ?? [])]);
  const names = [...new Set<string>([...chosen(lab.scenarios), ...living])];
  return names.flatMap((scenario) =>
    regions
      .map((region) => ({ scenario, region: region.name, ...stateOf(scenario, region, observed, desired) }))
      .filter(({ state }) => state !== 'not there' || Object.hasOwn(lab.scenarios, scenario)),
  );
}

function stateOf(
  scenario: string,
  region: Region,
  observed: Observed,
  desired: DesiredRegions,
): Pick<ScenarioLine, 'state' | 'detail'> {
  const cluster = wholeCluster(region, observed.regions.get(region.name));
  if (cluster === undefined) return { state: 'unreachable' };
  const wanted = desired.get(region.name)?.scenarios.get(scenario as ScenarioName);
  const seen = cluster.scenarios.get(scenario);
  return seen === undefined && wanted === undefined ? { state: 'not there' } : scenarioState(wanted, seen);
}

/** @param columns of the terminal: details go unsaid where they do not fit */
function scenarioTable(scenarios: readonly ScenarioLine[], style: Style, columns = Infinity): string[] {
  if (scenarios.length === 0) return [];
  const rows = scenarios.map(({ scenario, region, state, detail }) => [scenario, region, state, detail ?? '']);
  const whole = table([['scenario', 'region', 'state', ''], ...rows]);
  const fits = whole.every(({ length }) => length <= columns);
  const [head = '', ...body] = fits
    ? whole
    : table([['scenario', 'region', 'state'], ...rows.map((row) => row.slice(0, 3))]);
  return [style.bold(head), ...body];
}
