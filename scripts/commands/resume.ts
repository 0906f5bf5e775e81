import type { Region } from '../../lab/lab.ts';
import { exitCode } from '../events/errors.ts';
import { observeNodes } from '../observe/observe.ts';
import { paths } from '../steps/paths.ts';
import { start } from '../steps/start.ts';
import type { LabStep, Work } from '../steps/step.ts';
import { getReleases, parseReleases } from '../tools/helm.ts';
import type { Io } from './io.ts';
import { onNodes, stopLeftovers, taken } from './nodes.ts';
import { asTyped, type RestOptions } from './options.ts';
import { selectRegions } from './session.ts';
import { stoppedEvent } from './what-exists.ts';
import { workOn } from './work-on.ts';

/** `npm run resume`: starts the nodes again, waits until what was up is up, and tries every path between the regions. */
export async function resume(options: RestOptions, io: Io): Promise<number> {
  const typed = asTyped(options);
  return workOn(
    {
      name: 'resume',
      typed,
      titles: new Map([start, tried].map(({ name, title }) => [name, title])),
      check: ({ lab }) => {
        selectRegions(lab, options);
      },
      work: async (opened, reporter, lock) => {
        await stopLeftovers(opened, reporter);
        const session = await taken('resume', opened, options, reporter, lock);
        const observed = await observeNodes(session);
        const work = { session, reporter, lock, options, observed, step: start, then: [tried] };
        const outcome = await onNodes('resume', work);
        if (io.signal.aborted) {
          reporter.report(await stoppedEvent(session, 'resume', typed));
          return exitCode.stopped;
        }
        return outcome === 'failed' ? exitCode.failed : exitCode.done;
      },
    },
    options,
    io,
  );
}

/** Every path between the regions that have a Cilium: a deploy may have been cut off before the others got theirs. */
const tried: LabStep = {
  ...paths,
  async run(work) {
    const installed = await withCilium(work);
    const without = work.regions.filter((region) => !installed.includes(region)).map(({ name }) => name);
    if (without.length > 0) work.found(`no Cilium in ${without.join(', ')}: deploy goes on there`);
    if (installed.length > 0) await paths.run?.({ ...work, regions: installed });
  },
};

async function withCilium(work: Work): Promise<Region[]> {
  const releases = work.regions.map(async (region) => {
    const found = await work.queries.read(getReleases(work.paths.target(region)), parseReleases);
    return found.length > 0 ? [region] : [];
  });
  return (await Promise.all(releases)).flat();
}
