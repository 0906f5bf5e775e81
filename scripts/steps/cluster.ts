import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Region } from '../../lab/lab.ts';
import { createCluster, exportKubeconfig } from '../tools/kind.ts';
import { getNodes, parseObjects } from '../tools/kubectl.ts';
import { recordRegion } from '../files/made.ts';
import { intentLabel, intentVolume } from '../observe/intent.ts';
import { writeDockerForKind } from '../files/docker-for-kind.ts';
import { placesOf } from '../observe/places.ts';
import { createVolume, removeVolumes } from '../tools/docker.ts';
import { nameOnDocker } from './engine-image.ts';
import { deleteWhole } from './delete-cluster.ts';
import { type RegionStep, run, skip, type Work } from './step.ts';
import { waitFor } from './wait.ts';

/** One kind cluster, with a kubeconfig file of its own. What a `kind create` that was cut off has left is made anew. */
export const cluster: RegionStep = {
  name: 'cluster',
  title: 'create the kind cluster',
  scope: 'region',
  after: ['network', 'pull'],
  reaches: 'the API server',
  decide({ region, seen }) {
    if (seen.containers.length === 0) return run('not there');
    if (seen.creating) return run('its creation was cut off: made anew');
    return seen.kubeconfig ? skip(`${region.nodes.length} nodes`) : run('its kubeconfig is not in .lab/');
  },
  async run(work, region) {
    const { lab, observed, owner, paths } = work;
    const target = paths.target(region);
    const kindCluster = { name: region.name, kubeconfig: target.kubeconfig };
    const { containers = [], creating = false } = observed.regions.get(region.name) ?? {};
    mkdirSync(paths.kubeconfigs, { recursive: true });
    recordRegion(paths, region.name);
    // kind refuses to start where a killed kind has left its lock
    rmSync(`${target.kubeconfig}.lock`, { force: true });
    if (containers.length > 0 && !creating) {
      await work.run(exportKubeconfig(kindCluster));
      return;
    }
    const intent = intentVolume(owner, region.name);
    const held = await work.holdCluster(region.name);
    try {
      // what is cut off from here on is known to be half of a cluster
      await work.run(createVolume(intent, { [intentLabel]: region.name }));
      if (containers.length > 0) await deleteWhole(work, kindCluster);
      rmSync(target.kubeconfig, { force: true });
      const names = containersOf(region);
      const docker = await addressedDocker(work, region, names);
      await create(work, region, docker);
      await waitFor(work, 'all nodes', async () => {
        const joined = (await work.queries.read(getNodes(target), parseObjects)).length;
        return joined >= region.nodes.length ? undefined : `${joined} of ${region.nodes.length} joined`;
      });
      const places = await placesOf(work.queries, names);
      if (!places.every(({ addresses }) => addresses.get(lab.network.name)?.isOwn))
        work.found('its nodes have no addresses of their own: it may not come back from a restart of Docker');
    } finally {
      await held.release();
    }
    // last of all, so that a run which is killed before leaves no lock behind: whoever makes the region anew takes that too.
    // Nothing else proves it: a single node is there before kind takes away its taint
    await work.run(removeVolumes([intent]));
  },
};

/** Says of kind's progress that the API server answers: what it does afterwards is a StorageClass and the other nodes. */
const ANSWERS = /✓ Starting control-plane|Installing StorageClass|Joining/;

/**
 * Makes the cluster. With one control plane, what needs no more than its API server goes on while kind joins the workers; each
 * further control plane that joins stops etcd for a moment.
 */
async function create(work: Work, region: Region, docker: string | undefined): Promise<void> {
  const { lab, paths } = work;
  const { kubeconfig } = paths.target(region);
  const byKind = { name: region.name, kubeconfig: paths.kubeconfigByKind(region.name) };
  const named = nameOnDocker(work, region.nodeImage);
  const image = named === region.nodeImage ? undefined : named;
  let early: Promise<void> | undefined;
  const goOn = async (): Promise<void> => {
    const { exitCode } = await work.attempt(exportKubeconfig({ name: region.name, kubeconfig }));
    if (exitCode === 0) work.reached();
  };
  mkdirSync(dirname(byKind.kubeconfig), { recursive: true });
  for (const left of [byKind.kubeconfig, `${byKind.kubeconfig}.lock`]) rmSync(left, { force: true });
  try {
    await work.run(
      createCluster(byKind, paths.manifest(region.name, 'kind.yaml'), lab.network.name, docker, image),
      (line) => {
        if (region.controlPlanes === 1 && ANSWERS.test(line)) early ??= goOn();
      },
    );
  } finally {
    // nothing of a step runs on after its end
    await early;
  }
  // the same, and whole at once for whoever reads it just now
  renameSync(byKind.kubeconfig, kubeconfig);
}

/** kind puts a load balancer before several control planes. */
const containersOf = ({ name, nodes, controlPlanes }: Region): string[] =>
  controlPlanes > 1 ? [...nodes, `${name}-external-load-balancer`] : [...nodes];

/** What kind is to call for docker, so that each node has its own address; undefined where that cannot be. */
async function addressedDocker(work: Work, region: Region, names: readonly string[]): Promise<string | undefined> {
  const addresses = await work.addresses.choose(work.queries, work.lab.network, names);
  return addresses && writeDockerForKind(work.paths.dockerForKind(region.name), addresses);
}
