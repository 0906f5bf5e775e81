import { listKindContainers } from '../tools/docker.ts';
import { parseKindContainers } from '../tools/docker-container.ts';
import { deleteCluster, type KindCluster } from '../tools/kind.ts';
import type { Work } from './step.ts';
import { waitFor } from './wait.ts';

/** What deleting a cluster takes of a step's means. */
export type Deletion = Pick<Work, 'run' | 'queries' | 'progress' | 'pause' | 'timeoutSeconds'>;

/**
 * Deletes a kind cluster, until Docker lists nothing of it. Of a container that it is still making, for a kind that was
 * killed, it says that it is gone, and lists it until it is made: the next `kind create` would find the name taken (seen with
 * Docker 20.10: `Deleted nodes`, and the same ids still there for seconds).
 * @throws WaitError where something of it stays
 */
export async function deleteWhole(work: Deletion, cluster: KindCluster): Promise<void> {
  await waitFor(work, 'Docker to let go of the nodes', async () => {
    await work.run(deleteCluster(cluster));
    const containers = await work.queries.read(listKindContainers(), parseKindContainers);
    const left = containers.filter((container) => container.cluster === cluster.name);
    return left.length === 0 ? undefined : `${left.map(({ name }) => name).join(', ')} still there`;
  });
}
