import { mkdirSync, rmSync } from 'node:fs';
import type { Region } from '../../lab/lab.ts';
import { createCluster, exportKubeconfig } from '../tools/kind.ts';
import { getNodes, parseObjects } from '../tools/kubectl.ts';
import { recordRegion } from '../files/made.ts';
import { intentLabel, intentVolume } from '../observe/intent.ts';
import { writeDockerForKind } from '../files/docker-for-kind.ts';
import { placesOf } from '../observe/places.ts';
import { createVolume, removeVolumes } from '../tools/docker.ts';
import { deleteWhole } from './delete-cluster.ts';
import { type RegionStep, run, skip, type Work } from './step.ts';
import { waitFor } from './wait.ts';

/** One kind cluster, with a kubeconfig file of its own. What a `kind create` that was cut off has left is made anew. */
export const cluster: RegionStep = {
  name: 'cluster',
  title: 'create the kind cluster',
  scope: 'region',
  after: ['network', 'pull'],
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
      await work.run(createCluster(kindCluster, paths.manifest(region.name, 'kind.yaml'), lab.network.name, docker));
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

/** kind puts a load balancer before several control planes. */
const containersOf = ({ name, nodes, controlPlanes }: Region): string[] =>
  controlPlanes > 1 ? [...nodes, `${name}-external-load-balancer`] : [...nodes];

/** What kind is to call for docker, so that each node has its own address; undefined where that cannot be. */
async function addressedDocker(work: Work, region: Region, names: readonly string[]): Promise<string | undefined> {
  const addresses = await work.addresses.choose(work.queries, work.lab.network, names);
  return addresses && writeDockerForKind(work.paths.dockerForKind(region.name), addresses);
}
