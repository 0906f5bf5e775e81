import { describe, expect, it } from 'vitest';
import { caValues } from '../../../scripts/files/shared-ca.ts';
import { mergeValues } from '../../../lab/values.ts';
import type { Observed } from '../../../scripts/observe/observed.ts';
import { allThere, articleLab, ca, livingCluster, livingRegion, nothingThere } from '../fixtures.ts';
import { athens, athensWith, lab, plan, running, told } from './planning.ts';

describe('Cilium by its release', () => {
  const release = livingCluster(lab, athens).release;
  if (release === undefined) throw new Error('a living cluster has a release');

  it.each([
    {
      given: 'a Helm run that was cut off',
      change: { status: 'pending-upgrade' },
      reason: 'the release is pending-upgrade: a Helm run was cut off or failed',
    },
    {
      given: 'a Helm run that failed',
      change: { status: 'failed' },
      reason: 'the release is failed: a Helm run was cut off or failed',
    },
    {
      given: 'another CA',
      change: { values: { ...release.values, tls: { ca: { cert: 'b3RoZXI=', key: 'b3RoZXI=' } } } },
      reason: 'its CA is not the shared one',
    },
    {
      given: 'the certificate with another key',
      change: { values: { ...release.values, tls: caValues({ ...ca, key: 'another key\n' }).tls } },
      reason: 'its CA is not the shared one',
    },
    {
      given: 'no CA of ours',
      change: { values: { ...release.values, tls: {} } },
      reason: 'its CA is not the shared one',
    },
  ])('GIVEN $given WHEN planned THEN $reason', ({ change, reason }) => {
    expect(running(plan(athensWith({ release: { ...release, ...change } })))).toEqual([
      `region-athens/cilium run: ${reason}`,
      'region-athens/ready run: Cilium is being installed',
      'connect run: cilium runs before: looked at again',
      'paths run: cilium runs before',
      'test run: cilium runs before',
    ]);
  });

  const upgrades = [
    { given: 'another chart', change: { chart: 'cilium-1.14.1' }, reason: 'cilium-1.14.1 -> cilium-1.14.2' },
    {
      given: 'one value that differs',
      change: { values: { ...release.values, kubeProxyReplacement: true } },
      reason: 'values differ at kubeProxyReplacement',
    },
    {
      given: 'three values that dist/ does not have',
      change: { values: { ...release.values, a: 1, b: 1, c: 1 } },
      reason: 'values differ at a, b, c',
    },
    {
      given: 'five values that dist/ does not have',
      change: { values: { ...release.values, a: 1, b: 1, c: { d: 1, e: 1 }, f: 1 } },
      reason: 'values differ at a, b, c, and 1 more',
    },
  ];
  const change = (changes: object): Observed => athensWith({ release: { ...release, ...changes } });

  it.each(upgrades)('GIVEN $given in a mesh that is whole WHEN planned THEN an upgrade: $reason', (given) => {
    expect(running(plan(change(given.change)))).toEqual([
      `region-athens/upgrade run: ${given.reason}; one region at a time, under load; back: helm rollback cilium 3`,
      'paths run: upgrade runs before',
      'test run: upgrade runs before',
    ]);
  });

  it.each(upgrades)('GIVEN $given WHEN all regions are changed at once THEN Helm alone: $reason', (given) => {
    expect(running(plan(change(given.change), { atOnce: true }))).toEqual([
      `region-athens/cilium run: ${given.reason}`,
      'region-athens/ready run: Cilium is being installed',
      'connect run: cilium runs before: looked at again',
      'paths run: cilium runs before',
      'test run: cilium runs before',
    ]);
  });

  it('GIVEN encryption that is to begin in a mesh that is whole WHEN planned THEN all regions at once', () => {
    const values = { ...release.values, encryption: { enabled: true, type: 'wireguard' } };
    const lines = told(plan(change({ values })));

    expect(lines).toContain(
      'region-athens/upgrade skip: all regions at once, since either all of them encrypt, or none',
    );
    expect(lines).toContain('region-athens/cilium run: values differ at encryption');
  });

  it('GIVEN another chart, and encryption that is to begin with it WHEN planned THEN all regions at once', () => {
    const values = { ...release.values, encryption: { enabled: true, type: 'wireguard' } };
    const lines = told(plan(change({ chart: 'cilium-1.14.1', values })));

    expect(lines).toContain(
      'region-athens/upgrade skip: all regions at once, since either all of them encrypt, or none',
    );
    expect(lines).toContain('region-athens/cilium run: cilium-1.14.1 -> cilium-1.14.2');
  });

  it('GIVEN another chart, and a region whose last Helm run failed WHEN planned THEN all regions at once', () => {
    const [, hurup] = lab.regions;
    if (hurup === undefined) throw new Error('the article has two regions');
    const failed = livingCluster(lab, athens, { release: { ...release, status: 'failed' } });
    const old = livingCluster(lab, hurup, { release: { ...release, chart: 'cilium-1.14.1' } });
    const seen = {
      'region-athens': livingRegion(lab, athens, { cluster: failed }),
      'region-hurup': livingRegion(lab, hurup, { cluster: old }),
    };
    const lines = told(plan(allThere(lab, seen)));

    expect(lines).toContain('region-athens/cilium run: the release is failed: a Helm run was cut off or failed');
    expect(lines).toContain(
      'region-hurup/upgrade skip: all regions at once, since the release of region-athens is failed',
    );
    expect(lines).toContain('region-hurup/cilium run: cilium-1.14.1 -> cilium-1.14.2');
  });

  it('GIVEN another chart in a mesh that is not whole WHEN planned THEN all regions at once', () => {
    const mesh = { address: '172.19.255.2', total: 4, connected: { 'region-hurup': 3 } };
    const lines = told(plan(athensWith({ release: { ...release, chart: 'cilium-1.14.1' }, mesh })));

    expect(lines).toContain(
      'region-athens/upgrade skip: all regions at once, since region-athens is not connected to region-hurup',
    );
    expect(lines).toContain('region-athens/cilium run: cilium-1.14.1 -> cilium-1.14.2');
  });

  it('GIVEN another chart, and a link that has left lab.yaml WHEN planned THEN all regions at once, which parts them', () => {
    const connected = { 'region-hurup': 4, 'region-gone': 4 };
    const mesh = { address: '172.19.255.2', total: 4, connected };
    const lines = told(plan(athensWith({ release: { ...release, chart: 'cilium-1.14.1' }, mesh })));

    expect(lines).toContain(
      'region-athens/upgrade skip: all regions at once, since region-athens is still connected to region-gone',
    );
  });

  it('GIVEN a region that dials an address which is no longer that of the other WHEN planned THEN connected again', () => {
    const mesh = {
      clustermesh: { config: { clusters: [{ name: 'region-hurup', ips: ['172.19.255.150'], port: 2379 }] } },
    };
    const observed = athensWith({ release: { ...release, values: mergeValues(release.values, mesh) } });

    expect(running(plan(observed))).toEqual([
      'connect run: 1 of 1 links are missing',
      'paths run: connect runs before',
      'test run: connect runs before',
    ]);
  });

  it('GIVEN a mesh that Helm was made to forget WHEN planned THEN enabled and connected again', () => {
    const { clustermesh: _mesh, ...values } = release.values;
    const observed = athensWith({ release: { ...release, values }, mesh: undefined });

    expect(running(plan(observed))).toEqual([
      'region-athens/enable run: not enabled',
      'region-athens/ready run: ClusterMesh is being enabled',
      'connect run: 1 of 1 links are missing',
      'paths run: enable runs before',
      'test run: enable runs before',
    ]);
  });
});

