import { CommandError } from '../tools/command-error.ts';
import { inspectContainers, isOnlyGone } from '../tools/docker.ts';
import { type ContainerPlace, parseContainers } from '../tools/docker-container.ts';
import { type Queries, readAnswer } from './queries.ts';

/** Where these containers are; one that is not there, or goes meanwhile, is left out. */
export async function placesOf(queries: Queries, names: readonly string[]): Promise<readonly ContainerPlace[]> {
  if (names.length === 0) return [];
  const inspect = inspectContainers(names);
  const outcome = await queries.attempt(inspect);
  if (outcome.exitCode !== 0 && !isOnlyGone(outcome.stderr)) throw new CommandError(outcome);
  return readAnswer(inspect, outcome.stdout, parseContainers);
}
