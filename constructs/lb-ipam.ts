import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import type { IpRange } from '../lab/cidr.ts';
import { cidrsWithin, POOL_RANGE } from '../lab/lb-ipam.ts';
import type { LbIpam } from '../lab/stacks.ts';

/** What a lab decides about Cilium's address pool. */
export interface CiliumPoolProps {
  /** The addresses that Services of type LoadBalancer get, first and last included. */
  readonly range: IpRange;
  /** What the lab's Cilium knows of pools. */
  readonly lbIpam: LbIpam;
}

/** A CiliumLoadBalancerIPPool's spec: `blocks` from Cilium 1.15 on, `cidrs` before. */
type PoolSpec =
  { readonly blocks: readonly { start: string; stop: string }[] } | { readonly cidrs: readonly { cidr: string }[] };

/** Cilium's CiliumLoadBalancerIPPool `default-pool`, of the whole cluster. */
export class CiliumPool extends ApiObject {
  constructor(scope: Construct, id: string, { range, lbIpam }: CiliumPoolProps) {
    super(scope, id, {
      apiVersion: lbIpam.apiVersion,
      kind: 'CiliumLoadBalancerIPPool',
      metadata: {
        name: 'default-pool',
        ...(!lbIpam.ranges && { annotations: { [POOL_RANGE]: String(range) } }),
      },
      spec: poolSpec(range, lbIpam),
    });
  }
}

function poolSpec(range: IpRange, { ranges }: LbIpam): PoolSpec {
  return ranges
    ? { blocks: [{ start: String(range.first), stop: String(range.last) }] }
    : { cidrs: cidrsWithin(range).map((cidr) => ({ cidr: String(cidr) })) };
}

/** A CiliumL2AnnouncementPolicy's spec, as far as a lab needs it: what is left out is all Services, nodes and interfaces. */
interface AnnouncementSpec {
  readonly loadBalancerIPs: true;
}

/** Cilium's CiliumL2AnnouncementPolicy `default`: LoadBalancer addresses are answered for by ARP on the docker network. */
export class CiliumAnnouncement extends ApiObject {
  constructor(scope: Construct, id: string) {
    const spec: AnnouncementSpec = { loadBalancerIPs: true };
    super(scope, id, {
      apiVersion: 'cilium.io/v2alpha1',
      kind: 'CiliumL2AnnouncementPolicy',
      metadata: { name: 'default' },
      spec,
    });
  }
}
