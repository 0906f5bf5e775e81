import { networkText } from '../../lab/degrade.ts';
import type { Lab, Region } from '../../lab/lab.ts';
import { nearest } from '../../lab/nearest.ts';
import type { DegradedEvent } from '../events/degraded-event.ts';
import { exitCode, UserError } from '../events/errors.ts';
import type { Reporter } from '../events/events.ts';
import { degradedLines } from '../events/reporters/degraded.ts';
import { type DegradedRecord, forgetDegraded, readDegraded, rememberDegraded } from '../files/degraded.ts';
import { degradedAmong, runningNodes } from '../observe/degraded.ts';
import { observeNodes } from '../observe/observe.ts';
import type { Observed } from '../observe/observed.ts';
import { ownClusters } from '../observe/owned.ts';
import { placesOf } from '../observe/places.ts';
import type { Refusal } from '../plan/refusal.ts';
import { asleepRefusal } from '../plan/refusals.ts';
import { degradeStep, type NamedProfile, takeOff } from '../steps/degrade.ts';
import { measuring, type Times } from '../steps/round-trips.ts';
import type { NodesOf } from '../steps/shaping.ts';
import type { LabStep } from '../steps/step.ts';
import type { Io } from './io.ts';
import { stopLeftovers } from './leftovers.ts';
import { onNodes, refuseStrangers } from './nodes.ts';
import type { DegradeOptions } from './options.ts';
import { printJson, styleOf } from './output.ts';
import type { LabLock } from './own.ts';
import { refuse } from './refuse.ts';
import type { Session } from './session.ts';
import { stoppedEvent } from './what-exists.ts';
import { workOn } from './work-on.ts';

/** `npm run degrade`: puts a worse network between regions, or takes it off, and measures round trips before and after. */
export async function degrade(options: DegradeOptions, io: Io): Promise<number> {
  const { action, profile } = options;
  const what = action === 'on' ? 'put the worse network on' : 'take the worse network off';
  return workOn(
    {
      name: 'degrade',
      typed: typedOf(options),
      titles: new Map([
        ['before', 'measure round trips'],
        ['degrade', what],
        ['after', 'measure round trips'],
      ]),
      check: ({ lab }) => {
        if (action === 'on') profileOf(lab, profile);
      },
      work: (session, reporter, lock) => change(session, options, io, reporter, lock),
    },
    options,
    io,
  );
}

const typedOf = ({ action, profile }: DegradeOptions): string[] => [
  action,
  ...(profile === undefined ? [] : [profile]),
];

/** @throws UserError for a name that `degrade:` has not, and where none is named */
function profileOf({ profiles }: Lab, name: string | undefined): NamedProfile {
  const names = [...profiles.keys()];
  if (names.length === 0)
    throw new UserError(
      'lab.yaml has no profile of a worse network. Write one: degrade: { wan: [{ between: [region-a, region-b], delay: 40ms }] }',
    );
  if (name === undefined) throw new UserError(`degrade on: which profile? There are ${names.join(', ')}.`);
  const pairs = profiles.get(name);
  if (pairs !== undefined) return { name, pairs };
  const meant = nearest(name, names);
  throw new UserError(
    `degrade on ${name}: lab.yaml has no such profile. ${meant === undefined ? `There are ${names.join(', ')}.` : `Did you mean ${meant}?`}`,
  );
}

async function change(
  session: Session,
  options: DegradeOptions,
  io: Io,
  reporter: Reporter,
  lock: LabLock,
): Promise<number> {
  const { lab, paths, queries } = session;
  await stopLeftovers(session, reporter);
  const record = readDegraded(paths);
  const profile = options.action === 'on' ? profileOf(lab, options.profile) : undefined;
  if (profile === undefined) refuseOther(session, options, record);
  const observed = await observeNodes(session);
  refuseStrangers('deploy', session, observed);
  const had = new Set(record?.pairs.flat());
  const asleep = frozen(session, observed, ({ name }) => profile === undefined || had.has(name));
  refuse(profile === undefined ? asleep : [...unfit(session, observed, profile), ...asleep]);
  const left = profile === undefined ? leftNodes(lab, observed) : [];
  if (profile === undefined && record !== undefined && ownClusters(lab, observed).length === 0) {
    // its nodes are gone, and it with them
    forgetDegraded(paths);
    tell({ event: 'degraded', lab: lab.name, roundTrips: [] }, options, io);
    return exitCode.done;
  }
  const nodes = await nodesOf(session, observed);
  const running = runningOf(lab, observed);
  const having = await degradedAmong(queries, running);
  const pairs = (profile === undefined ? record?.pairs : profile.pairs.map(({ between }) => between)) ?? [];
  const before: Times = new Map();
  const after: Times = new Map();
  const measures = (name: 'before' | 'after', times: Times): LabStep[] =>
    pairs.length === 0 ? [] : [measuring(name, pairs, lab.regions, nodes, times)];
  const outcome = await onNodes('deploy', {
    ...{ session, observed, options, reporter, lock },
    first: measures('before', before),
    step: degradeStep(lab, { profile, nodes, having }),
    then: measures('after', after),
  });
  if (outcome === 'failed' || io.signal.aborted) {
    if (profile !== undefined) await undo(session, profile, running, reporter);
    else if (!io.signal.aborted)
      reporter.report({ event: 'warning', message: `it is still on: ${paths.command('degrade', 'off')}` });
    if (!io.signal.aborted) return exitCode.failed;
    reporter.report(await stoppedEvent(session, 'degrade', typedOf(options)));
    return exitCode.stopped;
  }
  const kept = await takeOff(left, (command) => session.runner.farewell(command, paths.log('degrade')));
  if (kept.length > 0) {
    const message = `it could not be taken off on ${kept.join(', ')}: ${paths.command('degrade', 'off')}`;
    reporter.report({ event: 'warning', message });
    return exitCode.failed;
  }
  if (profile === undefined) forgetDegraded(paths);
  else
    rememberDegraded(paths, {
      ...{ profile: profile.name, whole: true, network: networkText(lab, profile.pairs) },
      pairs: pairs.map((pair) => [...pair]),
    });
  tell(
    {
      ...{ event: 'degraded', lab: lab.name },
      ...(profile && { profile: profile.name }),
      roundTrips: pairs.map((between) => {
        const [was, is] = [before.get(between), after.get(between)];
        return { between, ...(was !== undefined && { before: was }), ...(is !== undefined && { after: is }) };
      }),
    },
    options,
    io,
  );
  return exitCode.done;
}

