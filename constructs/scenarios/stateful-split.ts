import { Service } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import type { StatefulSplit as Options } from '../../lab/scenarios.ts';
import { Client } from './client.ts';
import { Database, DATABASE_PORT } from './database.ts';
import { GlobalService } from './global-service.ts';
import { SERVER_PORT, Servers } from './servers.ts';
import { Space } from './space.ts';

/** What the scenario is made from, in one region. */
export interface StatefulSplitProps {
  readonly region: string;
  /** Of front ends and client. */
  readonly image: string;
  readonly options: Options;
}

/**
 * A database in one region, and front ends without any state in all others: these reach it by the name that it has in its own
 * region, and what they wrote survives the pods on both sides.
 */
export class StatefulSplit extends Construct {
  constructor(scope: Construct, id: string, { region, image, options }: StatefulSplitProps) {
    super(scope, id);
    const space = new Space(this, 'namespace', 'stateful-split');
    const port = DATABASE_PORT;
    const pods = { app: 'database' };
    const service = new GlobalService(this, 'service', { space, name: 'database', pods, port, targetPort: port });
    if (region === options.region) {
      new Database(this, 'database', { space, image: options.image, service });
      return;
    }
    const front = { space, name: 'front', region, image, replicas: 2, program: 'front.mjs' } as const;
    const selector = new Servers(this, 'front', front);
    const ports = [{ port: 80, targetPort: SERVER_PORT }];
    new Service(this, 'front-service', { metadata: space.holds('front'), selector, ports });
    new Client(this, 'client', { space, region, image });
  }
}
