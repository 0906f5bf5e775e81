import type { Lab, Region } from '../../lab/lab.ts';
import { holds, Ipv4 } from '../../lab/cidr.ts';
import type { CommandLine } from '../files/paths.ts';
import type { Observed } from '../observe/observed.ts';
import { livingPools } from '../observe/pools.ts';
import type { Refusal } from './refusal.ts';

/**
 * Pools that move away from under living addresses, or over those of another region. MetalLB up to 0.13.12 goes on with the
 * old pool and calls it done, later ones give every Service another address while the other regions dial the old one
 * (metallb#2449): neither is what somebody wanted who changed a range in lab.yaml.
 */
export function poolRefusals(lab: Lab, regions: readonly Region[], observed: Observed, line: CommandLine): Refusal[] {
  const living = lab.regions.flatMap((region) => {
    const { cluster } = observed.regions.get(region.name) ?? {};
    const pools = cluster === undefined ? [] : livingPools(cluster);
    return (cluster?.addresses ?? []).flatMap(({ service, address: text }) => {
      const address = text === undefined ? undefined : Ipv4.tryParse(text);
      return address !== undefined && pools.some((pool) => holds(pool, address))
        ? [{ region: region.name, service, address, pools }]
        : [];
    });
  });
  return regions.flatMap((region) => {
    const lost = living.find((each) => each.region === region.name && !holds(region.pool, each.address));
    const foreign = living.find((each) => each.region !== region.name && holds(region.pool, each.address));
    return [
      ...(lost === undefined
        ? []
        : [
            {
              cause: `${region.name} lives with the pool ${lost.pools.join(', ')}, and the pool ${region.pool} of lab.yaml leaves out ${lost.address} of ${lost.service}`,
              remedy: `keep it: \`pool: ${String(lost.pools[0])}\` under the region in lab.yaml; or make the region anew: ${line('destroy', '--region', region.name)}, then deploy again`,
            },
          ]),
      ...(foreign === undefined
        ? []
        : [
            {
              cause: `the pool ${region.pool} of ${region.name} holds ${foreign.address}, which ${foreign.service} of ${foreign.region} has`,
              remedy: `give ${region.name} another pool in lab.yaml`,
            },
          ]),
    ];
  });
}
