import { describe, expect, it } from 'vitest';
import { unannounced } from '../../../scripts/observe/announced.ts';
import type { KubeObject } from '../../../scripts/tools/kubectl.ts';

const service = (name: string, ip?: string, namespace = 'kube-system'): KubeObject => ({
  kind: 'Service',
  metadata: { name, namespace, uid: name },
  spec: { type: 'LoadBalancer' },
  status: { loadBalancer: ip === undefined ? {} : { ingress: [{ ip }] } },
});
const lease = (name: string, holderIdentity?: string): KubeObject => ({
  kind: 'Lease',
  metadata: { name, namespace: 'kube-system', uid: name },
  spec: { ...(holderIdentity !== undefined && { holderIdentity }) },
});
const of = (...objects: KubeObject[]) => unannounced(objects, 'kube-system');

describe('LoadBalancer addresses that nobody answers for', () => {
  it('GIVEN a lease that an agent holds THEN none; GIVEN one that its holder has left, or none THEN it is named', () => {
    const ui = service('hubble-ui', '172.19.255.1');

    expect(of(ui, lease('cilium-l2announce-kube-system-hubble-ui', 'a-worker'))).toEqual({ bare: [], silent: [] });
    for (const left of [lease('cilium-l2announce-kube-system-hubble-ui', ''), lease('kube-scheduler', 'a')])
      expect(of(ui, left)).toEqual({ bare: [], silent: ['kube-system/hubble-ui'] });
  });

  it('GIVEN a Service without an address THEN that is said of it; GIVEN one of another kind or namespace THEN nothing', () => {
    const internal = { ...service('kube-dns'), spec: { type: 'ClusterIP' } };

    expect(of(service('hubble-ui'), internal, service('front', '172.19.255.9', 'shop'))).toEqual({
      bare: ['kube-system/hubble-ui'],
      silent: [],
    });
  });
});
