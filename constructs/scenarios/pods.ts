import { Duration } from 'cdk8s';
import { type ContainerProps, Deployment, LabelSelector, type PodSelectorConfig } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { byApp, ownContainer, podSecurity, restrict } from '../restricted.ts';
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
  /** Labels of the pods beside `app`. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Annotations of the pods: where one changes, they are made anew. */
  readonly annotations?: Readonly<Record<string, string>>;
  readonly container: Pick<ContainerProps, 'command' | 'lifecycle' | 'portNumber' | 'readiness' | 'startup'>;
}

/** A Deployment of pods that Pod Security `restricted` lets in, spread over the nodes. */
export class Pods extends Deployment {
  private readonly space: string;

  constructor(scope: Construct, id: string, props: PodsProps) {
    const { space, name, region, image, replicas, labels = {}, annotations = {}, container } = props;
    const app = { app: name };
    super(scope, id, {
      metadata: space.holds(name),
      podMetadata: { labels: { ...app, ...labels }, annotations },
      select: false,
      replicas,
      securityContext: podSecurity,
      terminationGracePeriod: Duration.seconds(15),
    });
    this.space = space.name;
    this.select(LabelSelector.of({ labels: app }));
    // not more than a wish: a region may have one node
    if (replicas > 1) this.scheduling.spread({ weight: 100 });
    this.addContainer({ ...ownContainer(region, image), ...container });
    restrict(this);
  }

  public override toPodSelectorConfig(): PodSelectorConfig {
    return byApp(this.name, this.space);
  }
}
