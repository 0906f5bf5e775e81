import type { Lab } from '../../lab/lab.ts';
import type { ObservedMetalLb } from '../observe/observed.ts';
import { apply, rolloutStatus, wait } from '../tools/kubectl.ts';
import { type RegionStep, run, skip } from './step.ts';
import { waitingFor } from './wait.ts';

const crds = ['crd/ipaddresspools.metallb.io', 'crd/l2advertisements.metallb.io'];

/** MetalLB, until it can take pools: the controller's readiness probe waits for its webhook from v0.13.6 on. */
export const metallb: RegionStep = {
  name: 'metallb',
  title: 'install MetalLB',
  scope: 'region',
  after: ['cilium', 'fetch'],
  decide({ lab, cluster }) {
    if (lab.loadBalancer !== 'metallb') return skip(`loadBalancer.by: ${lab.loadBalancer}`);
    if (cluster?.metallb.notReady === undefined) return run('not installed');
    const { notReady, crds } = cluster.metallb;
    const others = otherVersions(lab, cluster.metallb).map(([name, version]) => `${name} ${version}`);
    if (others.length > 0) return run(`${others.join(', ')} -> ${lab.stack.versions.metallb}`);
    if (!crds) return run('its CRDs are missing');
    return notReady.length === 0 ? skip('controller and speakers are up') : run(`not up: ${notReady.join(', ')}`);
  },
  async run({ lab, paths, ...work }, region) {
    const { metallbManifest } = lab.sources;
    if (metallbManifest === undefined) return;
    await work.run(apply(paths.target(region), [work.sources.place(metallbManifest)]));
  },
  async wait({ paths, patienceSeconds, ...work }, region) {
    const target = paths.target(region);
    work.progress(waitingFor(work, "MetalLB's CRDs"));
    await work.run(wait(target, 'metallb-system', 'condition=Established', crds, patienceSeconds));
    work.progress(waitingFor(work, "MetalLB's controller"));
    await work.run(wait(target, 'metallb-system', 'condition=Available', ['deployment/controller'], patienceSeconds));
    work.progress(waitingFor(work, "MetalLB's speakers"));
    await work.run(rolloutStatus(target, 'metallb-system', 'daemonset/speaker', patienceSeconds));
  },
};

/** Controller and speaker, where of another version than the lab's: an apply that was cut off leaves one of each. */
export function otherVersions({ stack }: Lab, { versions }: ObservedMetalLb): (readonly [string, string])[] {
  return [...versions].filter(([, version]) => version !== stack.versions.metallb);
}
