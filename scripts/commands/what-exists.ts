import type { DriverEvent } from '../events/events.ts';
import { counted } from '../events/reporters/text.ts';
import { observeHoldings } from '../observe/observe.ts';
import { ownClusters, ownNetworks } from '../observe/owned.ts';
import { Queries } from '../observe/queries.ts';
import { Runner } from '../tools/runner.ts';
import type { Session } from './session.ts';

/** A command that changes a lab. */
export type ChangingCommand =
  'deploy' | 'bundle' | 'pause' | 'resume' | 'destroy' | 'scenario' | 'failover' | 'degrade';

/** Docker is given so many milliseconds: a machine that was making clusters a moment ago is slow. */
const patience = 5000;

/**
 * After a stop: what there is, how to go on, how to clean up.
 * @param stopped the command that was stopped
 * @param typed options that it was given and needs to go on; a destroy of some regions is not to become one of all
 */
export async function stoppedEvent(
  session: Session,
  stopped: ChangingCommand,
  typed: readonly string[],
): Promise<DriverEvent> {
  const { command } = session.paths;
  const goOn = command(stopped, ...typed);
  return {
    event: 'stopped',
    exists: await whatExists(session),
    look: command('status'),
    goOn,
    cleanUp: stopped === 'destroy' ? goOn : command('destroy'),
  };
}

/**
 * The lab's network and clusters as they stand, in a few words; undefined where Docker does not answer in time. Its own
 * runner, since the session's takes no more commands.
 */
async function whatExists({ lab, paths, env }: Session): Promise<string[] | undefined> {
  const queries = new Queries(new Runner(env, AbortSignal.timeout(patience)));
  const holdings = await observeHoldings(queries, paths).catch(() => undefined);
  if (holdings === undefined) return undefined;
  const clusters = ownClusters(lab, holdings);
  return [
    ...ownNetworks(lab, holdings).map(({ name }) => `the docker network ${name}`),
    ...lab.regions
      .filter(({ name }) => clusters.includes(name))
      .map(({ name, nodes }) => {
        const there = holdings.containers.filter(({ cluster, isNode }) => cluster === name && isNode);
        return `${name} (${there.length} of ${counted(nodes.length, 'node')})`;
      }),
  ];
}
