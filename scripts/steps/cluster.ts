import { mkdirSync, rmSync } from 'node:fs';
import { createCluster, exportKubeconfig } from '../tools/kind.ts';
import { getNodes, parseObjects } from '../tools/kubectl.ts';
import { recordRegion } from '../files/made.ts';
import { intentLabel, intentVolume } from '../observe/intent.ts';
import { createVolume, removeVolumes } from '../tools/docker.ts';
import { deleteWhole } from './delete-cluster.ts';
import { type RegionStep, run, skip } from './step.ts';
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
      await work.run(createCluster(kindCluster, paths.manifest(region.name, 'kind.yaml'), lab.network.name));
      await waitFor(work, 'all nodes', async () => {
        const joined = (await work.queries.read(getNodes(target), parseObjects)).length;
        return joined >= region.nodes.length ? undefined : `${joined} of ${region.nodes.length} joined`;
      });
    } finally {
      await held.release();
    }
    // last of all, so that a run which is killed before leaves no lock behind: whoever makes the region anew takes that too.
    // Nothing else proves it: a single node is there before kind takes away its taint
    await work.run(removeVolumes([intent]));
  },
};
