import { describe, expect, it } from 'vitest';
import * as kubectl from '../../../scripts/tools/kubectl.ts';

const target = { kubeconfig: '/lab/kubeconfig/region-athens', context: 'kind-region-athens' };

describe('calls of kubectl', () => {
  it.each([
    {
      command: kubectl.get(target, 'kube-system', ['service/hubble-ui', 'namespace/kube-system']),
      line: 'get --namespace kube-system service/hubble-ui namespace/kube-system --ignore-not-found --output json',
    },
    {
      command: kubectl.getAll(target, 'metallb-system', 'ipaddresspools.metallb.io'),
      line: 'get --namespace metallb-system ipaddresspools.metallb.io --output json',
    },
    { command: kubectl.getNodes(target), line: 'get nodes --output json' },
    { command: kubectl.apply(target, ['a.yaml', 'b.yaml']), line: 'apply --filename a.yaml --filename b.yaml' },
    { command: kubectl.replace(target, ['a.yaml']), line: 'replace --save-config --filename a.yaml' },
    {
      command: kubectl.wait(target, 'metallb-system', 'condition=Available', ['deployment/controller'], 900),
      line: 'wait --namespace metallb-system --for=condition=Available deployment/controller --timeout=900s',
    },
    {
      command: kubectl.rolloutStatus(target, 'metallb-system', 'daemonset/speaker', 900),
      line: 'rollout status --namespace metallb-system daemonset/speaker --timeout=900s',
    },
    {
      command: kubectl.deleteObjects(target, 'kube-system', ['secret/old']),
      line: 'delete --namespace kube-system secret/old --ignore-not-found',
    },
  ])('GIVEN one cluster, named twice over WHEN called THEN kubectl … $line', ({ command, line }) => {
    const cluster = '--kubeconfig /lab/kubeconfig/region-athens --context kind-region-athens';

    expect(command.program).toBe('kubectl');
    expect(command.args.join(' ')).toBe(`${cluster} ${line}`);
  });
});

describe("kubectl's JSON", () => {
  const pool = {
    apiVersion: 'metallb.io/v1beta1',
    kind: 'IPAddressPool',
    metadata: { name: 'default-pool', uid: '1' },
    spec: { addresses: ['172.18.255.1-172.18.255.100'] },
  };

  it.each([
    {
      what: 'a List',
      json: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [pool, pool] }),
      objects: [pool, pool],
    },
    { what: 'an empty List', json: '{"apiVersion":"v1","items":[],"kind":"List"}', objects: [] },
    { what: 'one object', json: JSON.stringify(pool), objects: [pool] },
    { what: 'nothing, as with --ignore-not-found', json: '\n', objects: [] },
  ])('GIVEN $what WHEN read THEN its objects', ({ json, objects }) => {
    expect(kubectl.parseObjects(json)).toEqual(objects);
  });
});
