import { listKindContainers } from '../tools/docker.ts';
import { parseKindContainers } from '../tools/docker-container.ts';
import type { Queries } from './queries.ts';

/** The containers of a region that ran and do not now, as `region-athens-worker does not run: stopped`; none where Docker does not answer. */
export async function stoppedNodes(queries: Queries, region: string): Promise<string[]> {
  const outcome = await queries.attempt(listKindContainers()).catch(() => undefined);
  const all = outcome?.exitCode === 0 ? parseKindContainers(outcome.stdout) : undefined;
  return (all ?? [])
    .filter(({ cluster, state }) => cluster === region && (state === 'stopped' || state === 'paused'))
    .map(({ name, state }) => `${name} does not run: ${state}`);
}
