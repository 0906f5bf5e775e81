import type { Degradation } from './degraded-event.ts';

/** The answer of `status`. */
export interface StatusEvent {
  readonly event: 'status';
  readonly lab: string;
  readonly regions: readonly RegionStatus[];
  /** The worse network that is on. */
  readonly degraded?: Degradation;
}

/** One region as `status` shows it. */
export interface RegionStatus {
  readonly region: string;
  /** All its nodes are ready, Cilium is up, and all its agents are connected to all other regions. */
  readonly ok: boolean;
  /** `half-built`: its creation was cut off, and a deploy makes it anew. */
  readonly state: 'absent' | 'half-built' | 'stopped' | 'unreachable' | 'not ours' | 'up';
  readonly nodesReady: number;
  readonly nodes: number;
  /** `-` where there is none, the version where it is up, or what is not up. */
  readonly cilium: string;
  readonly hubbleUi: string | undefined;
  readonly meshApiServer: string | undefined;
  /** By region that it is to be connected to: the agents that are, such as `2/2`; `-` where they do not answer. */
  readonly links: Readonly<Record<string, string>>;
}
