import { Construct } from 'constructs';
import type { HighAvailability as Options } from '../../lab/scenarios.ts';
import { Client } from './client.ts';
import { GlobalService } from './global-service.ts';
import { SERVER_PORT, Servers } from './servers.ts';
import { Space } from './space.ts';

/** What the scenario is made from, in one region. */
export interface HighAvailabilityProps {
  readonly region: string;
  /** Of servers and client. */
  readonly image: string;
  readonly options: Options;
  /** The region's pool has an address for it. */
  readonly isPublished: boolean;
}

/**
 * The same servers behind the same global Service in every region: `curl http://server` is answered by all of them, and where
 * those of a region fail, by the others. From outside they are asked at an address of each region. Its client can measure that.
 */
export class HighAvailability extends Construct {
  constructor(scope: Construct, id: string, { region, image, options, isPublished }: HighAvailabilityProps) {
    super(scope, id);
    const space = new Space(this, 'namespace', 'high-availability');
    const { affinity, unshared, replicas } = options;
    new Servers(this, 'servers', { space, name: 'server', region, image, replicas });
    const shared = !unshared.includes(region);
    const service = { pods: { app: 'server' }, port: 80, targetPort: SERVER_PORT, affinity, shared, isPublished };
    new GlobalService(this, 'service', { space, name: 'server', ...service });
    new Client(this, 'client', { space, region, image, program: 'load.mjs' });
  }
}
