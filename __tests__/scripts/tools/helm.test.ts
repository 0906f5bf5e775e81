import { describe, expect, it } from 'vitest';
import * as helm from '../../../scripts/tools/helm.ts';

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

  it('GIVEN a release in any state WHEN listed THEN pending ones too, and no other of a similar name', () => {
    expect(helm.listReleases(target).args).toEqual([
      ...['list', '--all', '--filter', '^cilium$', '--output', 'json'],
      ...there,
    ]);
  });

  it("GIVEN values that hold the CA's key WHEN asked for THEN the call is secret", () => {
    expect(helm.getValues(target)).toEqual({
      program: 'helm',
      args: ['get', 'values', 'cilium', '--output', 'json', ...there],
      secret: true,
    });
  });
});

describe("Helm's answers", () => {
  it('GIVEN the list of a real lab WHEN read THEN revision, status and chart', () => {
    const json =
      '[{"name":"cilium","namespace":"kube-system","revision":"3","updated":"2026-11-22 21:04:22.423433313 +0000 UTC","status":"deployed","chart":"cilium-1.14.2","app_version":"1.14.2"}]\n';

    expect(helm.parseReleases(json)).toEqual([{ revision: 3, status: 'deployed', chart: 'cilium-1.14.2' }]);
  });

  it('GIVEN no release WHEN read THEN none', () => {
    expect(helm.parseReleases('[]\n')).toEqual([]);
  });

  it.each([
    { json: 'null\n', values: {} },
    { json: '{"cluster":{"id":1,"name":"region-athens"}}\n', values: { cluster: { id: 1, name: 'region-athens' } } },
  ])('GIVEN the values $json WHEN read THEN a tree', ({ json, values }) => {
    expect(helm.parseValues(json)).toEqual(values);
  });

  it('GIVEN a revision WHEN its record is named THEN as Helm names its Secret', () => {
    expect(helm.revisionSecret(3)).toBe('sh.helm.release.v1.cilium.v3');
  });
});
