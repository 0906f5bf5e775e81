import type { Region } from '../../lab/lab.ts';
import { FindingsError } from '../events/errors.ts';
import { linksOf, livingRegions } from '../observe/mesh.ts';
import { wholeCluster } from '../observe/observed.ts';
import { openAfterChange } from '../probes/patience.ts';
import { verifyEvent, wrongIn } from '../probes/report.ts';
import { type Load, underLoad } from '../probes/load.ts';
import { bringProbes, takeProbes, tryPaths } from '../probes/try-paths.ts';
import { status } from '../tools/cilium.ts';
import { toShell } from '../tools/command.ts';
import { namespace, rollback } from '../tools/helm.ts';
import { rolloutStatus } from '../tools/kubectl.ts';
import { checkChart } from './chart-check.ts';
import { chartName, install } from './cilium.ts';
import { waitForLinks } from './links.ts';
import { meansOf } from './paths.ts';
import { type RegionStep, run, skip, type Work } from './step.ts';
import { allOf, waitingFor } from './wait.ts';

/**
 * Another Cilium, or other values, for a region of a mesh that is whole: one region at a time, asked from every node meanwhile.
 * Where one request is lost, or a path is not as it should be afterwards, no region after it is touched.
 */
export const upgrade: RegionStep = {
  name: 'upgrade',
  title: 'change Cilium of a living mesh, region by region, under load',
  waitsForPods: true,
  scope: 'region',
  after: ['load', 'hosts', 'fetch', 'fill'],
  takes: 'upgrade',
  decide(situation) {
    const { cluster, atOnce, meshGap } = situation;
    const need = situation.need();
    if (need?.change === undefined) return skip('nothing to change in a living mesh');
    if (need.change === 'together') return skip('all regions at once, since either all of them encrypt, or none');
    if (atOnce) return skip('all regions at once (--at-once)');
    const gap = meshGap();
    if (gap !== undefined) return skip(`all regions at once, since ${gap}`);
    const revision = cluster?.release?.revision ?? 0;
    return run(`${need.reason}; one region at a time, under load; back: helm rollback cilium ${revision}`);
  },
  async run(work, region) {
    const living = livingRegions(work.regions, work.observed);
    const release = wholeCluster(region, work.observed.regions.get(region.name))?.release;
    if (release !== undefined && release.chart !== chartName(work.lab)) await checkChart(work, region);
    const means = meansOf(work);
    const patience = { up: work.timeoutSeconds, open: openAfterChange(work.lab.stack.versions.cilium) };
    const look = async (): Promise<string[]> => {
      const start = performance.now();
      return wrongIn(verifyEvent(work.lab, living, await tryPaths(means, living, patience), start));
    };
    await bringProbes(means, living, patience);
    try {
      work.progress('trying every path, before anything is changed');
      const before = await look();
      if (before.length > 0)
        throw new FindingsError(
          'not every path between the regions was as it should be before, and nothing was changed',
          before,
          'mend these first; or change all regions at once, with nothing asked meanwhile: deploy --at-once',
        );
      const load = await underLoad(means, living, patience, () => change(work, region, living));
      work.progress('trying every path, after the change');
      const after = await look();
      const lost = lossOf(load);
      if (lost.length + after.length === 0) {
        work.found(loadText(load));
        return;
      }
      const back = toShell(rollback(work.paths.target(region), release?.revision ?? 0));
      throw new FindingsError(
        `${region.name} is changed, and not without loss (${loadText(load)}); none after it was touched`,
        [...lost, ...after],
        `go on: deploy again; or back: put the former value in lab.yaml, and deploy again, or ${back}`,
      );
    } finally {
      await takeProbes(means, living);
    }
  },
};

/** Helm, until all is new and every link of the mesh stands again. */
async function change(work: Work, region: Region, living: readonly Region[]): Promise<void> {
  const target = work.paths.target(region);
  work.progress(waitingFor(work, 'the Helm upgrade'));
  await install(work, region);
  work.progress(waitingFor(work, `the new agents of ${region.name}`));
  await work.run(rolloutStatus(target, namespace, 'daemonset/cilium', work.patienceSeconds));
  await work.run(status(target, work.patienceSeconds));
  await allOf(living.map((each) => waitForLinks(work, each, linksOf(each, living))));
}

/** `2311 requests, 3 lost, the slowest 1040 ms; of 12 nothing is known, since this machine was too busy` */
function loadText({ sent, late, unheard, lost, slowest }: Load): string {
  const unknown = [
    ...(late === 0 ? [] : [`of ${late} nothing is known, since this machine was too busy`]),
    ...(unheard === 0 ? [] : [`of ${unheard} nothing is known, since a probe did not come to its end`]),
  ];
  return [`${sent} requests, ${lost === 0 ? 'none' : lost} lost, the slowest ${slowest} ms`, ...unknown].join('; ');
}

function lossOf({ sent, late, unheard, ways, unknown }: Load): string[] {
  if (sent === late + unheard) return ['nothing could be asked meanwhile: no probe answered in time'];
  return [
    ...ways.map((each) => `${each.way}: ${each.lost} of ${each.sent} requests lost; seen: ${each.seen}`),
    ...unknown.map((each) => `nothing is known of ${each}`),
  ];
}
