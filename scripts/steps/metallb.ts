import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { stringify } from 'yaml';
import { poolFilesOf } from '../../lab/generated.ts';
import type { Lab, Region } from '../../lab/lab.ts';
import { writeKinds } from '../files/metallb-kinds.ts';
import { writeSecret } from '../files/secret.ts';
import { type ObservedMetalLb, wholeCluster } from '../observe/observed.ts';
import { apply, create, wait } from '../tools/kubectl.ts';
import { type RegionStep, run, skip, type Work } from './step.ts';
import { waitingFor } from './wait.ts';

const crds = ['crd/ipaddresspools.metallb.io', 'crd/l2advertisements.metallb.io'];

/** The key by which speakers talk to each other. */
const MEMBERS = 'memberlist';

/**
 * MetalLB, until it can take pools: the controller's readiness probe waits for its webhook from v0.13.6 on. A new one finds the
 * region's pool there: it gives addresses as soon as it runs, and not when its webhook has seen a certificate. Its speakers find their
 * key, which otherwise the controller makes when it runs.
 */
export const metallb: RegionStep = {
  name: 'metallb',
  title: 'install MetalLB',
  waitsForPods: true,
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
  async run(work, region) {
    const { metallbManifest } = work.lab.sources;
    if (metallbManifest === undefined) return;
    const manifest = work.sources.place(metallbManifest);
    const cluster = wholeCluster(region, work.observed.regions.get(region.name));
    if (cluster?.metallb.notReady === undefined) await givePool(work, region, manifest);
    await work.run(apply(work.paths.target(region), [manifest]));
  },
  async wait({ paths, patienceSeconds, ...work }, region) {
    const target = paths.target(region);
    work.progress(waitingFor(work, "MetalLB's CRDs"));
    await work.run(wait(target, 'metallb-system', 'condition=Established', crds, patienceSeconds));
    work.progress(waitingFor(work, "MetalLB's controller"));
    await work.run(wait(target, 'metallb-system', 'condition=Available', ['deployment/controller'], patienceSeconds));
  },
};

/**
 * The pool before whoever checks it, and the key before those that need it, where that can be; `pool` gives what is not given
 * here, and sees to it.
 */
async function givePool({ lab, paths, ...work }: Work, region: Region, manifest: string): Promise<void> {
  const kinds = writeKinds(paths, manifest);
  if (kinds === undefined) return;
  const target = paths.target(region);
  const pool = poolFilesOf(lab).map((file) => paths.manifest(region.name, file));
  const established = wait(target, 'metallb-system', 'condition=Established', crds, 30);
  for (const command of [apply(target, [kinds]), established, apply(target, pool)]) {
    const { exitCode } = await work.attempt(command);
    if (exitCode !== 0) return;
  }
  await giveKey({ ...work, paths }, region);
}

/**
 * Until they have it speakers cannot start: kubelet tries again less and less often, and pods without a speaker have no LoadBalancer
 * address that answers. The controller makes none where there is one (metallb internal/k8s, CreateMlSecret).
 */
async function giveKey({ paths, ...work }: Pick<Work, 'paths' | 'attempt'>, region: Region): Promise<void> {
  const file = paths.secretValues(`${region.name}-${MEMBERS}`);
  const metadata = { name: MEMBERS, namespace: 'metallb-system' };
  const stringData = { secretkey: randomBytes(128).toString('base64') };
  writeSecret(file, stringify({ apiVersion: 'v1', kind: 'Secret', metadata, stringData }));
  try {
    await work.attempt(create(paths.target(region), file));
  } finally {
    rmSync(file);
  }
}

/** Controller and speaker, where of another version than the lab's: an apply that was cut off leaves one of each. */
export function otherVersions({ stack }: Lab, { versions }: ObservedMetalLb): (readonly [string, string])[] {
  return [...versions].filter(([, version]) => version !== stack.versions.metallb);
}
