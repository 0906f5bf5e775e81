import { hasKvstoremesh } from '../../lab/switches.ts';
import { valueAt } from '../../lab/values.ts';
import { meshEnable } from '../tools/cilium.ts';
import { type RegionStep, run, skip } from './step.ts';
import { waitingFor } from './wait.ts';

/**
 * The ClusterMesh API server behind a LoadBalancer address of the region's pool. It changes nothing of the agents, so none of
 * them has to be up: it starts with them, and `ready` waits for it.
 */
export const enable: RegionStep = {
  name: 'enable',
  title: 'enable ClusterMesh',
  waitsForPods: true,
  scope: 'region',
  after: ['cilium'],
  decide({ lab, region, cluster, runs }) {
    if (lab.meshMethod === 'install') return skip('part of the Helm install (mesh.method: install)');
    if (cluster === undefined) return run('not enabled');
    if (valueAt(cluster.release?.values, ['clustermesh', 'useAPIServer']) !== true) return run('not enabled');
    const address = cluster.mesh?.address;
    if (address !== undefined) return skip(`API server at ${address}`);
    // it comes with them
    const before = (['metallb', 'pool'] as const).find((step) => runs(step, region));
    return before === undefined
      ? run('its API server has no address')
      : skip(`${before} runs, and gives it an address`);
  },
  async run({ lab, paths, ...work }, region) {
    // it says nothing of its own
    work.progress(waitingFor(work, 'the Helm upgrade'));
    await work.run(meshEnable(paths.target(region), lab.stack.enableEndsKvstoremesh && hasKvstoremesh(lab)));
  },
};
