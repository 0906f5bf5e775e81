import type { Chart } from 'cdk8s';
import type { RegionFileName } from '../../lab/generated.ts';
import type { Lab, Region } from '../../lab/lab.ts';
import { HighAvailability } from './high-availability.ts';
import { Policy } from './policy.ts';
import { SharedServices } from './shared-services.ts';
import { StatefulSplit } from './stateful-split.ts';

/** Addresses of a pool that the lab's own Services take: Hubble UI and the ClusterMesh API server. */
const OWN_ADDRESSES = 2;

/**
 * The part of each chosen scenario that runs in one region.
 * @param file gives the chart of a file
 */
export function addScenarios(lab: Lab, region: Region, file: (name: RegionFileName) => Chart): void {
  const {
    'high-availability': highAvailability,
    policy,
    'shared-services': sharedServices,
    'stateful-split': statefulSplit,
  } = lab.scenarios;
  const common = { region: region.name, image: lab.probeImage };
  const regions = lab.regions.map(({ name }) => name);
  if (highAvailability !== undefined) {
    const chart = file('scenarios/high-availability.yaml');
    const isPublished = region.pool.size > OWN_ADDRESSES;
    new HighAvailability(chart, 'scenario', { ...common, options: highAvailability, isPublished });
  }
  if (policy !== undefined) {
    new Policy(file('scenarios/policy.yaml'), 'scenario', { ...common, regions, ...policy });
  }
  if (sharedServices !== undefined) {
    const chart = file('scenarios/shared-services.yaml');
    new SharedServices(chart, 'scenario', { ...common, regions, ...sharedServices });
  }
  if (statefulSplit !== undefined) {
    const chart = file('scenarios/stateful-split.yaml');
    new StatefulSplit(chart, 'scenario', { ...common, options: statefulSplit });
  }
}
