import type { Desired } from '../files/desired.ts';
import type { ObservedCluster } from '../observe/observed.ts';
import { isValues } from '../../lab/values.ts';
import { differences } from './values.ts';

/** By kind: what the API server adds to a spec that leaves it out (by the CRDs of MetalLB v0.13.7 and v0.16.1, Cilium 1.14.2 and 1.20.0). */
const defaults: Readonly<Record<string, object>> = {
  IPAddressPool: { autoAssign: true, avoidBuggyIPs: false },
  CiliumLoadBalancerIPPool: { disabled: false },
};

/** A pool or its announcement that is not as in dist/. */
export interface PoolDifference {
  /** `IPAddressPool/default-pool` */
  readonly name: string;
  /** It is there, and differs. */
  readonly exists: boolean;
  /** `autoAssign, addresses`, the places in its spec that differ; or `it is missing`. */
  readonly where: string;
}

/**
 * Those of the region's pool and its announcement that are not as in dist/. What they have more than dist/ counts too: a key
 * more, and a pool gives no addresses or is announced by nobody. Pure.
 */
export function poolDifferences({ poolObjects }: ObservedCluster, { poolObjects: wanted }: Desired): PoolDifference[] {
  return [...wanted].flatMap(([name, spec]): PoolDifference[] => {
    const living = poolObjects.get(name);
    if (living === undefined) return [{ name, exists: false, where: 'it is missing' }];
    const own = defaults[name.split('/')[0] ?? ''];
    const where = differences({ ...own, ...living }, isValues(spec) ? { ...own, ...spec } : spec);
    return where.length === 0 ? [] : [{ name, exists: true, where: where.join(', ') }];
  });
}
