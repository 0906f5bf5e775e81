import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { adoptOwner } from '../files/owner.ts';
import type { Paths } from '../files/paths.ts';
import { observeHoldings } from '../observe/observe.ts';
import { isOthersLab } from '../observe/owned.ts';
import { adoptRefusal, recordRefusal } from '../plan/record-refusals.ts';
import { cacheLock, clusterLock, type Holder, labLock, type Lock, type Lockable, takeLock } from '../run/lock.ts';
import { info } from '../tools/docker.ts';
import { parseInfo } from '../tools/docker-info.ts';
import { type Machine, thisMachine, userName } from '../tools/machine.ts';
import { identityOf } from '../tools/process-start.ts';
import { Runner } from '../tools/runner.ts';
import { refuse, toldOf } from './refuse.ts';
import type { Session } from './session.ts';

/** Docker answers such questions at once, or is not there. */
const timeoutSeconds = 20;

/** What a run has locked; it can lock more as it learns what it works on. */
export interface LabLock extends Lock {
  /** Locks these too, where it has not yet, until the end of the run. @throws UserError naming the run that is at work there */
  add(...things: readonly Lockable[]): Promise<void>;
  /** Locks this for a while. @throws UserError naming the run that is at work there */
  hold(thing: Lockable): Promise<Lock>;
}

/**
 * Locks what a run works on: the docker network, which other folders may want too; and the folder, whose lab.yaml may have
 * named another network when an earlier run began. What else the lab is known by is added once it is known: its owner, which
 * several folders may share, and networks that are the lab's by an earlier lab.yaml.
 * @param command which one it is, for those who find the lock
 * @throws UserError naming the run that is at work
 */
export async function lockLab(command: string, { lab, paths, env }: Session): Promise<LabLock> {
  // a runner of its own: a lock is let go of after a stop too
  const runner = new Runner(env, new AbortController().signal);
  const me: Holder = {
    command,
    folder: dirname(paths.labFile),
    user: userName(),
    machine: thisMachine(),
    pid: process.pid,
    process: identityOf(process.pid),
    since: new Date().toISOString(),
  };
  const locks = new Map<string, Lock>();
  const lock: LabLock = {
    add: async (...things) => {
      for (const thing of things) if (!locks.has(thing.volume)) locks.set(thing.volume, await lock.hold(thing));
    },
    hold: (thing) => takeLock((ask) => runner.attempt(ask, { log: undefined, timeoutSeconds }), thing, me),
    verify: async () => {
      await Promise.all([...locks.values()].map((each) => each.verify()));
    },
    release: async () => {
      await Promise.all([...locks.values()].map((each) => each.release()));
    },
  };
  try {
    await lock.add(labLock(lab.network.name), labLock(folderKey(me.machine, paths)));
  } catch (error) {
    await lock.release();
    throw error;
  }
  return lock;
}

/** What steps hold for a while, by the lock of their run. */
export const holdsOf = (lock: LabLock) => ({
  holdCluster: (name: string): Promise<Lock> => lock.hold(clusterLock(name)),
  holdCache: (name: string): Promise<Lock> => lock.hold(cacheLock(name)),
});

/** Short and the same for all names of a folder; a path means something on one machine alone. */
function folderKey({ host, id }: Machine, { labFile, state }: Paths): string {
  const folder = join(realpathSync(dirname(labFile)), basename(state));
  return createHash('sha256')
    .update(JSON.stringify([host, id, folder]))
    .digest('hex')
    .slice(0, 16);
}

/**
 * The session with the lab that `--adopt` takes over: that of this name and network, where it is another folder's. Nothing is
 * written yet: what is refused takes over nothing.
 * @param command the one that it is an option of
 * @throws UserError where a run works on that lab, or where a lab of this folder's own would be lost sight of
 */
export async function adopting(command: string, session: Session, lock: LabLock): Promise<Session> {
  const { lab, paths, queries } = session;
  const [engine, holdings] = await Promise.all([queries.read(info(), parseInfo), observeHoldings(queries, paths)]);
  const network = holdings.networks.find((candidate) => isOthersLab(lab, holdings, candidate));
  if (network?.owner === undefined) return session;
  const told = toldOf(command, session);
  refuse([recordRefusal(lab, holdings, engine.id, told) ?? adoptRefusal(lab, holdings, network.name, told)]);
  await lock.add(labLock(network.owner));
  return { ...session, adopts: { owner: network.owner, network: network.name } };
}

/**
 * Takes over what the session adopts, if anything.
 * @param engine ID of the Docker Engine that it is on
 * @returns what is to be told
 */
export function takeOver({ paths, adopts }: Session, engine: string | undefined): string[] {
  if (adopts === undefined) return [];
  adoptOwner(paths, adopts.owner, engine);
  return [`this folder takes over the lab of the docker network ${adopts.network}`];
}
