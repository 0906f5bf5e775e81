import type { Reporter } from '../events/events.ts';
import type { Observed } from '../observe/observed.ts';
import { ownClusters } from '../observe/owned.ts';
import { placesOf } from '../observe/places.ts';
import { stop } from '../steps/stop.ts';
import type { Io } from './io.ts';
import type { RestOptions } from './options.ts';
import { refuse } from './refuse.ts';
import { rest } from './rest.ts';
import { selectRegions, type Session } from './session.ts';

/** `npm run pause`: stops the nodes. Nothing of the lab is lost, and it needs no CPU and no memory until `resume`. */
export const pause = (options: RestOptions, io: Io): Promise<number> =>
  rest('pause', stop, [], options, io, async (session, observed, reporter) => {
    tellLeft(session, observed, reporter);
    await refuseWanderers(session, observed, options);
  });

/** A region that has left lab.yaml is nobody's to stop by its name. */
function tellLeft({ lab, paths }: Session, observed: Observed, reporter: Reporter): void {
  const regions = new Set(lab.regions.map(({ name }) => name));
  for (const name of ownClusters(lab, observed).filter((each) => !regions.has(each)))
    reporter.report({
      event: 'warning',
      message: `${name} is not in lab.yaml any more, and is left as it is; to remove it: ${paths.command('destroy', '--region', name)}`,
    });
}

/**
 * Nodes that Docker has given their addresses may get others when they start, and kubeadm has written the old ones into every
 * node but a single one. @throws UserError naming the regions that would not come back
 */
async function refuseWanderers(
  { lab, paths, queries }: Session,
  observed: Observed,
  options: RestOptions,
): Promise<void> {
  const found = await Promise.all(
    selectRegions(lab, options).map(async ({ name }) => {
      const { containers = [], creating, ownership } = observed.regions.get(name) ?? {};
      const nodes = containers.filter(({ isNode }) => isNode);
      const running = nodes.filter(({ state }) => state === 'running');
      if (ownership !== 'ours' || creating === true || nodes.length < 2) return undefined;
      const places = await placesOf(
        queries,
        running.map((container) => container.name),
      );
      if (places.every(({ addresses }) => addresses.get(lab.network.name)?.isOwn !== false)) return undefined;
      return {
        cause: `nodes of ${name} have no addresses of their own: Docker may give them others when they start, and then the region is lost (kind#2045)`,
        remedy: `leave it running; or make it anew, which gives it such: ${paths.command('destroy', '--region', name)}, then deploy again`,
      };
    }),
  );
  refuse(found);
}
