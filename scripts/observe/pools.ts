import { Cidr, IpRange } from '../../lab/cidr.ts';
import type { LoadBalancer } from '../../lab/lab.ts';
import { givenOf } from '../../lab/lb-ipam.ts';
import { isValues } from '../../lab/values.ts';
import type { ObservedCluster } from './observed.ts';

/** By who gives LoadBalancer addresses: the resources of pools and announcements, as kubectl names them. */
export const poolResources = {
  metallb: ['ipaddresspools.metallb.io', 'l2advertisements.metallb.io'],
  cilium: ['ciliumloadbalancerippools.cilium.io', 'ciliuml2announcementpolicies.cilium.io'],
} as const satisfies Readonly<Record<LoadBalancer, readonly string[]>>;

/** The lab's own pool, by who gives its addresses. */
const ownPool = {
  metallb: 'IPAddressPool/default-pool',
  cilium: 'CiliumLoadBalancerIPPool/default-pool',
} as const satisfies Readonly<Record<LoadBalancer, string>>;

/** Who gives the addresses of a living region; undefined where nobody does yet. */
export function balancerOf({ metallb, poolObjects }: ObservedCluster): LoadBalancer | undefined {
  if (metallb.notReady !== undefined || poolObjects.has(ownPool.metallb)) return 'metallb';
  return poolObjects.has(ownPool.cilium) ? 'cilium' : undefined;
}

/**
 * The ranges of the lab's own pool in a living region. CIDRs of Cilium's are one, from the first address that they give to the
 * last: of a pool of that range the lab makes the same CIDRs.
 */
export function livingPools({ poolObjects }: Pick<ObservedCluster, 'poolObjects'>): IpRange[] {
  const listIn = (pool: string, key: string): readonly unknown[] => {
    const list = poolObjects.get(pool)?.[key];
    return Array.isArray(list) ? list : [];
  };
  const cidrs = listIn(ownPool.cilium, 'cidrs').flatMap((entry) =>
    parsed(() => givenOf(Cidr.parse(textIn(entry, 'cidr')))),
  );
  return [
    ...listIn(ownPool.metallb, 'addresses').flatMap((text) => parsed(() => rangeOf(String(text)))),
    ...listIn(ownPool.cilium, 'blocks').flatMap((block) =>
      parsed(() => IpRange.parse(`${textIn(block, 'start')}-${textIn(block, 'stop')}`)),
    ),
    ...parsed(() => around(cidrs)),
  ];
}

function rangeOf(text: string): IpRange {
  if (!text.includes('/')) return IpRange.parse(text);
  const { first, last } = Cidr.parse(text);
  return IpRange.of(first, last);
}

function around(ranges: readonly IpRange[]): IpRange | undefined {
  const inOrder = ranges.toSorted((one, other) => one.first.value - other.first.value);
  const [first, last] = [inOrder.at(0)?.first, inOrder.at(-1)?.last];
  return first && last && IpRange.of(first, last);
}

const textIn = (entry: unknown, key: string): string => (isValues(entry) ? String(entry[key]) : '');

/** None of what is written in another way than the lab's. */
function parsed(parse: () => IpRange | undefined): IpRange[] {
  try {
    return [parse() ?? []].flat();
  } catch {
    return [];
  }
}
