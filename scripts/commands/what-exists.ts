import { observeHoldings } from '../observe/observe.ts';
import { ownClusters } from '../observe/owned.ts';
import { Queries } from '../observe/queries.ts';
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
async function whatExists({ lab, paths, env }: Session): Promise<string[]> {
  const queries = new Queries(new Runner(env, AbortSignal.timeout(1500)));
  const holdings = await observeHoldings(queries, paths).catch(() => undefined);
  if (holdings === undefined) return [];
  const own = ownClusters(lab, holdings);
  return lab.regions
    .filter(({ name }) => own.includes(name))
    .map(({ name, nodes }) => {
      const there = holdings.containers.filter(({ cluster, isNode }) => cluster === name && isNode);
      return `${name} (${there.length} of ${counted(nodes.length, 'node')})`;
    });
}
