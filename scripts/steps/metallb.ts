import { apply, rolloutStatus, wait } from '../tools/kubectl.ts';
import { type RegionStep, run, skip } from './step.ts';

const crds = ['crd/ipaddresspools.metallb.io', 'crd/l2advertisements.metallb.io'];

/** MetalLB, until it can take pools: the controller's readiness probe waits for its webhook from v0.13.6 on. */
export const metallb: RegionStep = {
  name: 'metallb',
  title: 'install MetalLB',
  scope: 'region',
  after: ['cilium', 'fetch'],
  decide({ lab, cluster }) {
    if (cluster?.metallb.notReady === undefined) return run('not installed');
    const { notReady, version, crds } = cluster.metallb;
    const wanted = lab.stack.versions.metallb;
    if (version !== undefined && version !== wanted) return run(`${version} -> ${wanted}`);
    if (!crds) return run('its CRDs are missing');
    return notReady.length === 0 ? skip('controller and speakers are up') : run(`not up: ${notReady.join(', ')}`);
  },
  async run({ lab, paths, ...work }, region) {
    await work.run(apply(paths.target(region), [paths.local(lab.sources.metallbManifest)]));
  },
  async wait({ paths, patienceSeconds, ...work }, region) {
    const target = paths.target(region);
    await work.run(wait(target, 'metallb-system', 'condition=Established', crds, patienceSeconds));
    await work.run(wait(target, 'metallb-system', 'condition=Available', ['deployment/controller'], patienceSeconds));
    await work.run(rolloutStatus(target, 'metallb-system', 'daemonset/speaker', patienceSeconds));
  },
};
