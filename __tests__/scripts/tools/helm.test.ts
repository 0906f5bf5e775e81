import { describe, expect, it } from 'vitest';
import * as helm from '../../../scripts/tools/helm.ts';
import { list, storedRelease } from '../stored-release.ts';

const target = { kubeconfig: '/lab/kubeconfig/region-athens', context: 'kind-region-athens' };
const there = [
  ...['--namespace', 'kube-system', '--kubeconfig', '/lab/kubeconfig/region-athens'],
  ...['--kube-context', 'kind-region-athens'],
];

describe('calls of helm', () => {
  it('GIVEN a chart and three files WHEN installed or upgraded THEN the files in this order, and no --wait', () => {
    const values = ['mesh.yaml', 'cilium-values.yaml', 'ca.yaml'];

    expect(helm.upgrade(target, { chart: '/charts/cilium.tgz', version: '1.14.2', values })).toEqual({
      program: 'helm',
      args: [
        ...['upgrade', '--install', 'cilium', '/charts/cilium.tgz', '--version', '1.14.2'],
        ...['--values', 'mesh.yaml', '--values', 'cilium-values.yaml', '--values', 'ca.yaml'],
        ...there,
      ],
    });
  });

  it('GIVEN Jobs of the chart that take long THEN Helm waits as long for them', () => {
    const { args } = helm.upgrade(target, { chart: 'c.tgz', version: '1.20.0', values: [], jobSeconds: 870 });

    expect(args.slice(0, 8)).toEqual([
      ...['upgrade', '--install', 'cilium', 'c.tgz', '--version', '1.20.0', '--timeout', '870s'],
    ]);
  });

  it('GIVEN a release in any state WHEN asked for THEN its last revision, and the call is secret', () => {
    expect(helm.getReleases(target)).toEqual({
      program: 'kubectl',
      args: [
        ...['--kubeconfig', '/lab/kubeconfig/region-athens', '--context', 'kind-region-athens'],
        ...['get', '--namespace', 'kube-system', 'secrets'],
        ...['--selector', 'owner=helm,name=cilium,status!=superseded', '--output', 'json'],
      ],
      secret: true,
    });
  });
});

describe("Helm's answers", () => {
  it('GIVEN a failed revision beside the one that is deployed WHEN read THEN the last one', () => {
    const values = { cluster: { id: 1, name: 'region-athens' } };

    expect(helm.parseReleases(list(storedRelease(9, 'deployed'), storedRelease(10, 'failed', values)))).toEqual([
      { revision: 10, status: 'failed', chart: 'cilium-1.14.2', values, workloads: ['DaemonSet/cilium'] },
    ]);
  });

  it('GIVEN a release without values WHEN read THEN an empty tree', () => {
    expect(helm.parseReleases(list(storedRelease(1, 'pending-install')))?.[0]).toMatchObject({
      ...{ status: 'pending-install', values: {} },
    });
  });

  it('GIVEN no release WHEN read THEN none; GIVEN what is no release THEN it is odd', () => {
    expect(helm.parseReleases(list())).toEqual([]);
    const odd = { kind: 'Secret', apiVersion: 'v1', metadata: { name: 'v1', uid: 'u' }, data: { release: 'SDRzSQ==' } };
    expect(helm.parseReleases(list(odd))).toBeUndefined();
  });

  it('GIVEN a revision WHEN its record is named THEN as Helm names its Secret', () => {
    expect(helm.revisionSecret(3)).toBe('sh.helm.release.v1.cilium.v3');
  });
});
