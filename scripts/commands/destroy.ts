import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { observeHoldings } from '../observe/observe.ts';
import { ownNetworks } from '../observe/owned.ts';
import { recordRefusal } from '../plan/record-refusals.ts';
import { othersLab } from '../plan/refusals.ts';
import { info, removeNetwork, removeVolumes } from '../tools/docker.ts';
import { disconnectCache } from '../tools/docker-cache.ts';
import { parseInfo } from '../tools/docker-info.ts';
import { stopLeftovers } from './leftovers.ts';
import { stoppedEvent } from './what-exists.ts';
import { confirm } from './confirm.ts';
import { exitCode, UserError } from '../events/errors.ts';
import type { Reporter } from '../events/events.ts';
import { Journal } from '../run/journal.ts';
import { asTyped, type DestroyOptions } from './options.ts';
import type { Io } from './io.ts';
import { findRemains, knownRegions, type Remains } from '../observe/remains.ts';
import { clusterLock, labLock } from '../run/lock.ts';
import { schedule, type Task } from '../run/schedule.ts';
import { type Deletion, deleteWhole } from '../steps/delete-cluster.ts';
import { adopting, takeOver, type LabLock } from './own.ts';
import { refuse, toldOf } from './refuse.ts';
import { checkRegionNames, type Session } from './session.ts';
import { removeState, workOn } from './work-on.ts';

/** `npm run destroy`: the lab's clusters, network and files, and nothing else. Works on a half-built lab. */
export async function destroy(options: DestroyOptions, io: Io): Promise<number> {
  return workOn(
    {
      name: 'destroy',
      typed: asTyped(options),
      titles: new Map(),
      work: (session, reporter, lock) => destroyLocked(session, options, io, reporter, lock),
    },
    options,
    io,
  );
}

async function destroyLocked(
  opened: Session,
  options: DestroyOptions,
  io: Io,
  reporter: Reporter,
  lock: LabLock,
): Promise<number> {
  const { lab, paths, queries } = opened;
  await stopLeftovers(opened, reporter);
  const session = options.adopt ? await adopting('destroy', opened, lock) : opened;
  const holdings = await observeHoldings(queries, paths, session.adopts?.owner, true);
  checkRegionNames(options.region, knownRegions(lab, holdings), lab);
  const engine = (await queries.read(info(), parseInfo)).id;
  const regions = (options.region ?? []).flatMap((name) => ['--region', name]);
  const told = toldOf('destroy', session, regions);
  // what is taken over was looked at before
  const lost = session.adopts === undefined ? recordRefusal(lab, holdings, engine, told) : undefined;
  // with a network of a former name there is something of ours to remove, and only that is
  const isOthers = lost === undefined && ownNetworks(lab, holdings).length === 0;
  refuse([isOthers ? othersLab(lab, holdings, told.line('destroy', '--adopt')) : lost]);
  // those of a former network.name too: what is on them goes
  await lock.add(...ownNetworks(lab, holdings).map(({ name }) => labLock(name)));
  const remains = findRemains(lab, paths, holdings, options.region);
  // those whose creation was cut off too: a run that was killed has left its lock
  await lock.add(...[...remains.clusters, ...holdings.creating].map(clusterLock));
  const parts = partsOf(remains);
  if (parts.length === 0) {
    await removeTraces(session, remains);
    for (const { lab: name } of holdings.records.filter((record) => record.lab !== lab.name))
      reporter.report({
        event: 'warning',
        message: `${dirname(paths.show(paths.state))} tells of a lab ${name} too; to destroy that one, give lab.yaml its name: ${name}`,
      });
    reporter.report({ event: 'nothing-there', lab: lab.name });
    return exitCode.done;
  }
  if (remains.clusters.length > 0) await session.programs.haveAll(['kind']);
  if (!options.yes && !(await confirm(io, `This removes ${parts.join(', ')} and the lab's files. Go on?`))) {
    // who says no gets what was asked for; where nobody can be asked, --yes was forgotten
    const code = io.interactive ? exitCode.done : exitCode.usage;
    throw new UserError(
      `${lab.name} stays as it is. To remove it: ${paths.command('destroy', ...asTyped(options), '--yes')}`,
      code,
    );
  }
  await lock.verify();
  for (const message of takeOver(session, engine)) reporter.report({ event: 'warning', message });
  return await remove(session, remains, options, reporter);
}

function partsOf({ clusters, networks }: Remains): string[] {
  return [
    ...clusters.map((name) => `the kind cluster ${name}`),
    ...networks.map((name) => `the docker network ${name}`),
  ];
}

/** Seconds for each command and wait. */
const timeoutSeconds = 300;

interface Removal extends Task {
  readonly where: { readonly step: string; readonly region?: string };
  readonly log: string;
  readonly remove: (means: Deletion) => Promise<unknown>;
}

async function remove(
  session: Session,
  remains: Remains,
  options: DestroyOptions,
  reporter: Reporter,
): Promise<number> {
  const { lab, paths, runner, queries } = session;
  const report: Reporter['report'] = (event) => {
    reporter.report(event);
  };
  report({ event: 'started', lab: lab.name, regions: remains.clusters, stack: lab.stack.name });
  const journal = new Journal(report, runner.signal);
  const clusters = remains.clusters.map((name) => ({
    id: `${name}/cluster`,
    after: [],
    where: { step: 'cluster', region: name },
    log: paths.log('destroy', name),
    remove: (means: Deletion) => deleteWhole(means, { name, kubeconfig: paths.kubeconfig(name) }),
  }));
  const networks = remains.networks.map((name) => ({
    id: `network ${name}`,
    after: clusters.map(({ id }) => id),
    where: { step: 'network' },
    log: paths.log('destroy'),
    remove: async ({ run }: Deletion) => {
      for (const cache of remains.caches.filter(({ network }) => network === name))
        await run(disconnectCache(cache.name, name));
      await run(removeNetwork(name));
    },
  }));
  const tasks: readonly Removal[] = [...clusters, ...networks];
  const states = await schedule(
    tasks,
    async ({ id, where, log, remove: removeIt }) => {
      const place = { id, ...where };
      await journal.step(place, 'removing', log, async () => {
        await removeIt({
          ...{ queries, timeoutSeconds },
          run: (command) => runner.run(command, { log, timeoutSeconds }),
          pause: (seconds) => queries.pause(seconds),
          progress: (line) => {
            journal.progress(place, line);
          },
        });
      });
    },
    runner.signal,
  );
  const done = [...states.values()].every((state) => state === 'done');
  if (done) await removeTraces(session, remains);
  journal.finish(
    done ? 'done' : 'failed',
    0,
    [],
    tasks.map(({ id }) => id),
  );
  if (runner.signal.aborted) {
    report(await stoppedEvent(session, 'destroy', asTyped(options)));
    return exitCode.stopped;
  }
  return done ? exitCode.done : exitCode.failed;
}

/** Last of all: while any of it is there, a second run knows what is left to do. */
async function removeTraces(session: Session, { intents, files }: Remains): Promise<void> {
  const { paths, runner } = session;
  if (intents.length > 0) await runner.run(removeVolumes(intents), { log: undefined, timeoutSeconds: 30 });
  for (const file of files) {
    if (file === paths.state) removeState(session);
    else rmSync(file, { recursive: true, force: true });
  }
}
