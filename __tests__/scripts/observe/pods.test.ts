import { describe, expect, it } from 'vitest';
import { podsSeen } from '../../../scripts/observe/pods.ts';
import type { KubeObject } from '../../../scripts/tools/kubectl.ts';

const pod = (name: string, status: Record<string, unknown>, labels: Record<string, string> = {}): KubeObject => ({
  kind: 'Pod',
  metadata: { name, namespace: 'kube-system', uid: `uid-${name}`, labels },
  status,
});
const conditions = (ready: boolean) => [{ type: 'Ready', status: ready ? 'True' : 'False' }];
const waiting = (reason: string, message?: string, more: Record<string, unknown> = {}) => ({
  ...{ phase: 'Pending', conditions: conditions(false) },
  containerStatuses: [{ name: 'main', restartCount: 0, state: { waiting: { reason, message } }, ...more }],
});
const failedMount = (name: string, message: string, lastTimestamp: string): KubeObject => ({
  kind: 'Event',
  metadata: { name: `${name}.${lastTimestamp}`, namespace: 'kube-system', uid: lastTimestamp },
  ...{ involvedObject: { uid: `uid-${name}` }, reason: 'FailedMount', message, lastTimestamp },
});
const seen = (...objects: KubeObject[]) => podsSeen(objects, () => true);

