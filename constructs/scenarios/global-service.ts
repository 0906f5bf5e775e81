import { Service, ServiceType } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import type { HighAvailability } from '../../lab/scenarios.ts';
import { SERVER_PORT } from './servers.ts';
import type { Space } from './space.ts';

/** What a global Service is made from. */
export interface GlobalServiceProps {
  readonly space: Space;
  readonly name: string;
  /** Labels of the pods behind it; a region may have none of them. */
  readonly pods: Readonly<Record<string, string>>;
  readonly port: number;
  readonly targetPort: number;
  /** Which of all regions' pods are asked first. @default 'none' */
  readonly affinity?: HighAvailability['affinity'];
  /** Whether other regions may ask the pods of this one. @default true */
  readonly shared?: boolean;
  /** It has a LoadBalancer address of the region's pool too. @default false */
  readonly isPublished?: boolean;
}

/** A Service that the pods behind its name and namespace answer in all regions. */
export class GlobalService extends Service {
  constructor(scope: Construct, id: string, props: GlobalServiceProps) {
    const { space, name, pods, port, targetPort, affinity = 'none', shared = true, isPublished = false } = props;
    super(scope, id, {
      // all three, though two are defaults: what somebody changes by hand differs from what is reviewed
      metadata: space.holds(name, {
        'service.cilium.io/global': 'true',
        'service.cilium.io/shared': String(shared),
        'service.cilium.io/affinity': affinity,
      }),
      ports: [{ port, targetPort }],
      ...(isPublished && { type: ServiceType.LOAD_BALANCER }),
    });
    for (const [label, value] of Object.entries(pods)) this.selectLabel(label, value);
  }
}

/** For each region a Service of its own name, which leads to the servers of that region alone, from everywhere. */
export function servicesOfRegions(
  scope: Construct,
  space: Space,
  regions: readonly string[],
  nameOf: (region: string) => string,
): void {
  for (const region of regions) {
    const pods = { app: 'server', region };
    const ports = { port: 80, targetPort: SERVER_PORT };
    new GlobalService(scope, `service-${region}`, { space, name: nameOf(region), pods, ...ports });
  }
}
