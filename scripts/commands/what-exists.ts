import { listKindContainers, parseKindContainers } from '../tools/docker.ts';
import type { DriverEvent } from '../events/events.ts';
import { Runner } from '../tools/runner.ts';
import { counted } from '../events/reporters/lines.ts';
import type { Session } from './session.ts';

/** After a stop: what there is, how to go on, how to clean up. */
export async function stoppedEvent(session: Session): Promise<DriverEvent> {
  return {
    event: 'stopped',
    exists: await whatExists(session),
    goOn: session.paths.command('deploy'),
    cleanUp: session.paths.command('destroy'),
  };
}

/** After a stop: the lab's clusters as they stand, in a few words. Its own runner, since the session's takes no more commands. */
async function whatExists({ lab, env }: Session): Promise<string[]> {
  const runner = new Runner(env, new AbortController().signal);
  const { stdout, exitCode } = await runner.attempt(listKindContainers(), { log: undefined, timeoutSeconds: 1 });
  if (exitCode !== 0) return [];
  const containers = parseKindContainers(stdout).filter(({ networks }) => networks.includes(lab.network.name));
  return lab.regions.flatMap(({ name, nodes }) => {
    const own = containers.filter(({ cluster, isNode }) => cluster === name && isNode);
    return own.length === 0 ? [] : [`${name} (${own.length} of ${counted(nodes.length, 'node')})`];
  });
}
