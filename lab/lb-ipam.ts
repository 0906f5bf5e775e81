import type { RegionAddresses } from './addresses.ts';
import { Cidr, IpRange, Ipv4 } from './cidr.ts';
import type { Problem } from './problems.ts';
import type { RegionInput } from './schema.ts';
import type { Stack } from './stacks.ts';

/** Annotation of a pool that is written as CIDRs: the range that they stand for, `FIRST-LAST`. */
export const POOL_RANGE = 'clustermesh-lab/pool';

/** Prefix length of the smallest CIDR with addresses between its first and its last. */
const SMALLEST = 30;

/**
 * A pool for a Cilium that knows no ranges (1.14). It gives neither the first nor the last address of a CIDR, and none at all
 * of a /31 or /32 (`NewAllocatorCIDRRange` in pkg/ipam/service/ipallocator). So these are the CIDRs, side by side and each as
 * large as can be, whose other addresses lie in the pool; what falls between two of them is given to nobody.
 */
export function cidrsWithin({ first, last }: IpRange): Cidr[] {
  const cidrs: Cidr[] = [];
  const fits = (at: number, prefix: number): boolean =>
    at % sizeOf(prefix) === 0 && at + sizeOf(prefix) - 2 <= last.value;
  let at = blockFrom(first.value - 1);
  while (fits(at, SMALLEST)) {
    let prefix = SMALLEST;
    while (fits(at, prefix - 1)) prefix--;
    cidrs.push(Cidr.around(Ipv4.of(at), prefix));
    at += sizeOf(prefix);
  }
  return cidrs;
}

/** What such a Cilium gives of a CIDR; undefined where that is nothing. */
export function givenOf({ first, last, prefix }: Cidr): IpRange | undefined {
  return prefix > SMALLEST ? undefined : IpRange.of(first.plus(1), last.plus(-1));
}

/**
 * Pools whose first two addresses, those of Hubble UI and of the ClusterMesh API server, a Cilium without ranges gives to
 * nobody. Told of allocated ones too: `dist/` may have kept them from another Cilium.
 */
export function ungivenAddresses(
  regions: readonly RegionInput[],
  plan: readonly RegionAddresses[],
  { versions, lbIpam }: Stack,
): Problem[] {
  if (lbIpam.ranges) return [];
  return regions.flatMap(({ name, pool: given }, index) => {
    const pool = plan[index]?.pool;
    const first = pool && Ipv4.of(blockFrom(pool.first.value - 1) + 1);
    if (pool === undefined || first === undefined || first.value === pool.first.value) return [];
    const example = first.value < pool.last.value ? `, such as ${IpRange.of(first, pool.last)}` : '';
    const message =
      `${name}'s pool ${pool} begins with an address that Cilium ${versions.cilium} gives to nobody: its pools are CIDRs, without the ` +
      `first and the last address of each. Give the region a pool that begins one above a multiple of four${example}; or use Cilium 1.15 or later.`;
    return [{ path: ['regions', index, ...(given === undefined ? [] : ['pool'])], message }];
  });
}

const sizeOf = (prefix: number): number => 2 ** (32 - prefix);

/** Where the first CIDR of the smallest size begins, there or later. */
const blockFrom = (value: number): number => Math.ceil(value / sizeOf(SMALLEST)) * sizeOf(SMALLEST);
