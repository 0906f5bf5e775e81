import type { Region } from '../../lab/lab.ts';
import { get, parseObjects } from '../tools/kubectl.ts';
import type { DriverEvent } from '../events/events.ts';
import { balancedServices } from '../observe/workloads.ts';
import { publishedPrograms } from '../supply/published.ts';
import { makeCallers } from '../supply/callers.ts';
import type { Session } from './session.ts';

/** How to get at the lab: Hubble UI of each region, and the kubeconfig files. */
export async function accessEvent(
  { queries, paths, programs }: Session,
  regions: readonly Region[],
): Promise<DriverEvent> {
  const addresses = await Promise.all(
    regions.map(async (region): Promise<[string, string][]> => {
      const { stdout } = await queries.attempt(get(paths.target(region), 'kube-system', ['service/hubble-ui']));
      const address = balancedServices(parseObjects(stdout) ?? [])[0]?.address;
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
