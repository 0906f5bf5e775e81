import { describe, expect, it } from 'vitest';
import { balancedServices, idle, missing, notReady, workloadsOf } from '../../../scripts/observe/workloads.ts';
import { parseWorkloads } from '../../../scripts/tools/helm.ts';
import type { KubeObject } from '../../../scripts/tools/kubectl.ts';

function object(kind: string, name: string, rest: Partial<KubeObject>, namespace = 'kube-system'): KubeObject {
  return { kind, metadata: { name, namespace, uid: 'u', generation: 2 }, ...rest };
}

const agents = (ready: number, generation = 2): KubeObject =>
  object('DaemonSet', 'cilium', {
    status: {
      observedGeneration: generation,
      desiredNumberScheduled: 2,
      updatedNumberScheduled: 2,
      numberAvailable: ready,
    },
  });
const operator = object('Deployment', 'cilium-operator', {
  spec: { replicas: 1, template: { spec: { containers: [{ image: 'quay.io/cilium/operator:v1.14.2' }] } } },
  status: { observedGeneration: 2, updatedReplicas: 1, availableReplicas: 1 },
});
const required = ['DaemonSet/cilium', 'Deployment/cilium-operator'];

describe('the workloads of a cluster', () => {
  it.each([
    { given: 'all pods', objects: [agents(2), operator], found: [] },
    { given: 'one pod less', objects: [agents(1), operator], found: ['daemonset/cilium 1/2'] },
    {
      given: 'a change that its controller has not seen',
      objects: [agents(2, 1), operator],
      found: ['daemonset/cilium 2/2'],
    },
    { given: 'one that does not exist', objects: [operator], found: ['DaemonSet/cilium missing'] },
    {
      given: 'one of that name in another namespace',
      objects: [operator, object('DaemonSet', 'cilium', {}, 'elsewhere')],
      found: ['DaemonSet/cilium missing'],
    },
    {
      given: 'one that somebody has scaled to zero',
      objects: [agents(2), { ...operator, spec: { replicas: 0 }, status: { observedGeneration: 2 } }],
      found: ['deployment/cilium-operator 0/1'],
    },
    {
      given: 'one that may run on no node',
      objects: [{ ...agents(0), status: { observedGeneration: 2, desiredNumberScheduled: 0 } }, operator],
      found: ['daemonset/cilium 0/1'],
    },
  ])('GIVEN $given THEN $found', ({ objects, found }) => {
    expect(notReady(workloadsOf(objects), 'kube-system', required)).toEqual(found);
    expect(missing(workloadsOf(objects), 'kube-system', required)).toEqual(
      found.some((text) => text.endsWith('missing')) ? ['DaemonSet/cilium'] : [],
    );
  });

  it('GIVEN some that do not exist or have no pods to run THEN these are idle', () => {
    const scaled = { ...operator, spec: { replicas: 0 }, status: { observedGeneration: 2 } };

    expect(idle(workloadsOf([scaled]), 'kube-system', required)).toEqual(required);
    expect(idle(workloadsOf([agents(0), operator]), 'kube-system', required)).toEqual([]);
  });

  it('GIVEN one that nobody asked for THEN it does not matter', () => {
    const coredns = object('Deployment', 'coredns', { spec: { replicas: 2 }, status: {} });

    expect(notReady(workloadsOf([agents(2), operator, coredns]), 'kube-system', required)).toEqual([]);
  });
});

describe('the LoadBalancer Services of a cluster', () => {
  it('GIVEN Services of all types THEN those alone, with or without address', () => {
    const service = (name: string, type: string, ip?: string): KubeObject =>
      object('Service', name, {
        spec: { type },
        status: { loadBalancer: ip === undefined ? {} : { ingress: [{ ip }] } },
      });

    expect(
      balancedServices([
        service('kubernetes', 'ClusterIP'),
        service('hubble-ui', 'LoadBalancer', '172.19.255.1'),
        service('clustermesh-apiserver', 'LoadBalancer'),
      ]),
    ).toEqual([
      { service: 'kube-system/hubble-ui', address: '172.19.255.1' },
      { service: 'kube-system/clustermesh-apiserver', address: undefined },
    ]);
  });
});

describe('the workloads of a release', () => {
  it('GIVEN what Helm prints THEN Deployments and DaemonSets by their own name', () => {
    const manifest = [
      '---\n# Source: cilium/templates/cilium-agent/daemonset.yaml\napiVersion: apps/v1\nkind: DaemonSet\nmetadata:\n  name: cilium\n  namespace: kube-system\n  labels:\n    k8s-app: cilium\nspec:\n  template:\n    metadata:\n      name: not-this\n',
      '---\n# Source: x\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  labels:\n    app: x\n  namespace: kube-system\n  name: "hubble-ui"\nspec:\n  replicas: 1\n',
      '---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: nobody-wants-it\nspec:\n  replicas: 0\n',
      '---\napiVersion: v1\nkind: Service\nmetadata:\n  name: hubble-ui\n',
      '---\napiVersion: batch/v1\nkind: CronJob\nmetadata:\n  name: certs\n',
    ].join('');

    expect(parseWorkloads(manifest)).toEqual(['DaemonSet/cilium', 'Deployment/hubble-ui']);
    expect(parseWorkloads('')).toEqual([]);
  });
});
