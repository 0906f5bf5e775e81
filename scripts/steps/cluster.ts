import { mkdirSync, rmSync } from 'node:fs';
import { createCluster, deleteCluster, exportKubeconfig } from '../tools/kind.ts';
import { getNodes, parseObjects } from '../tools/kubectl.ts';
import { wholeCluster } from '../observe/observed.ts';
import { markMade } from '../observe/remains.ts';
import { type RegionStep, run, skip } from './step.ts';
import { waitFor } from './wait.ts';

/** One kind cluster, with a kubeconfig file of its own. What a `kind create` that was cut off has left is made anew. */
export const cluster: RegionStep = {
  name: 'cluster',
  title: 'create the kind cluster',
  scope: 'region',
  after: ['network'],
  decide({ region, seen, cluster }) {
    if (seen.containers.length === 0) return run('not there');
    if (cluster === undefined) {
      const joined = region.nodes.filter((node) => seen.cluster?.nodes.includes(node));
      return run(`half-built, ${joined.length} of ${region.nodes.length} nodes have joined: made anew`);
    }
    return seen.kubeconfig ? skip(`${region.nodes.length} nodes`) : run('its kubeconfig is not in .lab/');
  },
  async run(work, region) {
    const { lab, observed, paths } = work;
    const target = paths.target(region);
    const kindCluster = { name: region.name, kubeconfig: target.kubeconfig };
    const seen = observed.regions.get(region.name);
    mkdirSync(paths.kubeconfigs, { recursive: true });
    markMade(paths, region.name);
    // kind refuses to start where a killed kind has left its lock
    rmSync(`${target.kubeconfig}.lock`, { force: true });
    if (wholeCluster(region, seen) !== undefined) {
      await work.run(exportKubeconfig(kindCluster));
      return;
    }
    if (seen !== undefined && seen.containers.length > 0) await work.run(deleteCluster(kindCluster));
    // kind writes it last: while it is missing, the creation has not come to its end
    rmSync(target.kubeconfig, { force: true });
    await work.run(createCluster(kindCluster, paths.manifest(region.name, 'kind'), lab.network.name));
    await waitFor(work, 'all nodes', async () => {
      const joined = parseObjects(await work.queries.ask(getNodes(target))).length;
      return joined >= region.nodes.length ? undefined : `${joined} of ${region.nodes.length} joined`;
    });
  },
};
