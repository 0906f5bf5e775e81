import type { Region } from '../../../lab/lab.ts';
import type { Probe, RegionProbes } from '../../../scripts/probes/probe.ts';
import { athens } from '../fixtures.ts';

/** A region of so many nodes, and what it is connected to. */
export const regionOf = (name: string, nodes: number, links: readonly string[]): Region =>
  athens({ name, links, context: `kind-${name}`, nodes: Array.from({ length: nodes }, (_, at) => `${name}-${at}`) });

/** Its probes, one on each node, all ready. */
export function probesOf(region: Region, at = 0): RegionProbes {
  return {
    region,
    probes: region.nodes.map((node, index): Probe => ({
      region: region.name,
      node,
      pod: `probe-of-${node}`,
      address: `10.${at}.${index}.10`,
      isReady: true,
      reason: undefined,
    })),
    service: `10.${at}.255.1`,
    balancer: `172.19.255.${at + 1}`,
  };
}

/** Two regions that are connected, and one that is not; two nodes each. */
export const three: readonly RegionProbes[] = [
  probesOf(regionOf('a', 2, ['b']), 0),
  probesOf(regionOf('b', 2, ['a']), 1),
  probesOf(regionOf('c', 2, []), 2),
];

/** The first probe of a region. */
export function firstProbe({ probes: [first] }: RegionProbes): Probe {
  if (first === undefined) throw new Error('no probe');
  return first;
}
