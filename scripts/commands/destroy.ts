import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { removeNetwork, removeVolumes } from '../tools/docker.ts';
import { deleteCluster } from '../tools/kind.ts';
import { signalGroup } from '../tools/process.ts';
import type { Command } from '../tools/command.ts';
import { stoppedEvent } from './what-exists.ts';
import { confirm } from './confirm.ts';
import { exitCode, UserError } from '../events/errors.ts';
import type { Reporter } from '../events/events.ts';
import { Journal } from '../run/journal.ts';
import { readOwner } from '../files/owner.ts';
import { observeHoldings } from '../observe/observe.ts';
import { ownNetworks } from '../observe/owned.ts';
import { othersLab } from '../plan/refusals.ts';
import { adopt, lockLab } from './own.ts';
import type { DestroyOptions } from './options.ts';
import { openStateFolder, removeStateFolder } from '../files/state-folder.ts';
import { type Io, makeReporter } from './program.ts';
import { findRemains, type Remains } from '../observe/remains.ts';
import { schedule, type Task } from '../run/schedule.ts';
import { openSession, type Session } from './session.ts';

/** `npm run destroy`: the lab's clusters, network and files, and nothing else. Works on a half-built lab. */
export async function destroy(options: DestroyOptions, io: Io): Promise<number> {
  const session = openSession(options, io, true, (message) => {
    reporter.report({ event: 'warning', message });
  });
  const { lab, paths, queries, children } = session;
  await openStateFolder({ ...session, signal: io.signal });
  const lock = await lockLab('destroy', session);
  const reporter = makeReporter(options.output, io, (path) => paths.show(path));
  try {
    // in a copy of another folder they would be that folder's
    if (readOwner(paths) !== undefined) await children.stopLeftovers(signalGroup);
    if (options.adopt) for (const message of await adopt(session)) reporter.report({ event: 'warning', message });
    const holdings = await observeHoldings(queries, paths);
    const others = othersLab(lab, holdings, paths.command('destroy', '--adopt'));
    // with a network of a former name there is something of ours to remove, and only that is
    if (others !== undefined && ownNetworks(lab, holdings).length === 0)
      throw new UserError(`${others.cause}\n  ${others.remedy}`);
    const remains = findRemains(lab, paths, holdings, options.region);
    const parts = partsOf(remains);
    if (parts.length === 0) {
      await removeTraces(session, remains);
      reporter.report({ event: 'nothing-there', lab: lab.name });
      return exitCode.done;
    }
    if (!options.yes && !(await confirm(io, `This removes ${parts.join(', ')} and the lab's files. Go on?`))) {
      throw new UserError(`${lab.name} stays as it is. To remove it: ${paths.command('destroy', '--yes')}`);
    }
    await lock.verify();
    return await remove(session, remains, reporter);
  } catch (error) {
    if (io.signal.aborted) reporter.report(await stoppedEvent(session));
    throw error;
  } finally {
    reporter.close();
    await lock.release();
  }
}

function partsOf({ clusters, networks }: Remains): string[] {
  return [
    ...clusters.map((name) => `the kind cluster ${name}`),
    ...networks.map((name) => `the docker network ${name}`),
  ];
}

interface Removal extends Task {
  readonly where: { readonly step: string; readonly region?: string };
  readonly command: Command;
  readonly log: string;
}

async function remove(session: Session, remains: Remains, reporter: Reporter): Promise<number> {
  const { lab, paths, runner } = session;
  const report: Reporter['report'] = (event) => {
    reporter.report(event);
  };
  report({ event: 'started', lab: lab.name, regions: remains.clusters, stack: lab.stack.name });
  const journal = new Journal(report, runner.signal);
  const clusters = remains.clusters.map((name) => ({
    id: `${name}/cluster`,
    after: [],
    where: { step: 'cluster', region: name },
    command: deleteCluster({ name, kubeconfig: paths.kubeconfig(name) }),
    log: paths.log('destroy', name),
  }));
  const networks = remains.networks.map((name) => ({
    id: `network ${name}`,
    after: clusters.map(({ id }) => id),
    where: { step: 'network' },
    command: removeNetwork(name),
    log: paths.log('destroy'),
  }));
  const tasks: readonly Removal[] = [...clusters, ...networks];
  const states = await schedule(
    tasks,
    async ({ id, where, command, log }) => {
      await journal.step({ id, ...where }, 'removing', log, async () => {
        await runner.run(command, { log, timeoutSeconds: 300 });
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
    report(await stoppedEvent(session));
    return exitCode.stopped;
  }
  return done ? exitCode.done : exitCode.failed;
}

/** Last of all: while any of it is there, a second run knows what is left to do. */
async function removeTraces(session: Session, { intents, files }: Remains): Promise<void> {
  const { paths, runner } = session;
  if (intents.length > 0) await runner.run(removeVolumes(intents), { log: undefined, timeoutSeconds: 30 });
  for (const file of files) {
    if (file === paths.state) removeStateFolder(session);
    else rmSync(file, { recursive: true, force: true });
  }
  const all = dirname(paths.state);
  if (existsSync(all) && readdirSync(all).length === 0) rmdirSync(all);
}
