import type { ApiObjectMetadata } from 'cdk8s';
import { Namespace } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import type { ScenarioName } from '../../lab/scenarios.ts';

/**
 * The namespace of a scenario. Its labels, which all of its objects have, mark it as the lab's: without them nothing is ever
 * taken down. Pods that may do more than the Pod Security Standard `restricted` allows are refused.
 */
export class Space extends Namespace {
  private readonly marks: Readonly<Record<string, string>>;

  constructor(scope: Construct, id: string, scenario: ScenarioName) {
    const marks = { 'app.kubernetes.io/managed-by': 'clustermesh-lab', 'clustermesh-lab/scenario': scenario };
    const security = { 'pod-security.kubernetes.io/enforce': 'restricted' };
    super(scope, id, { metadata: { name: scenario, labels: { ...marks, ...security } } });
    this.marks = marks;
  }

  /** Metadata of an object in it. */
  public holds(name: string, annotations: Readonly<Record<string, string>> = {}): ApiObjectMetadata {
    return { name, namespace: this.name, labels: { ...this.marks }, annotations: { ...annotations } };
  }
}
