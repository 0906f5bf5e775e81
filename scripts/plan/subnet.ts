import { Cidr, Ipv4, overlap, type Span } from '../../lab/cidr.ts';
import type { Lab } from '../../lab/lab.ts';
import type { Observed } from '../observe/observed.ts';
import type { Refusal } from './refusal.ts';

/** Who holds part of `network.subnet` on this machine. */
export interface Taken {
  /** `the docker network kind (172.19.0.0/16)` */
  readonly taker: string;
  /** A subnet of the same size that nobody holds; undefined where none was found. */
  readonly free: Cidr | undefined;
}

/** Where the docker network is still to be made: is its subnet free? Pure. */
export function findTaken(lab: Lab, { networks, routes }: Pick<Observed, 'networks' | 'routes'>): Taken | undefined {
  if (networks.some(({ name }) => name === lab.network.name)) return undefined;
  // networks first: their bridges are routes too, and a network's name says more than `br-0af3`
  const holders = [
    ...networks.flatMap(({ name, subnets }) =>
      subnets.map((subnet) => ({ taker: `the docker network ${name} (${subnet})`, span: subnetAround(subnet) })),
    ),
    ...routes.map(({ subnet, device }) => ({
      taker: `a route of this machine (${subnet} by ${device})`,
      span: subnetAround(subnet),
    })),
  ];
  const holder = holders.find(({ span }) => overlap(span, lab.network.subnet));
  if (holder === undefined) return undefined;
  const inUse = [
    ...holders.map(({ span }) => span),
    lab.nativeRoutingCidr,
    ...lab.regions.flatMap(({ podSubnet, serviceSubnet }) => [podSubnet, serviceSubnet]),
  ];
  return { taker: holder.taker, free: freeSubnet(lab.network.subnet.prefix, inUse) };
}

/**
 * The same as a refusal.
 * @param labFile as the user typed it
 * @param deploy the command that proposes the free one
 */
export function takenRefusal({ network }: Lab, { taker, free }: Taken, labFile: string, deploy: string): Refusal {
  return {
    cause: `${labFile}: network.subnet ${network.subnet} is taken by ${taker}`,
    remedy: free === undefined ? 'no free one was found' : `${free} is free: ${deploy} proposes it`,
  };
}

/** Docker takes a network with host bits (`172.19.7.5/24`), and the network holds the whole subnet. */
export function subnetAround(text: string): Cidr {
  const [address = '', prefix = '32'] = text.split('/');
  return Cidr.around(Ipv4.parse(address), Number(prefix));
}

/** Private space in the order in which Docker itself hands it out, the crowded ends last. */
const spaces = ['172.16.0.0/12', '192.168.0.0/16', '10.0.0.0/8'].map((text) => Cidr.parse(text));

function freeSubnet(prefix: number, inUse: readonly Span[]): Cidr | undefined {
  for (const space of spaces) {
    // from the top: Docker's own networks grow from the bottom
    for (let index = space.countOf(prefix) - 1; index >= 0; index--) {
      const candidate = space.part(prefix, index);
      if (!inUse.some((span) => overlap(span, candidate))) return candidate;
    }
  }
  return undefined;
}
