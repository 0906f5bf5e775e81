import type { Reporter } from '../events/events.ts';
import { forgetFault, readLeftFault, rememberFault } from '../files/left-fault.ts';
import { readOwner } from '../files/owner.ts';
import { undoAll } from '../failover/undo.ts';
import { toShell } from '../tools/command.ts';
import { info } from '../tools/docker.ts';
import { parseInfo } from '../tools/docker-info.ts';
import { signalGroup } from '../tools/process.ts';
import { observeHoldings } from '../observe/observe.ts';
import { clusterOwnership, outOfSight } from '../observe/owned.ts';
import type { Session } from './session.ts';

/** Seconds for a command that undoes. */
const UNDO = 60;

/** Stops what a run that was killed has left at work, and undoes what it has left broken. In a copy of another folder, or before a lab was begun, it may be that folder's. */
export async function stopLeftovers(session: Session, reporter: Reporter): Promise<void> {
  const { paths, children } = session;
  if (readOwner(paths) === undefined) {
    children.forgetGone();
    return;
  }
  for (const command of await children.stopLeftovers(signalGroup)) {
    const message = `an earlier run was killed and had left this running, now stopped: ${command}`;
    reporter.report({ event: 'warning', message });
  }
  await undoFault(session, reporter);
}

/**
 * What cannot be undone, as where the Docker Engine does not answer, stays on record, and so does what is of a lab out of sight. What is
 * gone with its cluster is.
 */
async function undoFault({ lab, paths, queries, runner }: Session, reporter: Reporter): Promise<void> {
  const left = readLeftFault(paths);
  if (left === undefined) return;
  const warn = (message: string): void => {
    reporter.report({ event: 'warning', message });
  };
  if (left === 'unreadable') {
    warn(
      `an earlier run of failover was cut off, and ${paths.show(paths.fault)} cannot be read: nodes may stand still (docker ps), and rules of iptables named clustermesh-lab-failover drop what regions send each other. Undo these, then remove the file`,
    );
    return;
  }
  const [holdings, engine] = await Promise.all([observeHoldings(queries, paths), queries.read(info(), parseInfo)]);
  // what is to be done about such a lab is said by whoever looks at all of it
  if (outOfSight(lab, holdings, engine.id) !== undefined) return;
  // a cluster that is not there any more has taken its part along, and what has its name now may be another's
  const undo = left.undo.filter(({ region }) => clusterOwnership(lab, holdings, region) === 'ours');
  if (undo.length > 0) warn(`an earlier run was cut off while ${left.title}: this is undone first`);
  const failed = await undoAll(undo, (command) =>
    runner.attempt(command, { log: paths.log('failover'), timeoutSeconds: UNDO }),
  );
  if (failed.length === 0) forgetFault(paths);
  for (const { command, stderr } of failed)
    warn(
      `this failed (${stderr.trim().split('\n').at(-1) ?? ''}); the next run tries it again, or run it by hand: ${toShell(command)}`,
    );
}

/**
 * A deploy that came to its end has made of every cluster what `dist/` says: of a fault that could not be undone before, nothing is left there
 * but rules of iptables, which no deploy looks at. To undo more now would be a change.
 */
export function settleFault({ paths }: Pick<Session, 'paths'>): void {
  const left = readLeftFault(paths);
  if (left === undefined || left === 'unreadable') return;
  const rules = left.undo.filter(({ command }) => command.args[0] === 'exec');
  forgetFault(paths);
  if (rules.length > 0) rememberFault(paths, left.title, rules);
}
