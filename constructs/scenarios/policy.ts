import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { Client } from './client.ts';
import { servicesOfRegions } from './global-service.ts';
import { Servers } from './servers.ts';
import { Space } from './space.ts';

/** What the scenario is made from, in one region. */
export interface PolicyProps {
  readonly region: string;
  /** Names of all regions. */
  readonly regions: readonly string[];
  /** Regions whose clients get in everywhere. */
  readonly allow: readonly string[];
  /** Of servers and client. */
  readonly image: string;
}

/** The label by which a policy knows the region of a pod. */
const CLUSTER = 'io.cilium.k8s.policy.cluster';

/**
 * Servers in every region, each region's behind a global Service of its own, so that one can ask for them: clients of some
 * regions get in, those of others do not, and inside a region nothing changes.
 */
export class Policy extends Construct {
  constructor(scope: Construct, id: string, { region, regions, allow, image }: PolicyProps) {
    super(scope, id);
    const space = new Space(this, 'namespace', 'policy');
    new Servers(this, 'servers', { space, name: 'server', region, image, replicas: 1, labels: { region } });
    servicesOfRegions(this, space, regions, (name) => `server-${name}`);
    const others = allow.filter((name) => name !== region);
    new ApiObject(this, 'policy', {
      apiVersion: 'cilium.io/v2',
      kind: 'CiliumNetworkPolicy',
      metadata: space.holds('server'),
      spec: {
        endpointSelector: { matchLabels: { app: 'server' } },
        ingress: [
          // all of this region, its nodes too
          { fromEntities: ['cluster'] },
          // by name: without one Cilium up to 1.18 means the pods of all regions, and from 1.19 on those of this one
          ...others.map((name) => ({ fromEndpoints: [{ matchLabels: { app: 'client', [CLUSTER]: name } }] })),
        ],
      },
    });
    new Client(this, 'client', { space, region, image });
  }
}
