import { Cidr, IpRange, overlap, type Span } from './cidr.ts';
import type { Problem } from './problems.ts';

/** What one region asks for; what it gives is kept, the rest is allocated. */
export interface RegionWish {
  readonly id?: number | undefined;
  readonly podSubnet?: Cidr | undefined;
  readonly serviceSubnet?: Cidr | undefined;
  readonly pool?: IpRange | undefined;
  /** How many nodes its pod subnet must serve. */
  readonly nodes: number;
}

/** What the lab asks for. */
export interface Wish {
  readonly regions: readonly RegionWish[];
  /** Space of pod and service subnets. */
  readonly pods: Cidr;
  /** The docker network; address pools lie in its upper half. */
  readonly subnet: Cidr;
  /** Size of a pool; by default 100, halved until all fit. */
  readonly addressesPerRegion?: number | undefined;
}

/** The addresses of one region. */
export interface RegionAddresses {
  readonly id: number;
  readonly podSubnet: Cidr;
  readonly serviceSubnet: Cidr;
  readonly pool: IpRange;
}

/**
 * The address plan. What is given is kept as it is, checked or not; nothing allocated overlaps anything else.
 * A region's addresses depend on its position and on what is given, not on how many regions follow: appending one moves
 * no other, until all blocks must shrink to make room.
 */
export function allocate(wish: Wish): { regions: RegionAddresses[] } | { problems: Problem[] } {
  const ids = allocateIds(wish.regions.map(({ id }) => id));
  const subnets = allocateSubnets(wish);
  const pools = allocatePools(wish);
  const problems: Problem[] = [];
  if (subnets === undefined) problems.push(noRoom(wish));
  if (pools === undefined) {
    const size = wish.addressesPerRegion ?? SMALLEST_POOL;
    problems.push({
      path: wish.addressesPerRegion === undefined ? ['network', 'subnet'] : ['loadBalancer', 'addressesPerRegion'],
      message:
        `The upper half of network.subnet ${wish.subnet.toString()} has no room for ${wish.regions.length} address pools ` +
        `of ${size} addresses. Use a larger network.subnet, fewer regions or a smaller loadBalancer.addressesPerRegion.`,
    });
  }
  if (subnets === undefined || pools === undefined) return { problems };
  return {
    regions: wish.regions.map((_, index) => ({
      id: at(ids, index),
      podSubnet: at(subnets, 2 * index),
      serviceSubnet: at(subnets, 2 * index + 1),
      pool: at(pools, index),
    })),
  };
}

/** Why no blocks could be allocated: a region so large that its block would be no service subnet, or too many of them. */
function noRoom(wish: Wish): Problem {
  const nodes = mostNodes(wish);
  const prefix = blockFor(nodes);
  if (prefix < LARGEST_BLOCK) {
    const index = wish.regions.findIndex((region) => region.podSubnet === undefined && region.nodes === nodes);
    const message = `${nodes} nodes need a pod subnet of /${prefix}, and none larger than /${LARGEST_BLOCK} is allocated. Give this region a podSubnet of /${prefix} in network.pods ${wish.pods.toString()}, or fewer nodes.`;
    return { path: ['regions', index], message };
  }
  return {
    path: ['network', 'pods'],
    message:
      `network.pods ${wish.pods.toString()} has no room for the pod and service subnets of ` +
      `${wish.regions.length} region${wish.regions.length === 1 ? '' : 's'} with up to ${nodes} nodes each. Use a larger network.pods, fewer regions or fewer nodes.`,
  };
}

/** The smallest pool: one address for Hubble UI and one for the ClusterMesh API server. */
export const SMALLEST_POOL = 2;
const USUAL_POOL = 100;
/** Prefix length of what Kubernetes gives each node of the pod subnet. */
export const NODE_PREFIX = 24;
/** Prefix length of the blocks that are allocated, where no region needs larger ones and where all fit. */
const USUAL_BLOCK = 16;
/** Prefix length of the largest block that can be a service subnet. */
const LARGEST_BLOCK = 12;

/** Prefix length of the smallest pod subnet for that many nodes. */
function blockFor(nodes: number): number {
  return NODE_PREFIX - bitsFor(nodes);
}