describe('pods that are looked at', () => {
  it('GIVEN all are ready, or have done their work THEN nothing is in the way', () => {
    const ready = pod('coredns-1', { phase: 'Running', conditions: conditions(true) });
    const done = pod('certgen', { phase: 'Succeeded', conditions: conditions(false) });

    expect(seen(ready, done)).toEqual({ troubles: [], isBaseComing: false, coming: [], hasJob: false, warnings: [] });
  });

  it('GIVEN an agent that is being made THEN it is coming, and all others wait for it', () => {
    expect(seen(pod('cilium-1', waiting('PodInitializing'), { 'k8s-app': 'cilium' }))).toEqual({
      ...{ troubles: [], isBaseComing: true, coming: ['kube-system/cilium-1'], hasJob: false, warnings: [] },
    });
  });

  it('GIVEN a pod that is being replaced THEN it is in no trouble: what it lacks was put right since', () => {
    const set = (generation: string): KubeObject => ({
      kind: 'DaemonSet',
      metadata: {
        ...{ name: 'cilium', namespace: 'kube-system', uid: 'set' },
        annotations: { 'deprecated.daemonset.template.generation': generation },
      },
    });
    const event = failedMount('cilium-x7k2p', 'configmap "no-such-map" not found', '2026-11-30T12:00:01Z');
    const agent = pod('cilium-x7k2p', waiting('ContainerCreating'), { 'pod-template-generation': '3' });
    const going = { ...agent, metadata: { ...agent.metadata, deletionTimestamp: '2026-11-30T12:00:01Z' } };

    expect(seen(agent, event, set('3')).troubles).toMatchObject([{ kind: 'mount' }]);
    expect(seen(agent, event).troubles).toMatchObject([{ kind: 'mount' }]);
    expect(seen(agent, event, set('4'))).toMatchObject({ troubles: [], coming: ['kube-system/cilium-x7k2p'] });
    expect(seen(going, event, set('3'))).toMatchObject({ troubles: [], coming: ['kube-system/cilium-x7k2p'] });
  });

  it('GIVEN warnings of Kubernetes THEN the newest two are known', () => {
    const warning = (name: string, message: string, lastTimestamp: string, type = 'Warning'): KubeObject => ({
      kind: 'Event',
      metadata: { name: `${name}.${lastTimestamp}`, namespace: 'kube-system', uid: lastTimestamp },
      ...{ type, involvedObject: { kind: 'Pod', name }, reason: 'Unhealthy', message, lastTimestamp },
    });
    const [first, second, third] = ['2026-11-30T12:00:01Z', '2026-11-30T12:00:02Z', '2026-11-30T12:00:03Z'];

    const { warnings } = seen(
      ...[warning('c', 'third', third), warning('a', 'first', first), warning('b', 'second', second)],
      warning('d', 'all is well', '2026-11-30T12:00:04Z', 'Normal'),
    );
    expect(warnings).toEqual(['Pod/b: Unhealthy: second', 'Pod/c: Unhealthy: third']);
  });

  it('GIVEN a pod whose network cannot be made THEN so it says', () => {
    const event = {
      ...failedMount('dns-1', 'plugin type="cilium-cni" failed (add)', 'x'),
      reason: 'FailedCreatePodSandBox',
    };

    expect(seen(pod('dns-1', waiting('ContainerCreating')), event).troubles).toMatchObject([
      { kind: 'sandbox', why: 'FailedCreatePodSandBox: plugin type="cilium-cni" failed (add)' },
    ]);
  });

  // words of Kubernetes v1.27.3 and v1.36.1
  it.each([
    {
      given: 'an image that cannot be pulled',
      status: waiting('ImagePullBackOff', 'Back-off pulling image "quay.io/cilium/no-such:v1"'),
      is: { kind: 'image', why: 'ImagePullBackOff: Back-off pulling image "quay.io/cilium/no-such:v1"' },
    },
    {
      given: 'an init container whose image cannot be pulled',
      status: {
        ...waiting('PodInitializing'),
        initContainerStatuses: [
          { name: 'init', state: { waiting: { reason: 'ErrImagePull', message: 'not\n found' } } },
        ],
      },
      is: { kind: 'image', why: 'ErrImagePull: not found' },
    },
    {
      given: 'a program that ends again and again',
      status: waiting('CrashLoopBackOff', 'back-off 20s restarting failed container', {
        restartCount: 2,
        lastState: {
          terminated: {
            exitCode: 1,
            reason: 'Error',
            message: 'level=info\nfatal: no\n',
            finishedAt: '2026-11-30T12:00:00Z',
          },
        },
      }),
      is: {
        kind: 'crash',
        why: 'CrashLoopBackOff: main ended 3 times, last with exit code 1: fatal: no',
        crash: { container: 'main', restarts: 2, ended: Date.UTC(2026, 10, 30, 12) },
      },
    },
    {
      given: 'one that has not enough memory',
      status: waiting('CrashLoopBackOff', '', { lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } } }),
      is: {
        kind: 'crash',
        why: 'CrashLoopBackOff: main ended once, last with out of memory',
        crash: { container: 'main', restarts: 0, ended: undefined },
      },
    },
    {
      given: 'an environment of a ConfigMap that is not there',
      status: waiting('CreateContainerConfigError', 'configmap "no" not found'),
      is: { kind: 'config', why: 'CreateContainerConfigError: configmap "no" not found' },
    },
    {
      given: 'one of a Secret',
      status: waiting('CreateContainerConfigError', 'secret "no" not found'),
      is: { kind: 'secret', why: 'CreateContainerConfigError: secret "no" not found' },
    },
    {
      given: 'a pod that no node takes',
      status: {
        phase: 'Pending',
        conditions: [
          { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/2 nodes are available' },
        ],
      },
      is: { kind: 'unschedulable', why: 'Unschedulable: 0/2 nodes are available' },
    },
  ])('GIVEN $given THEN it is told in the words of Kubernetes', ({ status, is }) => {
    expect(seen(pod('a', status)).troubles).toEqual([{ pod: 'kube-system/a', isBase: false, ...is }]);
  });

  it('GIVEN volumes that are not mounted THEN the newest event tells why, and of none that was made meanwhile', () => {
    const missing = (kind: string) => `MountVolume.SetUp failed for volume "v" : ${kind} "users" not found`;
    const objects = [
      pod('a', waiting('ContainerCreating')),
      pod('b', waiting('PodInitializing')),
      pod('c', { phase: 'Running', conditions: conditions(false), containerStatuses: [{ name: 'm', state: {} }] }),
      failedMount('a', missing('configmap'), '2026-11-30T12:00:09Z'),
      failedMount('a', missing('secret'), '2026-11-30T12:00:01Z'),
      failedMount('b', missing('secret'), '2026-11-30T12:00:01Z'),
      failedMount('c', missing('secret'), '2026-11-30T12:00:01Z'),
    ];

    expect(seen(...objects).troubles.map(({ pod: name, kind, why }) => [name, kind, why])).toEqual([
      ['kube-system/a', 'mount', `FailedMount: ${missing('configmap')}`],
      ['kube-system/b', 'secret', `FailedMount: ${missing('secret')}`],
    ]);
    expect(seen(...objects).coming).toEqual(['kube-system/c']);
  });

  it('GIVEN a Job that has not ended THEN it may make what others wait for', () => {
    const job = (status: Record<string, unknown>): KubeObject => ({
      ...{ kind: 'Job', metadata: { name: 'certgen', namespace: 'kube-system', uid: 'j' }, status },
    });

    expect(seen(job({ active: 1 })).hasJob).toBe(true);
    for (const type of ['Complete', 'Failed'])
      expect(seen(job({ conditions: [{ type, status: 'True' }] })).hasJob).toBe(false);
    expect(seen(job({ conditions: [{ type: 'Suspended', status: 'True' }] })).hasJob).toBe(true);
  });

  it('GIVEN pods of the user THEN nobody looks at them', () => {
    expect(podsSeen([pod('mine', waiting('ImagePullBackOff'))], () => false).troubles).toEqual([]);
  });

  it('GIVEN what no API server says THEN it is only not ready', () => {
    expect(seen(pod('a', { containerStatuses: 'no', phase: 7 })).coming).toEqual(['kube-system/a']);
  });
});
