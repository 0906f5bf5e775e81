import type { Reporter } from '../events/events.ts';
import { forgetFault, readLeftFault } from '../files/left-fault.ts';
import { readOwner } from '../files/owner.ts';
import { undoAll } from '../failover/undo.ts';
import { toShell } from '../tools/command.ts';
import { signalGroup } from '../tools/process.ts';
import { observeHoldings } from '../observe/observe.ts';
import { clusterOwnership } from '../observe/owned.ts';
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

/** What cannot be undone, as where the Docker Engine does not answer, stays on record. What is gone with its cluster is. */
async function undoFault({ lab, paths, queries, runner }: Session, reporter: Reporter): Promise<void> {
  const left = readLeftFault(paths);
  if (left === undefined) return;
  if (left === 'unreadable') {
    const message = `an earlier run of failover was cut off, and ${paths.show(paths.fault)} cannot be read: nodes may stand still (docker ps), and rules of iptables named clustermesh-lab-failover drop what regions send each other. Undo these, then remove the file`;
    reporter.report({ event: 'warning', message });
    return;
  }
  const message = `an earlier run was cut off while ${left.title}: this is undone first`;
  reporter.report({ event: 'warning', message });
  // a cluster that is not there any more has taken its part along, and what has its name now may be another's
  const holdings = await observeHoldings(queries, paths);
  const undo = left.undo.filter(({ region }) => clusterOwnership(lab, holdings, region) === 'ours');
  const failed = await undoAll(undo, (command) =>
    runner.attempt(command, { log: paths.log('failover'), timeoutSeconds: UNDO }),
  );
  if (failed.length === 0) forgetFault(paths);
  for (const { command, stderr } of failed)
    reporter.report({
      event: 'warning',
      message: `this failed (${stderr.trim().split('\n').at(-1) ?? ''}); the next run tries it again, or run it by hand: ${toShell(command)}`,
    });
}
