import { meshStatus, status } from '../tools/cilium.ts';
import { namespace } from '../tools/helm.ts';
import { type RegionStep, run, skip, waitAgain } from './step.ts';
import { untilAnnounced } from './announced.ts';
import { linksOf, missingLinks } from '../observe/mesh.ts';
import { waitForLinks } from './links.ts';
import { waitingFor } from './wait.ts';

/**
 * Everything of Cilium in the region is up, and its ClusterMesh API server has an address; with `mesh.method: install` its
 * links to the other regions too.
 */
export const ready: RegionStep = {
  name: 'ready',
  title: 'wait until Cilium is up',
  waitsForPods: true,
  scope: 'region',
  after: ['pool', 'enable'],
  // speakers announce before they say that they are ready
  early: ['pool'],
  decide(situation) {
    const { lab, region, cluster, runs } = situation;
    if (cluster === undefined || runs('cilium', region)) return run('Cilium is being installed');
    if (runs('enable', region)) return run('ClusterMesh is being enabled');
    if (cluster.ciliumNotReady.length > 0) return run(`not up: ${cluster.ciliumNotReady.join(', ')}`);
    if (cluster.silent.length > 0) return run(`nobody answers for the address of ${cluster.silent.join(', ')}`);
    if (lab.meshMethod === 'install') {
      const missing = missingLinks(cluster.mesh, linksOf(region, situation.regions));
      if (missing.length > 0) return run(`not connected to ${missing.join(', ')}`);
    }
    if (lab.meshMethod === 'cli' && cluster.mesh?.address === undefined) return run('its API server has no address');
    const before = (['metallb', 'pool'] as const).find((step) => runs(step, region));
    return before === undefined ? skip('Cilium is up') : waitAgain(`${before} runs before: looked at again`);
  },
  async wait(work, region) {
    const target = work.paths.target(region);
    work.progress(waitingFor(work, 'Cilium'));
    await work.run(status(target, work.patienceSeconds));
    if (work.lab.meshMethod === 'cli') {
      work.progress(waitingFor(work, 'the ClusterMesh API server'));
      await work.run(meshStatus(target, work.patienceSeconds));
    }
    if (work.lab.loadBalancer === 'cilium') await untilAnnounced(work, region, namespace);
    if (work.lab.meshMethod === 'install') await waitForLinks(work, region, linksOf(region, work.regions));
  },
};
