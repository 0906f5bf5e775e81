import { type FaultName, faultNames } from '../../lab/failover.ts';
import type { Lab, Region } from '../../lab/lab.ts';
import { nearest } from '../../lab/nearest.ts';
import { exitCode, UserError } from '../events/errors.ts';
import type { Reporter } from '../events/events.ts';
import { type FailoverEvent, isKept } from '../events/failover-event.ts';
import { failoverJunit } from '../events/reporters/junit.ts';
import { otherThan } from '../events/reporters/degraded.ts';
import { failoverLines } from '../events/reporters/failover.ts';
import { SCENARIO } from '../failover/faults.ts';
import { tryFault, type Trying } from '../failover/try-fault.ts';
import { readDesired } from '../files/desired.ts';
import { readLeftFault } from '../files/left-fault.ts';
import { readOwner } from '../files/owner.ts';
import { degradedAmong, observeDegraded, runningNodes } from '../observe/degraded.ts';
import { observe } from '../observe/observe.ts';
import { type Observed, wholeCluster } from '../observe/observed.ts';
import { planLines, type PlannedStep } from '../plan/plan.ts';
import { execute } from '../run/execute.ts';
import { scenarioState } from '../steps/scenario-state.ts';
import { type LabStep, run as runs } from '../steps/step.ts';
import type { Io } from './io.ts';
import { type FailoverOptions, failoverTyped } from './options.ts';
import { checkJunit, columnsOf, forgetJunit, printJson, styleOf, writeJunit } from './output.ts';
import { stopLeftovers } from './leftovers.ts';
import { holdsOf, type LabLock } from './own.ts';
import { standing } from './prepare.ts';
import { refuse } from './refuse.ts';
import { selectRegions, type Session } from './session.ts';
import { checkDist } from './synth.ts';
import { stoppedEvent } from './what-exists.ts';
import { workOn } from './work-on.ts';

/** `npm run failover`: what clients in every region see while something fails, and how long it takes until all is well. */
export async function failover(options: FailoverOptions, io: Io): Promise<number> {
  const names = chosenFaults(options);
  return workOn(
    {
      name: 'failover',
      typed: failoverTyped(options),
      titles: new Map([['failover', 'bring a fault about under load']]),
      check: ({ lab }) => {
        const at = regionOf(lab, options);
        if (at.links.length === 0)
          throw new UserError(
            `${at.name} is connected to no other region: nobody could take over. Name another one: --region`,
          );
        checkJunit(io, options.junit);
        forgetJunit(io, options.junit);
        const cuts = names.filter((name) => name === 'cut' || name === 'cut-one-way');
        if (lab.switches.routing === 'native' && cuts.length > 0)
          throw new UserError(
            `--fault ${cuts.join(' ')}: with cilium.routing: native packets between regions do not pass iptables of the nodes, which drops them for a cut. Name other faults: --fault`,
          );
        if (lab.scenarios[SCENARIO] !== undefined) return;
        throw new UserError(
          `failover asks the servers of the scenario ${SCENARIO}, which lab.yaml does not choose. Write it there, then synthesize and deploy: scenarios: { ${SCENARIO}: {} }`,
        );
      },
      work: (session, reporter, lock) => measureAll(session, names, options, io, reporter, lock),
    },
    options,
    io,
  );
}

/** @throws UserError for names of no fault, and where none is named */
function chosenFaults({ fault: names = [], all }: FailoverOptions): readonly FaultName[] {
  if (all === true) return faultNames;
  const known: readonly string[] = faultNames;
  for (const name of names) {
    if (known.includes(name)) continue;
    const meant = nearest(name, known);
    throw new UserError(
      `--fault ${name}: no such fault. ${meant === undefined ? `There are ${known.join(', ')}.` : `Did you mean ${meant}?`}`,
    );
  }
  if (names.length > 0) return faultNames.filter((name) => names.includes(name));
  throw new UserError(`failover: which fault? --fault ${known.join(', ')}; or --all`);
}

/** Where the fault is brought about. @throws UserError for a name that lab.yaml has not */
function regionOf(lab: Lab, { region }: FailoverOptions): Region {
  const [first] = selectRegions(lab, region === undefined ? {} : { region: [region] });
  if (first === undefined) throw new UserError('the lab has no region');
  return first;
}

/**
 * Name of the worse network under which is measured; undefined where none is on.
 * @throws UserError where what is on is not what it is called: the figures would be of a network that nobody knows
 */
