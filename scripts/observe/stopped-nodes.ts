import { listKindContainers } from '../tools/docker.ts';
import { parseKindContainers } from '../tools/docker-container.ts';
import type { Queries } from './queries.ts';

/**
 * The nodes of a region that are to run and do not, as `region-athens-worker does not run: stopped`; undefined where Docker does not answer.
 * @param nodes names of its containers
 */
export async function stoppedNodes(
  queries: Queries,
  region: string,
  nodes: readonly string[],
): Promise<string[] | undefined> {
  const outcome = await queries.attempt(listKindContainers()).catch(() => undefined);
  const all = outcome?.exitCode === 0 ? parseKindContainers(outcome.stdout) : undefined;
  if (all === undefined) return undefined;
  const own = all.filter(({ cluster }) => cluster === region);
  const there = new Set(own.map(({ name }) => name));
  return [
    ...own
      .filter(({ state }) => state === 'stopped' || state === 'paused')
      .map(({ name, state }) => notRunning(name, state)),
    ...nodes.filter((name) => !there.has(name)).map((name) => notRunning(name, 'gone')),
  ];
}

const notRunning = (name: string, state: string): string => `${name} does not run: ${state}`;
