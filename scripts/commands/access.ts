import type { Region } from '../../lab/lab.ts';
import { get, type KubeTarget, parseObjects } from '../tools/kubectl.ts';
import type { DriverEvent } from '../events/events.ts';
import type { Observed } from '../observe/observed.ts';
import type { Queries } from '../observe/queries.ts';
import { balancedServices } from '../observe/workloads.ts';
import { publishedPrograms } from '../supply/published.ts';
import { makeCallers } from '../supply/callers.ts';
import type { Session } from './session.ts';

/**
 * How to get at the lab: Hubble UI of each region, and the kubeconfig files.
 * @param observed what is there still, where nothing was done since @default - it is asked
 */
export async function accessEvent(
  { queries, paths, programs }: Session,
  regions: readonly Region[],
  observed?: Observed,
): Promise<DriverEvent> {
  const addresses = await Promise.all(
    regions.map(async (region): Promise<[string, string][]> => {
      const address =
        observed === undefined
          ? await hubbleUiOf(queries, paths.target(region))
          : observed.regions.get(region.name)?.cluster?.hubbleUi;
      return address === undefined ? [] : [[region.name, address]];
    }),
  );
  const bin = makeCallers(await programs.haveAll(publishedPrograms), paths.bin);
  const kubeconfig = regions.map(({ name }) => paths.kubeconfig(name));
  return {
    event: 'access',
    hubbleUi: Object.fromEntries(addresses.flat()),
    kubeconfig,
    ...(bin !== undefined && { bin }),
    look: paths.command('status'),
    cleanUp: paths.command('destroy'),
  };
}

async function hubbleUiOf(queries: Queries, target: KubeTarget): Promise<string | undefined> {
  const { stdout } = await queries.attempt(get(target, 'kube-system', ['service/hubble-ui']));
  return balancedServices(parseObjects(stdout) ?? [])[0]?.address;
}
