import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { connect, mesh, setUpTwoRegions } from './two-regions.ts';

const lab = setUpTwoRegions();
const config = (region: string) => lab.bench.state().clusters[region]?.releases.at(-1)?.config.clustermesh;

describe('cilium clustermesh connect', () => {
  it('GIVEN two enabled regions THEN both releases get the other’s address, the agents restart, then both are connected', () => {
    lab.enableBoth();
    const { exit, stdout } = lab.cilium(connect);
    expect(exit).toBe(0);
    expect(stdout.split('\n').slice(-4)).toEqual([
      "ℹ️ Configuring Cilium in cluster 'kind-region-athens' to connect to cluster 'kind-region-hurup'",
      "ℹ️ Configuring Cilium in cluster 'kind-region-hurup' to connect to cluster 'kind-region-athens'",
      '✅ Connected cluster kind-region-athens and kind-region-hurup!',
      '',
    ]);
    expect(config('region-athens')).toMatchObject({
      useAPIServer: true,
      config: { enabled: true, clusters: [{ name: 'region-hurup', ips: ['172.18.255.202'], port: 2379 }] },
    });
    const first = lab.cilium(mesh('status', 'athens'));
    expect(first).toMatchObject({
      exit: 1,
      stderr: expect.stringMatching(
        /unable to determine status of cilium pod "cilium-.*dial unix \/var\/run\/cilium\/cilium\.sock(.|\n)*Is the agent running\?\n$/,
      ) as string,
    });
    expect(lab.cilium(mesh('status', 'athens', ' --wait')).stdout).toContain(
      '✅ All 2 nodes are connected to all clusters [min:1 / avg:1.0 / max:1]\n🔌 Cluster Connections:\n  - region-hurup: 2/2 configured, 2/2 connected\n',
    );
    expect(lab.status('hurup').connectivity).toMatchObject({
      clusters: { 'region-athens': { configured: 2, connected: 2 } },
    });
  });

  it('warns of two CAs with the old CLI and refuses them from v0.19.1 on', () => {
    lab.enableBoth();
    expect(lab.cilium(connect).stdout).toContain(
      '⚠️ Cilium CA certificates do not match between clusters. Multicluster features will be limited!\n',
    );
    lab.bench.setMachine({ versions: { cilium: 'v0.19.7' } });
    expect(lab.cilium(connect).stderr).toMatch(
      /Cilium CA certificates do not match between clusters region-athens and region-hurup\. Use --allow-mismatching-ca/,
    );
  });

  it('GIVEN no pool THEN there is no address to tell the other', () => {
    lab.enableBoth();
    lab.bench.edit((world) => ({
      ...world,
      clusters: Object.fromEntries(
        Object.entries(world.clusters).map(([name, cluster]) => [name, { ...cluster, addresses: {}, objects: {} }]),
      ),
    }));
    expect(lab.cilium(connect)).toMatchObject({
      exit: 1,
      stderr: '\nError: Unable to connect cluster: unable to derive service IPs automatically\n',
    });
  });

  it.each([
    [
      'name',
      { name: 'region-athens', id: 2 },
      'remote and local cluster have the same, non-unique name: region-athens',
    ],
    ['id', { name: 'region-hurup', id: 1 }, 'remote and local cluster have the same, non-unique ID: 1'],
    ['default name', { name: 'default', id: 2 }, 'remote cluster has non-unique name (default) and/or ID (2)'],
  ])('refuses a %s that is not unique', (_, cluster, message) => {
    lab.enableBoth();
    lab.bench.edit((world) => {
      const hurup = world.clusters['region-hurup'];
      if (hurup === undefined) return world;
      return {
        ...world,
        clusters: { ...world.clusters, 'region-hurup': { ...hurup, live: { ...hurup.live, cluster } } },
      };
    });
    expect(lab.cilium(connect)).toMatchObject({ exit: 1, stderr: `\nError: Unable to connect cluster: ${message}\n` });
  });

  it('GIVEN a release in the middle of an upgrade THEN a second one is refused', () => {
    lab.enableBoth();
    lab.bench.edit((world) => ({
      ...world,
      clusters: Object.fromEntries(
        Object.entries(world.clusters).map(([name, cluster]) => [
          name,
          {
            ...cluster,
            releases: cluster.releases.map((each) =>
              each.status === 'deployed' ? { ...each, status: 'pending-upgrade' } : each,
            ),
          },
        ]),
      ),
    }));
    expect(lab.cilium(connect).stderr).toBe(
      '\nError: Unable to connect cluster: another operation (install/upgrade/rollback) is in progress\n',
    );
  });

  it('GIVEN v0.19.7 WHEN all are connected in one call THEN each release is upgraded once', () => {
    lab.enableBoth();
    lab.bench.setMachine({ versions: { cilium: 'v0.19.7' } });
    const before = lab.bench.state().clusters['region-athens']?.releases.length ?? 0;
    const { exit, stdout } = lab.cilium(`${connect} --connection-mode mesh --parallel 2 --allow-mismatching-ca`);
    expect(exit).toBe(0);
    expect(stdout).toContain('✅ Connected cluster kind-region-athens <=> kind-region-hurup!\n');
    expect(lab.bench.state().clusters['region-athens']?.releases.length).toBe(before + 1);
  });
});

describe('cilium connectivity test', () => {
  const test = 'cilium connectivity test --context kind-region-athens --multi-cluster kind-region-hurup';

  it('GIVEN regions that are not connected THEN it fails', () => {
    const { exit, stderr } = lab.cilium(test);
    expect(exit).toBe(1);
    expect(stderr).toMatch(/^connectivity test failed: timeout reached waiting for lookup for echo-other-node/);
  });

  it('GIVEN connected regions THEN it tells the count, leaves a report and its namespaces', () => {
    lab.enableBoth();
    lab.cilium(connect);
    for (const region of ['athens', 'hurup']) lab.cilium(mesh('status', region, ' --wait'));
    expect(
      lab.cilium(
        `${test} --test no-policies/pod-to-pod --test no-policies/pod-to-service --junit-file junit.xml --junit-property lab=x`,
      ),
    ).toMatchObject({
      exit: 0,
      stdout: expect.stringMatching(
        /\n\n✅ All 1 tests \(4 actions\) successful, 13 tests skipped, 6 scenarios skipped\.\n$/,
      ) as string,
    });
    expect(readFileSync(join(lab.bench.lab, 'junit.xml'), 'utf8')).toContain(
      '<property name="lab" value="x"></property>',
    );
    expect(Object.values(lab.bench.state().clusters).map(({ namespaces }) => 'cilium-test' in namespaces)).toEqual([
      true,
      true,
    ]);
    // patterns are matched against test/scenario: this one matches nothing, and that is a success
    expect(lab.cilium(`${test} --test ^no-policies$ --junit-file none.xml`)).toMatchObject({
      exit: 0,
      stdout: expect.stringContaining('All 0 tests (0 actions) successful') as string,
    });
    expect(existsSync(join(lab.bench.lab, 'none.xml'))).toBe(true);
  });
});
