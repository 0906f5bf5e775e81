import type { Construct } from 'constructs';
import { IpAddressPool, L2Advertisement } from '../imports/metallb.io.ts';
import type { IpRange } from '../lab/cidr.ts';

const namespace = 'metallb-system';

/** What a lab decides about MetalLB's address pool. */
export interface AddressPoolProps {
  /** The addresses that Services of type LoadBalancer get, first and last included. */
  readonly range: IpRange;
}

/** MetalLB's IPAddressPool `default-pool`. MetalLB sees no overlap between clusters: the address plan keeps the ranges apart. */
export class AddressPool extends IpAddressPool {
  constructor(scope: Construct, id: string, props: AddressPoolProps) {
    super(scope, id, {
      metadata: { name: 'default-pool', namespace },
      spec: { addresses: [String(props.range)] },
    });
  }
}

/** What an advertisement announces. */
export interface PoolAdvertisementProps {
  /** Name of the IPAddressPool in the same cluster. */
  readonly pool: string;
}

/** MetalLB's L2Advertisement `default`: the pool's addresses are answered for by ARP on the docker network. */
export class PoolAdvertisement extends L2Advertisement {
  constructor(scope: Construct, id: string, props: PoolAdvertisementProps) {
    super(scope, id, {
      metadata: { name: 'default', namespace },
      spec: { ipAddressPools: [props.pool] },
    });
  }
}
