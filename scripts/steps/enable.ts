import { hasKvstoremesh } from '../../lab/switches.ts';
import { valueAt } from '../../lab/values.ts';
import { meshEnable, meshStatus } from '../tools/cilium.ts';
import { type RegionStep, run, skip, waitAgain } from './step.ts';
import { waitingFor } from './wait.ts';

/** The ClusterMesh API server behind a LoadBalancer address of the region's pool. */
export const enable: RegionStep = {
  name: 'enable',
  title: 'enable ClusterMesh',
  scope: 'region',
  after: ['ready'],
  decide({ lab, region, cluster, runs }) {
    if (lab.meshMethod === 'install') return skip('part of the Helm install (mesh.method: install)');
    if (cluster === undefined) return run('not enabled');
    if (valueAt(cluster.release?.values, ['clustermesh', 'useAPIServer']) !== true) return run('not enabled');
    const address = cluster.mesh?.address;
    if (address === undefined) return run('its API server has no address');
    const before = (['cilium', 'metallb', 'pool'] as const).find((step) => runs(step, region));
    return before === undefined
      ? skip(`API server at ${address}`)
      : waitAgain(`${before} runs before: looked at again`);
  },
  async run({ lab, paths, ...work }, region) {
    // it says nothing of its own
    work.progress(waitingFor(work, 'the Helm upgrade'));
    await work.run(meshEnable(paths.target(region), lab.stack.enableEndsKvstoremesh && hasKvstoremesh(lab)));
  },
  async wait({ paths, patienceSeconds, ...work }, region) {
    work.progress(waitingFor(work, 'the ClusterMesh API server'));
    await work.run(meshStatus(paths.target(region), patienceSeconds));
  },
};
