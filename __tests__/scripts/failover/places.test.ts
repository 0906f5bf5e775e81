import { describe, expect, it } from 'vitest';
import { serverNode } from '../../../scripts/failover/places.ts';
import type { KubeObject } from '../../../scripts/tools/kubectl.ts';
import { athens } from '../fixtures.ts';

const pod = (app: string, nodeName: string): KubeObject => ({
  kind: 'Pod',
  metadata: { name: `${app}-${nodeName}`, namespace: 'high-availability', uid: nodeName, labels: { app } },
  spec: { nodeName },
});
const [plane, first, second] = ['region-athens-control-plane', 'region-athens-worker', 'region-athens-worker2'];
const of = (...pods: KubeObject[]) => serverNode(athens(), pods);

describe('the node that is frozen', () => {
  it('GIVEN servers on several THEN one without the client, which would be frozen with it', () => {
    expect(of(pod('client', first), pod('server', first), pod('server', second))).toBe(second);
  });

  it('GIVEN servers beside the client alone THEN that one all the same; GIVEN the control plane too THEN a worker', () => {
    expect(of(pod('client', second), pod('server', second))).toBe(second);
    expect(of(pod('server', plane), pod('server', second))).toBe(second);
    expect(of(pod('server', plane), pod('client', first))).toBe(plane);
  });
});
