import { Cidr, IpRange, overlapWithAny, type Span } from './cidr.ts';
import type { Problem } from './problems.ts';

/** The addresses of one region. */
export interface RegionAddresses {
  readonly id: number;
  readonly podSubnet: Cidr;
  readonly serviceSubnet: Cidr;
  readonly pool: IpRange;
}

/** Those of them that are known. */
export type KnownAddresses = { readonly [Key in keyof RegionAddresses]?: RegionAddresses[Key] | undefined };

/** What one region asks for; what it gives is kept, the rest is allocated. */
export interface RegionWish extends KnownAddresses {
  /** How many nodes its pod subnet must serve. */
  readonly nodes: number;
  /** What it had before and still fits: kept as if given, as long as all others find room beside it. Undefined for a new region. */
  readonly remembered?: KnownAddresses | undefined;
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
  /** All that any region had before, whether it still fits or not: allocated only where nothing else is free. */
  readonly held?: readonly Span[] | undefined;
}

/** One answer for each region, or why there is none. */
type Plan = { regions: RegionAddresses[] } | { problems: Problem[] };

/**
 * The address plan. What is given is kept as it is, checked or not; nothing allocated overlaps anything else.
 * A new region's addresses depend on its position and on what is given, not on how many regions follow: appending one
 * moves no other, until all blocks must shrink to make room. Where some regions are remembered, a new one gets what it
 * would get behind them, wherever it stands in the list.
 */
export function allocate(wish: Wish): Plan {
  const turns = [...wish.regions.keys()].sort((a, b) => Number(isNew(wish, a)) - Number(isNew(wish, b)));
  const plan = allocateInTurn({ ...wish, regions: turns.map((index) => at(wish.regions, index)) }, wish);
  if ('problems' in plan) return plan;
  return { regions: wish.regions.map((_, index) => at(plan.regions, turns.indexOf(index))) };
}

function isNew({ regions }: Wish, index: number): boolean {
  return at(regions, index).remembered === undefined;
}

/** @param asked the same in the order of lab.yaml, for what cannot be allocated */
function allocateInTurn(wish: Wish, asked: Wish): Plan {
  const around = { ...wish, regions: wish.regions.map((region) => withKnown(region, region.remembered)) };
  // first without touching what any region had, then without moving one, then as if nothing had been before
  const attempts = [around, { ...around, held: [] }, { ...wish, held: [] }];
  const ids = allocateIds(around.regions.map(({ id }) => id));
  const subnets = firstOf(attempts, allocateSubnets);
  const pools = firstOf(attempts, allocatePools);
  const problems: Problem[] = [];
  if (subnets === undefined) problems.push(noRoom(asked));
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

/** What is given, with the known in its gaps. */
export function withKnown<Given extends KnownAddresses>(given: Given, known: KnownAddresses = {}): Given {
  return {
    ...given,
    id: given.id ?? known.id,
    podSubnet: given.podSubnet ?? known.podSubnet,
    serviceSubnet: given.serviceSubnet ?? known.serviceSubnet,
    pool: given.pool ?? known.pool,
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
  const { pods: space, regions, held = [] } = wish;
  const given = regions.flatMap(({ podSubnet, serviceSubnet }) => [podSubnet, serviceSubnet]);
  const longest = blockFor(mostNodes(wish));
  const shortest = Math.max(LARGEST_BLOCK, Math.min(USUAL_BLOCK, longest), space.prefix + bitsFor(given.length));
  for (let prefix = shortest; prefix <= longest; prefix++) {
    const blocks = assign(given, [wish.subnet, ...held], space.countOf(prefix), (slot) => space.part(prefix, slot));
    if (blocks !== undefined) return blocks;
  }
  return given.every((subnet) => subnet !== undefined) ? given : undefined;
}

/** Address pools, from the top of the docker subnet downwards. */
function allocatePools(wish: Wish): readonly IpRange[] | undefined {
  const given = wish.regions.map(({ pool }) => pool);
  let size = wish.addressesPerRegion ?? USUAL_POOL;
  for (;;) {
    const pools = assignPools(given, wish, size);
    if (pools !== undefined || wish.addressesPerRegion !== undefined || size === SMALLEST_POOL) return pools;
    size = Math.max(SMALLEST_POOL, Math.floor(size / 2));
  }
}

/**
 * Pools lie in chunks of 256 addresses, or of more where a larger pool needs it, side by side and from the chunk's
 * second address on: so they begin at .1 and hold no network or broadcast address.
 */
function assignPools(given: readonly (IpRange | undefined)[], { subnet, held = [] }: Wish, size: number) {
  const half = subnet.size / 2;
  const chunk = Math.min(Math.max(256, 2 ** bitsFor(size + 2)), half);
  const perChunk = Math.floor((chunk - 2) / size);
  return assign(given, held, (half / chunk) * perChunk, (slot) => {
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
  const isTaken = overlapWithAny([...kept, ...given.filter((span) => span !== undefined)]);
  const used = new Set<number>();
  const left: number[] = [];
  let next = 0;
  let last = slots - 1;
  const isFree = (slot: number) => slot < slots && !used.has(slot) && !isTaken(spanOf(slot));
  // a slot that is not free never becomes so again: neither search begins anew
  const firstLeft = () => {
    while (next < left.length && !isFree(at(left, next))) next++;
    return left[next];
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
    const slot = isFree(place) ? place : (firstLeft() ?? lastFree());
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

/** The first answer that any attempt gives. */
function firstOf<A, B>(attempts: readonly A[], answer: (attempt: A) => B | undefined): B | undefined {
  for (const attempt of attempts) {
    const found = answer(attempt);
    if (found !== undefined) return found;
  }
  return undefined;
}

function at<T>(list: readonly T[], index: number): T {
  const item = list[index];
  if (item === undefined) throw new RangeError(`no item ${index}`);
  return item;
}
