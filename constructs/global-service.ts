import { Chart, Size } from 'cdk8s';
import { Cpu, Deployment, EnvValue, ImagePullPolicy, Namespace, Probe, Service } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';

/** What a global service is made from. */
export interface GlobalServiceProps {
  /** The region that this copy runs in; its pods answer with this name. */
  readonly region: string;
  /**
   * An image that answers `GET /hostname` on port 8080.
   *
   * @default - json-mock, small, from the registry that the other images come from
   */
  readonly image?: string;
}

const port = 8080;

/**
 * A global service to try the mesh with: the same Service in every region, answered by the pods of all of them.
 *
 * In any region, `curl http://hello.global-service/hostname` says which region answered: `{"hostname":"region-athens"}`.
 */
export class GlobalService extends Chart {
  constructor(scope: Construct, id: string, props: GlobalServiceProps) {
    super(scope, id);
    const namespace = 'global-service';

    new Namespace(this, 'namespace', { metadata: { name: namespace } });

    const deployment = new Deployment(this, 'deployment', {
      metadata: { name: 'hello', namespace },
      replicas: 2,
      // The pods' host name is the region's, so that an image that tells its host name tells the region.
      dns: { hostname: props.region },
      securityContext: { ensureNonRoot: false },
    });
    deployment.addContainer({
      image: props.image ?? 'quay.io/cilium/json-mock:v1.3.8',
      imagePullPolicy: ImagePullPolicy.IF_NOT_PRESENT,
      portNumber: port,
      envVariables: { PORT: EnvValue.fromValue(String(port)) },
      readiness: Probe.fromHttpGet('/hostname', { port }),
      resources: {
        cpu: { request: Cpu.millis(10), limit: Cpu.millis(500) },
        memory: { request: Size.mebibytes(64), limit: Size.mebibytes(256) },
      },
      // json-mock runs as root.
      securityContext: { ensureNonRoot: false, readOnlyRootFilesystem: false },
    });

    new Service(this, 'service', {
      metadata: { name: 'hello', namespace, annotations: { 'service.cilium.io/global': 'true' } },
      selector: deployment,
      ports: [{ port: 80, targetPort: port }],
    });
  }
}
