/** The scenarios that lab.yaml can choose, each in a namespace of its name. */
export const scenarioNames = ['high-availability', 'shared-services', 'stateful-split', 'policy'] as const;

/** Name of a scenario. */
export type ScenarioName = keyof Scenarios;

/** Those that lab.yaml chooses, with what it says of them. */
export interface Scenarios {
  readonly 'high-availability'?: HighAvailability | undefined;
  readonly 'shared-services'?: SharedServices | undefined;
  readonly 'stateful-split'?: StatefulSplit | undefined;
  readonly policy?: Policy | undefined;
}

/** The same servers in every region behind one global Service: where those of a region fail, the others answer. */
export interface HighAvailability {
  /** Which servers are asked first, as Cilium's `service.cilium.io/affinity` has it. */
  readonly affinity: 'none' | 'local' | 'remote';
  /** Names of regions whose servers answer clients of their own region alone. */
  readonly unshared: readonly string[];
  /** Servers in each region. */
  readonly replicas: number;
}

/** A service in the hub, for tenants: all other regions, which are connected to the hub and not to each other. */
interface SharedServices {
  /** Name of the region that offers the service. */
  readonly hub: string;
}

/** A database in one region, and front ends without state in all others. */
export interface StatefulSplit {
  /** Name of the region that has the database. */
  readonly region: string;
  /** PostgreSQL's, as its pod asks for it. */
  readonly image: string;
}

/** A policy by region: clients of some regions get in, those of others do not. */
interface Policy {
  /** Names of the regions whose clients get in everywhere. */
  readonly allow: readonly string[];
}

/** The names of those that are chosen. */
export function chosen(scenarios: Scenarios): ScenarioName[] {
  return scenarioNames.filter((name) => scenarios[name] !== undefined);
}
