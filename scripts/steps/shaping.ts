import { Ipv4, type Span } from '../../lab/cidr.ts';
import { coverOf } from '../../lab/cover.ts';
import type { Impairment, Profile } from '../../lab/degrade.ts';
import type { Lab, Region } from '../../lab/lab.ts';
import { HANDLE, INTERFACE, type TcCommand } from '../tools/tc.ts';

/** Addresses of the nodes on the docker network, by region. */
export type NodesOf = ReadonlyMap<string, readonly string[]>;

/** Bits a second of a network that has no rate: more than any. */
const UNLIMITED = 100e9;

/** Packets that may be under way: the kernel's own 1000 would be lost packets that nobody asked for. */
const UNDER_WAY = 100_000;

/** Packets that wait where less gets through than comes: a router has such a queue. A packet has so many bits. */
const QUEUE = 1000;
const PACKET = 12_000;

/**
 * What makes the network of a profile in each node of a region: what leaves it for another region of a pair goes by a class of
 * its own; for everything else `htb` is a queue without any limit. Pure; the same for all of its nodes. Empty where the profile
 * has no pair of it.
 */
export function shapingOf(lab: Lab, profile: Profile, { name }: Region, nodes: NodesOf): readonly TcCommand[] {
  const ways = profile.flatMap((impairment) => {
    const { between } = impairment;
    const other = lab.regions.find((region) => region.name !== name && between.includes(region.name));
    return other === undefined || !between.includes(name) ? [] : [{ impairment, other }];
  });
  if (ways.length === 0) return [];
  return [
    // no class is the default: what falls into none is sent at once
    ['qdisc', 'add', 'dev', INTERFACE, 'root', 'handle', HANDLE, 'htb', 'default', '0'],
    ...ways.flatMap(({ impairment, other }) => [
      ...wayTo(impairment, other),
      ...addressesOf(lab, other, nodes)
        .flatMap(coverOf)
        .map((cidr) => filter(String(cidr), other)),
    ]),
  ];
}

/** No other region has the id. */
const classOf = ({ id }: Region): string => HANDLE + id.toString(16);

function wayTo({ delay, jitter, loss, rate = UNLIMITED }: Impairment, other: Region): TcCommand[] {
  // a millisecond's worth at once, or a packet
  const burst = String(Math.ceil(Math.max(1600, rate / 8 / 1000)));
  const late = (delay ?? 0) + (jitter ?? 0);
  const limit = String(rate === UNLIMITED ? UNDER_WAY : QUEUE + Math.ceil((rate / 1000 / PACKET) * late));
  const netem = [
    ...(delay === undefined ? [] : ['delay', `${delay}ms`, ...(jitter === undefined ? [] : [`${jitter}ms`])]),
    ...(loss === undefined ? [] : ['loss', `${loss}%`]),
  ];
  return [
    [
      ...['class', 'add', 'dev', INTERFACE, 'parent', HANDLE, 'classid', classOf(other)],
      ...['htb', 'rate', `${rate}bit`, 'burst', burst, 'cburst', burst, 'quantum', '60000'],
    ],
    ...(netem.length === 0
      ? []
      : [['qdisc', 'add', 'dev', INTERFACE, 'parent', classOf(other), 'netem', 'limit', limit, ...netem]]),
  ];
}

/** Where packets for a region go: tunnels end at its nodes, and with native routing pods are asked by their own addresses. */
function addressesOf({ switches }: Lab, other: Region, nodes: NodesOf): readonly Span[] {
  const own = (nodes.get(other.name) ?? []).map((text) => Ipv4.parse(text));
  return [
    ...own.map((address) => ({ first: address, last: address })),
    other.pool,
    ...(switches.routing === 'native' ? [other.podSubnet] : []),
  ];
}

const filter = (destination: string, other: Region): TcCommand => [
  ...['filter', 'add', 'dev', INTERFACE, 'parent', HANDLE, 'protocol', 'ip', 'prio', '1'],
  ...['u32', 'match', 'ip', 'dst', destination, 'flowid', classOf(other)],
];
