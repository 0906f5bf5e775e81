import type { Stack } from './stacks.ts';

export type Encryption = 'none' | 'wireguard' | 'ipsec';

/** What of Cilium lab.yaml turns on, turns off or chooses between, the same in every region. */
export interface Switches {
  /** Of traffic between pods of different nodes. */
  readonly encryption: Encryption;
  /** Between nodes, of all regions: by VXLAN, or by routes to the pods of every node. */
  readonly routing: 'tunnel' | 'native';
  /** Hubble, with its relay and its UI. */
  readonly hubble: boolean;
  /** KVStoreMesh: each region keeps a copy of the others' state. Undefined: as the chart has it. */
  readonly kvstoremesh: boolean | undefined;
  /** MCS-API: ServiceExport, and names below clusterset.local by CoreDNS. */
  readonly mcs: boolean;
  /** Settings that make a lab fast, and are unsafe for a cluster that must not be lost. */
  readonly tuned: boolean;
}

/** Whether the regions have KVStoreMesh, be it asked for or the chart's own default. */
export function hasKvstoremesh({ switches, stack }: { readonly switches: Switches; readonly stack: Stack }): boolean {
  return switches.kvstoremesh ?? stack.kvstoremesh;
}
