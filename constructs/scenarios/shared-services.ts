import { Construct } from 'constructs';
import { Client } from './client.ts';
import { servicesOfRegions } from './global-service.ts';
import { Servers } from './servers.ts';
import { Space } from './space.ts';

/** What the scenario is made from, in one region. */
export interface SharedServicesProps {
  readonly region: string;
  /** Names of all regions. */
  readonly regions: readonly string[];
  /** Name of the region that offers the service. */
  readonly hub: string;
  /** Of servers and client. */
  readonly image: string;
}

/**
 * A service of the hub, for all tenants, and a service of each tenant's own. All are global and known everywhere by name; who is
 * connected to whom decides whom they reach: tenants the hub, the hub every tenant, and no tenant another.
 */
export class SharedServices extends Construct {
  constructor(scope: Construct, id: string, { region, regions, hub, image }: SharedServicesProps) {
    super(scope, id);
    const space = new Space(this, 'namespace', 'shared-services');
    new Servers(this, 'servers', { space, name: 'server', region, image, replicas: 2, labels: { region } });
    servicesOfRegions(this, space, regions, (owner) => (owner === hub ? 'shared' : `tenant-${owner}`));
    new Client(this, 'client', { space, region, image });
  }
}