/** A region prefers its position, counted from 1; where that id is given to another, the lowest that nobody prefers. */
function allocateIds(given: readonly (number | undefined)[]): number[] {
  const taken = new Set(given.filter((id) => id !== undefined));
  const preferred = new Set(given.flatMap((id, index) => (id === undefined ? [index + 1] : [])));
  let next = 1;
  const lowestFree = () => {
    while (taken.has(next) || preferred.has(next)) next++;
    return next++;
  };
  return given.map((id, index) => id ?? (taken.has(index + 1) ? lowestFree() : index + 1));
}

/** Pod and service subnet of each region in turn, in equal blocks of /16, of larger ones where a region needs them, or of smaller ones where that many do not fit. */
function allocateSubnets(wish: Wish): readonly Cidr[] | undefined {
  const { pods: space, regions } = wish;
  const given = regions.flatMap(({ podSubnet, serviceSubnet }) => [podSubnet, serviceSubnet]);
  const longest = blockFor(mostNodes(wish));
  const shortest = Math.max(LARGEST_BLOCK, Math.min(USUAL_BLOCK, longest), space.prefix + bitsFor(given.length));
  for (let prefix = shortest; prefix <= longest; prefix++) {
    const blocks = assign(given, [wish.subnet], space.countOf(prefix), (slot) => space.part(prefix, slot));
    if (blocks !== undefined) return blocks;
  }
  return given.every((subnet) => subnet !== undefined) ? given : undefined;
}

/** Address pools, from the top of the docker subnet downwards. */
function allocatePools(wish: Wish): readonly IpRange[] | undefined {
  const given = wish.regions.map(({ pool }) => pool);
  let size = wish.addressesPerRegion ?? USUAL_POOL;
  for (;;) {
    const pools = assignPools(given, wish.subnet, size);
    if (pools !== undefined || wish.addressesPerRegion !== undefined || size === SMALLEST_POOL) return pools;
    size = Math.max(SMALLEST_POOL, Math.floor(size / 2));
  }
}

/**
 * Pools lie in chunks of 256 addresses, or of more where a larger pool needs it, side by side and from the chunk's
 * second address on: so they begin at .1 and hold no network or broadcast address.
 */
function assignPools(given: readonly (IpRange | undefined)[], subnet: Cidr, size: number) {
  const half = subnet.size / 2;
  const chunk = Math.min(Math.max(256, 2 ** bitsFor(size + 2)), half);
  const perChunk = Math.floor((chunk - 2) / size);
  return assign(given, [], (half / chunk) * perChunk, (slot) => {
    const top = subnet.first.value + subnet.size - chunk * (Math.floor(slot / perChunk) + 1);
    const first = subnet.first.plus(top - subnet.first.value + 1 + (slot % perChunk) * size);
    return IpRange.of(first, first.plus(size - 1));
  });
}

/**
 * Gives each place without a given span a slot: the slot of its own number, else one that an earlier place with a given
 * span left empty, lowest first, else the last free one. Slots that overlap anything given or kept are never used.
 * Undefined when the slots do not suffice.
 */
function assign<T extends Span>(
  given: readonly (T | undefined)[],
  kept: readonly Span[],
  slots: number,
  spanOf: (slot: number) => T,
): T[] | undefined {
  const fixed: readonly Span[] = [...kept, ...given.filter((span) => span !== undefined)];
  const used = new Set<number>();
  const left: number[] = [];
  let last = slots - 1;
  const isFree = (slot: number) => {
    if (slot >= slots || used.has(slot)) return false;
    const span = spanOf(slot);
    return !fixed.some((other) => overlap(other, span));
  };
  const lastFree = () => {
    while (last >= 0 && !isFree(last)) last--;
    return last < 0 ? undefined : last;
  };
  const spans: T[] = [];
  for (const [place, span] of given.entries()) {
    if (span !== undefined) {
      left.push(place);
      spans.push(span);
      continue;
    }
    const slot = isFree(place) ? place : (left.find(isFree) ?? lastFree());
    if (slot === undefined) return undefined;
    used.add(slot);
    spans.push(spanOf(slot));
  }
  return spans;
}

/** The most nodes of a region whose pod subnet is allocated. */
function mostNodes({ regions }: Wish): number {
  return Math.max(1, ...regions.map(({ podSubnet, nodes }) => (podSubnet === undefined ? nodes : 1)));
}

/** How many bits number `count` things. */
function bitsFor(count: number): number {
  return Math.ceil(Math.log2(count));
}

function at<T>(list: readonly T[], index: number): T {
  const item = list[index];
  if (item === undefined) throw new RangeError(`no item ${index}`);
  return item;
}
