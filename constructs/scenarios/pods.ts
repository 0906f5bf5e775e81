import { ApiObject, Duration, JsonPatch, Size } from 'cdk8s';
import {
  type ContainerProps,
  Cpu,
  Deployment,
  EnvFieldPaths,
  EnvValue,
  ImagePullPolicy,
  LabelSelector,
  Pod,
  type PodSelectorConfig,
} from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import type { Space } from './space.ts';

/** What the pods of a scenario are made from. */
export interface PodsProps {
  readonly space: Space;
  /** Of the Deployment, and value of its pods' label `app`. */
  readonly name: string;
  /** The region that they run in; they know it by `REGION`. */
  readonly region: string;
  readonly image: string;
  readonly replicas: number;
  /** Annotations of the pods: where one changes, they are made anew. */
  readonly annotations?: Readonly<Record<string, string>>;
  readonly container: Pick<ContainerProps, 'command' | 'lifecycle' | 'portNumber' | 'readiness' | 'startup'>;
}

/** User and group of no name: whatever the image says, nothing runs as root. */
const NOBODY = 65532;

/** A Deployment of pods that Pod Security `restricted` lets in, spread over the nodes. */
export class Pods extends Deployment {
  constructor(scope: Construct, id: string, props: PodsProps) {
    const { space, name, region, image, replicas, annotations = {}, container } = props;
    const labels = { app: name };
    super(scope, id, {
      metadata: space.holds(name),
      podMetadata: { labels, annotations },
      select: false,
      replicas,
      securityContext: { user: NOBODY, group: NOBODY, ensureNonRoot: true },
      terminationGracePeriod: Duration.seconds(15),
    });
    this.select(LabelSelector.of({ labels }));
    // not more than a wish: a region may have one node
    if (replicas > 1) this.scheduling.spread({ weight: 100 });
    this.addContainer({
      image,
      imagePullPolicy: ImagePullPolicy.IF_NOT_PRESENT,
      envVariables: {
        REGION: EnvValue.fromValue(region),
        POD: EnvValue.fromFieldRef(EnvFieldPaths.POD_NAME),
        NODE: EnvValue.fromFieldRef(EnvFieldPaths.NODE_NAME),
      },
      resources: {
        cpu: { request: Cpu.millis(10), limit: Cpu.millis(500) },
        memory: { request: Size.mebibytes(64), limit: Size.mebibytes(256) },
      },
      securityContext: { user: NOBODY, group: NOBODY, ensureNonRoot: true, readOnlyRootFilesystem: true },
      ...container,
    });
    const [template, security] = ['/spec/template', 'securityContext'];
    ApiObject.of(this).addJsonPatch(
      // cdk8s-plus has no word for these two
      JsonPatch.add(`${template}/spec/${security}/seccompProfile`, { type: 'RuntimeDefault' }),
      JsonPatch.add(`${template}/spec/containers/0/${security}/capabilities`, { drop: ['ALL'] }),
      // of no use beside `app`, which people can read
      JsonPatch.remove(`${template}/metadata/labels/${Pod.ADDRESS_LABEL.replace('/', '~1')}`),
    );
  }

  /** By the label `app`, for Services and policies. */
  public override toPodSelectorConfig(): PodSelectorConfig {
    const labelSelector = LabelSelector.of({ labels: { app: this.name } });
    return { labelSelector, namespaces: { names: [this.metadata.namespace ?? ''] } };
  }
}