describe('mesh.method: install', () => {
  const installed = articleLab({ meshMethod: 'install' });
  const part = 'part of the Helm install (mesh.method: install)';

  it('GIVEN nothing WHEN planned THEN enable and connect have nothing to do', () => {
    const lines = told(plan(nothingThere(installed), { lab: installed }));

    expect(lines.filter((line) => /enable|connect /.test(line))).toEqual([
      `region-athens/enable skip: ${part}`,
      `region-hurup/enable skip: ${part}`,
      `connect skip: ${part}`,
    ]);
  });

  it('GIVEN regions that are not connected yet WHEN planned THEN `ready` waits for the links', () => {
    const values = { cluster: { name: 'region-athens', id: 1 }, kubeProxyReplacement: 'strict' };
    const release = livingCluster(lab, athens).release;
    const { tls } = release?.values ?? {};
    const observed = athensWith(
      {
        release: release && { ...release, values: { ...values, tls } },
        mesh: { address: '172.19.255.2', total: 4, connected: {} },
      },
      installed,
    );

    const lines = running(plan(observed, { lab: installed, regions: [athens] }));
    const both = running(plan(observed, { lab: installed }));

    expect(lines).toEqual([]);
    expect(both.filter((line) => line.startsWith('region-athens'))).toEqual([
      'region-athens/ready run: not connected to region-hurup',
    ]);
  });

  it('GIVEN a lab that was made by the CLI WHEN the method changes THEN what the CLI wrote is not kept', () => {
    expect(running(plan(allThere(installed), { lab: installed }))).toContain(
      'region-athens/cilium run: values differ at clustermesh, externalWorkloads',
    );
  });
});
