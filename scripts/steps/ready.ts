import { status } from '../tools/cilium.ts';
import { type RegionStep, run, skip } from './step.ts';
import { linksOf, missingLinks } from '../observe/mesh.ts';
import { waitForLinks } from './links.ts';
import { waitingFor } from './wait.ts';

/** Everything of Cilium in the region is up; with `mesh.method: install` its links to the other regions too. */
export const ready: RegionStep = {
  name: 'ready',
  title: 'wait until Cilium is up',
  scope: 'region',
  after: ['pool'],
  decide(situation) {
    const { lab, region, cluster, runs } = situation;
    if (cluster === undefined || runs('cilium', region)) return run('Cilium is being installed');
    if (cluster.ciliumNotReady.length > 0) return run(`not up: ${cluster.ciliumNotReady.join(', ')}`);
    if (lab.meshMethod === 'install') {
      const missing = missingLinks(cluster.mesh, linksOf(region, situation.regions));
      if (missing.length > 0) return run(`not connected to ${missing.join(', ')}`);
    }
    return skip('Cilium is up');
  },
  async wait(work, region) {
    work.progress(waitingFor(work, 'Cilium'));
    await work.run(status(work.paths.target(region), work.patienceSeconds));
    if (work.lab.meshMethod === 'install') await waitForLinks(work, region, linksOf(region, work.regions));
  },
};