/** @throws UserError where another one is on than is to be taken off */
function refuseOther({ paths }: Session, { profile }: DegradeOptions, record: DegradedRecord | undefined): void {
  if (profile === undefined || record === undefined || record.profile === profile) return;
  throw new UserError(
    `degrade off ${profile}: what is on is ${record.profile}. To take that off: ${paths.command('degrade', 'off')}`,
  );
}

/** Regions of the profile that are not there, or do not run. */
function unfit({ lab, paths }: Session, observed: Observed, { pairs }: NamedProfile): (Refusal | undefined)[] {
  const regions = lab.regions.filter(({ name }) => pairs.some(({ between }) => between.includes(name)));
  return regions.map(({ name }) => {
    const { ownership, creating = false, containers = [] } = observed.regions.get(name) ?? {};
    if (ownership === 'ours' && !creating) return asleepRefusal(name, containers, paths.command);
    return { cause: `${name} is not there, or only half of it`, remedy: `build it first: ${paths.command('deploy')}` };
  });
}

/** Nodes that are paused keep what is on, and nobody can take it off. @param isAsked of which regions */
function frozen(
  { lab, paths }: Session,
  observed: Observed,
  isAsked: (region: Region) => boolean,
): (Refusal | undefined)[] {
  return lab.regions.filter(isAsked).map(({ name }) => {
    const { ownership, containers = [] } = observed.regions.get(name) ?? {};
    const paused = containers.filter(({ state }) => state === 'paused');
    return ownership === 'ours' ? asleepRefusal(name, paused, paths.command) : undefined;
  });
}

/** Running nodes of regions that have left lab.yaml: what is on there is on between those that have not, too. */
function leftNodes(lab: Lab, observed: Observed): string[] {
  const regions = new Set(lab.regions.map(({ name }) => name));
  const left = new Set(ownClusters(lab, observed).filter((name) => !regions.has(name)));
  return observed.containers.flatMap(({ name, cluster, isNode, state }) =>
    left.has(cluster) && isNode && state === 'running' ? [name] : [],
  );
}

/** Addresses of the nodes, in their order, by region. */
async function nodesOf({ lab, queries }: Session, observed: Observed): Promise<NodesOf> {
  const own = lab.regions.filter(({ name }) => observed.regions.get(name)?.ownership === 'ours');
  const places = await Promise.all(
    own.map(async ({ name, nodes }): Promise<[string, string[]]> => {
      const found = await placesOf(queries, nodes);
      return [name, found.flatMap(({ addresses }) => addresses.get(lab.network.name)?.address ?? [])];
    }),
  );
  return new Map(places);
}

const runningOf = ({ regions }: Lab, observed: Observed): string[] =>
  regions.flatMap(({ name }) => {
    const seen = observed.regions.get(name);
    return seen?.ownership === 'ours' ? runningNodes(seen) : [];
  });

/** Half a network is none: where it could not be put on everywhere, it is taken off everywhere. */
async function undo(
  { paths, runner }: Session,
  { name }: NamedProfile,
  running: readonly string[],
  reporter: Reporter,
): Promise<void> {
  // where it was not begun, what was on before still is
  if (readDegraded(paths)?.whole !== false) return;
  const left = await takeOff(running, (command) => runner.farewell(command, paths.log('degrade')));
  if (left.length === 0) forgetDegraded(paths);
  reporter.report({
    event: 'warning',
    message:
      left.length === 0
        ? `${name} was not put on everywhere: what of it was on is taken off again, and none is on`
        : `${name} could not be taken off again on ${left.join(', ')}: ${paths.command('degrade', 'off')}`,
  });
}

function tell(event: DegradedEvent, { output }: DegradeOptions, io: Io): void {
  if (output === 'json') printJson(io, event);
  else io.stdout.write(`\n${degradedLines(event, styleOf(io, io.stdout)).join('\n')}\n`);
}
