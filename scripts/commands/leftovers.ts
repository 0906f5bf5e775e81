import type { Reporter } from '../events/events.ts';
import { readOwner } from '../files/owner.ts';
import { signalGroup } from '../tools/process.ts';
import type { Session } from './session.ts';

/** Stops what a run that was killed has left at work. In a copy of another folder it would be that folder's. */
export async function stopLeftovers({ paths, children }: Session, reporter: Reporter): Promise<void> {
  const stopped = readOwner(paths) === undefined ? [] : await children.stopLeftovers(signalGroup);
  for (const command of stopped) {
    const message = `an earlier run was killed and had left this running, now stopped: ${command}`;
    reporter.report({ event: 'warning', message });
  }
}