async function networkUnder({ lab, paths, queries }: Session, observed: Observed): Promise<string | undefined> {
  const found = await observeDegraded(queries, paths, lab, observed.regions);
  const off = paths.command('degrade', 'off');
  if (found === undefined) {
    const own = [...observed.regions.values()].filter(({ ownership }) => ownership === 'ours');
    const having = [...(await degradedAmong(queries, own.flatMap(runningNodes)))].toSorted();
    if (having.length === 0) return undefined;
    throw new UserError(
      `a worse network is on, and no record says which: ${having.join(', ')}. Take it off first: ${off}`,
    );
  }
  const what = otherThan(found);
  if (what === undefined) return found.profile;
  const again = lab.profiles.has(found.profile)
    ? `Put it on again: ${paths.command('degrade', 'on', found.profile)}; or take`
    : 'Take';
  throw new UserError(`the network is not what it is called: ${what}. ${again} it off: ${off}`);
}

async function measureAll(
  opened: Session,
  names: readonly FaultName[],
  options: FailoverOptions,
  io: Io,
  reporter: Reporter,
  lock: LabLock,
): Promise<number> {
  const { lab, paths } = opened;
  const { regions } = lab;
  await stopLeftovers(opened, reporter);
  if (readLeftFault(paths) !== undefined)
    throw new UserError(
      `${paths.show(paths.fault)} tells of a fault that is not undone: nothing can be measured before it is. What keeps it is said above`,
    );
  const [observed] = await Promise.all([observe(opened), checkDist(opened, opened.runner.signal)]);
  refuse(standing(opened, observed, regions));
  const owner = readOwner(paths);
  const desired = readDesired(lab, paths);
  const degraded = await networkUnder(opened, observed);
  const unready = regions.flatMap((region) => {
    const cluster = wholeCluster(region, observed.regions.get(region.name));
    if (cluster === undefined) return [`${region.name} is not up`];
    const wanted = desired.get(region.name)?.scenarios.get(SCENARIO);
    const { state, detail } = scenarioState(wanted, cluster.scenarios.get(SCENARIO));
    return state === 'up' ? [] : [`${SCENARIO} in ${region.name}: ${detail ?? state}`];
  });
  if (unready.length > 0 || owner === undefined)
    throw new UserError(`${unready.join('; ')}. Bring the lab up first: ${paths.command('deploy')}`);
  await lock.verify();
  reporter.report({
    event: 'started',
    lab: lab.name,
    regions: regions.map(({ name }) => name),
    stack: lab.stack.name,
  });
  const events = new Map<FaultName, FailoverEvent>();
  const failed = new Map<FaultName, string>();
  const plan = names.map((name, index): PlannedStep => {
    const step: LabStep = {
      name: 'failover',
      title: `${name} under load`,
      scope: 'lab',
      after: [],
      decide: () => runs('asked for'),
      run: async (work) => {
        const trying = { ...tryingOf(lab, name, options), ...(degraded !== undefined && { degraded }) };
        try {
          await tryFault(work, trying, (event) => {
            events.set(name, event);
          });
        } catch (error) {
          failed.set(name, io.signal.aborted ? 'it was stopped' : (error as Error).message);
          throw error;
        }
      },
    };
    const after = index === 0 ? [] : [`failover-${names[index - 1] ?? ''}`];
    return { id: `failover-${name}`, step, region: undefined, after, ...runs(`${name}, ${options.repeat} ×`) };
  });
  reporter.report({ event: 'planned', steps: planLines(plan) });
  const outcome = await execute(plan, {
    ...opened,
    ...{ regions, observed, desired, owner },
    ...holdsOf(lock),
    concurrency: 1,
    timeoutSeconds: options.timeout,
    report: (event) => {
      reporter.report(event);
    },
  });
  // what was measured is told, whatever came after it
  for (const event of events.values()) tellFault(event, options, io);
  if (options.junit !== undefined) writeJunit(io, options.junit, failoverJunit(lab.name, names, events, failed));
  if (io.signal.aborted) {
    reporter.report(await stoppedEvent(opened, 'failover', failoverTyped(options)));
    return exitCode.stopped;
  }
  return outcome === 'failed' || ![...events.values()].every(isKept) ? exitCode.failed : exitCode.done;
}

function tellFault(event: FailoverEvent, options: FailoverOptions, io: Io): void {
  if (options.output === 'json') {
    printJson(io, event);
    return;
  }
  const lines = failoverLines(event, styleOf(io, io.stdout), columnsOf(io.stdout));
  io.stdout.write(`\n${lines.join('\n')}\n`);
}

function tryingOf(lab: Lab, fault: FaultName, options: FailoverOptions): Trying {
  const { repeat, rate, requestTimeout, keepalive = false, baseline, duration, after, maxGap, maxFailed } = options;
  return {
    ...{ fault, region: regionOf(lab, options).name, repeat, rate, timeout: requestTimeout, keepalive, baseline },
    ...(duration !== undefined && { duration }),
    ...(after !== undefined && { after }),
    limits: {
      ...lab.expected[fault],
      ...(maxGap !== undefined && { maxGap }),
      ...(maxFailed !== undefined && { maxFailed }),
    },
  };
}
