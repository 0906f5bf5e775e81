import { exitCode } from '../events/errors.ts';
import type { Reporter } from '../events/events.ts';
import { observeNodes } from '../observe/observe.ts';
import type { Observed } from '../observe/observed.ts';
import type { LabStep } from '../steps/step.ts';
import { info } from '../tools/docker.ts';
import { parseInfo } from '../tools/docker-info.ts';
import type { Io } from './io.ts';
import { stopLeftovers } from './leftovers.ts';
import { type NodeWork, onNodes } from './nodes.ts';
import { asTyped, type RestOptions } from './options.ts';
import { adopting, type LabLock, takeOver } from './own.ts';
import { selectRegions, type Session } from './session.ts';
import { stoppedEvent } from './what-exists.ts';
import { workOn } from './work-on.ts';

/**
 * `pause` and `resume`: one step in every region that is there, asked of Docker alone.
 * @param then after it
 * @param check what stands against it @throws UserError
 */
export async function rest(
  name: 'pause' | 'resume',
  step: NodeWork['step'],
  then: readonly LabStep[],
  options: RestOptions,
  io: Io,
  check: (session: Session, observed: Observed, reporter: Reporter) => Promise<void> = () => Promise.resolve(),
): Promise<number> {
  const typed = asTyped(options);
  return workOn(
    {
      name,
      typed,
      titles: new Map([step, ...then].map((each) => [each.name, each.title])),
      check: ({ lab }) => {
        selectRegions(lab, options);
      },
      work: async (opened, reporter, lock) => {
        await stopLeftovers(opened, reporter);
        const session = await taken(name, opened, options, reporter, lock);
        const observed = await observeNodes(session);
        await check(session, observed, reporter);
        const outcome = await onNodes(name, { session, reporter, lock, options, observed, step, then });
        if (io.signal.aborted) {
          reporter.report(await stoppedEvent(session, name, typed));
          return exitCode.stopped;
        }
        return outcome === 'failed' ? exitCode.failed : exitCode.done;
      },
    },
    options,
    io,
  );
}

/** The session, with the lab that `--adopt` takes over: what is done to nodes is not lost with the folder. */
async function taken(
  command: string,
  opened: Session,
  { adopt }: RestOptions,
  reporter: Reporter,
  lock: LabLock,
): Promise<Session> {
  if (!adopt) return opened;
  const session = await adopting(command, opened, lock);
  const { id } = await opened.queries.read(info(), parseInfo);
  for (const message of takeOver(session, id)) reporter.report({ event: 'warning', message });
  const { adopts: _, ...own } = session;
  return own;
}
