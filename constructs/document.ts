import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';

/**
 * A YAML document that is no Kubernetes object: it is emitted exactly as given, keys in the given order, `null` kept.
 *
 * A plain ApiObject always adds `metadata`, which kind refuses ("field metadata not found in type v1alpha4.Cluster"), sorts
 * the keys and drops `null`, by which Helm values remove a default.
 */
export class Document extends ApiObject {
  private readonly content: object;

  constructor(scope: Construct, id: string, content: object) {
    // The tree wants an apiVersion and a kind of everything; this pair never leaves it.
    super(scope, id, { apiVersion: 'clustermesh-lab/v1', kind: 'Document' });
    this.content = content;
  }

  public override toJson(): object {
    return this.content;
  }
}
