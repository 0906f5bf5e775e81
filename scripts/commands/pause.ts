import { exitCode } from '../events/errors.ts';
import { observeNodes } from '../observe/observe.ts';
import { stop } from '../steps/stop.ts';
import type { Io } from './io.ts';
import { onNodes, stopLeftovers, taken } from './nodes.ts';
import { asTyped, type RestOptions } from './options.ts';
import { selectRegions } from './session.ts';
import { stoppedEvent } from './what-exists.ts';
import { workOn } from './work-on.ts';

/** `npm run pause`: stops the nodes. Nothing of the lab is lost, and it needs no CPU and no memory until `resume`. */
export async function pause(options: RestOptions, io: Io): Promise<number> {
  const typed = asTyped(options);
  return workOn(
    {
      name: 'pause',
      typed,
      titles: new Map([[stop.name, stop.title]]),
      check: ({ lab }) => {
        selectRegions(lab, options);
      },
      work: async (opened, reporter, lock) => {
        await stopLeftovers(opened, reporter);
        const session = await taken('pause', opened, options, reporter, lock);
        const observed = await observeNodes(session);
        const outcome = await onNodes('pause', { session, reporter, lock, options, observed, step: stop });
        if (io.signal.aborted) {
          reporter.report(await stoppedEvent(session, 'pause', typed));
          return exitCode.stopped;
        }
        return outcome === 'failed' ? exitCode.failed : exitCode.done;
      },
    },
    options,
    io,
  );
}
