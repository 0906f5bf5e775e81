import { meshEnable, meshStatus } from '../tools/cilium.ts';
import { type RegionStep, run, skip } from './step.ts';

/** The ClusterMesh API server behind a LoadBalancer address of the region's pool. */
export const enable: RegionStep = {
  name: 'enable',
  title: 'enable ClusterMesh',
  scope: 'region',
  after: ['ready'],
  decide({ lab, cluster }) {
    if (lab.meshMethod === 'install') return skip('part of the Helm install (mesh.method: install)');
    if (cluster === undefined) return run('not enabled');
    const { useAPIServer } = (cluster.release?.values.clustermesh ?? {}) as { useAPIServer?: boolean };
    if (useAPIServer !== true) return run('not enabled');
    const address = cluster.mesh?.address;
    return address === undefined ? run('its API server has no address') : skip(`API server at ${address}`);
  },
  async run({ paths, patienceSeconds, ...work }, region) {
    const target = paths.target(region);
    await work.run(meshEnable(target));
    await work.run(meshStatus(target, patienceSeconds));
  },
};
