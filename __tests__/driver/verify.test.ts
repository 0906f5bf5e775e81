import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changes, shown } from './calls.ts';
import { copySite, makeDeployedSite, running, type Site, twoRegions, withoutEvidence } from './drive.ts';
import type { Cluster } from '../stand-ins/lab-bench.ts';
import { endState, links } from './world.ts';

let living: Site;
beforeAll(async () => {
  living = await makeDeployedSite();
});
afterAll(() => {
  living.dispose();
});

/** Somebody changes a cluster behind the lab's back. */
function edit(site: Site, region: string, change: (cluster: Cluster) => Partial<Cluster>): void {
  site.bench.edit((world) => {
    const cluster = world.clusters[region];
    if (cluster === undefined) throw new Error(`no ${region}`);
    return { ...world, clusters: { ...world.clusters, [region]: { ...cluster, ...change(cluster) } } };
  });
}

describe('GIVEN a deployed lab of which something is not as it should be', () => {
  it('WHEN no step sees it THEN the last look does, and the deploy has failed', async () => {
    const site = copySite(living);
    edit(site, 'region-hurup', ({ addresses }) => ({
      addresses: { ...addresses, 'kube-system/hubble-ui': '172.19.240.9' },
    }));

    const { exit, stdout } = await site.run('deploy', '--timeout', '1');

    expect(exit).toBe(1);
    const lines = withoutEvidence(site.plain(stdout)).split('\n');
    expect(lines.slice(lines.indexOf('✗ verify failed: 1 of the things looked at is not as it should be'))).toEqual([
      '✗ verify failed: 1 of the things looked at is not as it should be',
      '',
      '  │ region-hurup: kube-system/hubble-ui has the address 172.19.240.9, outside the pool 172.19.255.101-172.19.255.200',
      '',
      "  cause   a Service of the lab's own has no LoadBalancer address of its region's pool",
      '  remedy  kubectl -n metallb-system logs deployment/controller says why, or with loadBalancer.by: cilium kubectl -n kube-system logs deployment/cilium-operator; then deploy again',
      '',
    ]);
  });

  it('WHEN an API server of the mesh has got another address THEN the others are connected to that one', async () => {
    const site = copySite(living);
    edit(site, 'region-hurup', ({ addresses }) => ({
      addresses: { ...addresses, 'kube-system/clustermesh-apiserver': '172.19.255.177' },
    }));
    const before = changes(site).length;

    const { exit, events } = await site.events('deploy', '--skip-test');

    expect({ exit, running: running(events) }).toEqual({ exit: 0, running: ['connect'] });
    expect(
      changes(site)
        .slice(before)
        .map((call) => shown(site, call).split(' cilium ')[1]),
    ).toEqual(['clustermesh connect --context kind-region-athens --destination-context kind-region-hurup']);
    expect(links(site.bench.state())).toEqual({ 'region-athens': ['region-hurup'], 'region-hurup': ['region-athens'] });
  });

  it('WHEN somebody has deleted the agents THEN Helm makes them again', async () => {
    const site = copySite(living);
    edit(site, 'region-athens', () => ({ gone: ['DaemonSet/cilium'] }));

    const { exit, events } = await site.events('deploy', '--skip-test');

    expect(exit).toBe(0);
    expect(running(events)).toEqual([...['cilium', 'ready'].map((step) => `region-athens/${step}`), 'connect']);
    expect(site.bench.state().clusters['region-athens']?.gone).toEqual([]);
  });

  it('WHEN somebody has scaled Hubble UI to zero THEN Helm scales it back', async () => {
    const site = copySite(living);
    edit(site, 'region-athens', () => ({ scaled: ['Deployment/hubble-ui'] }));

    const { exit, events } = await site.events('deploy', '--skip-test');

    expect({ exit, running: running(events).slice(0, 2) }).toEqual({
      exit: 0,
      running: ['region-athens/cilium', 'region-athens/ready'],
    });
    expect(site.bench.state().clusters['region-athens']?.scaled).toEqual([]);
  });

  it("WHEN somebody has scaled MetalLB's controller to zero, which its manifest does not undo THEN the deploy has failed", async () => {
    const site = copySite(living);
    edit(site, 'region-athens', () => ({ scaled: ['Deployment/controller'] }));

    const { exit, stdout } = await site.run('deploy', '--skip-test', '--timeout', '10');

    expect(exit).toBe(1);
    expect(site.plain(stdout)).toContain(
      '\n  │ region-athens: not up: deployment/controller 0/1\n' +
        '\n  cause   something that the deploy had seen ready is not, at the last look\n',
    );
  });

  it('WHEN an upgrade of MetalLB was cut off before the speakers THEN its manifest is applied again', async () => {
    const site = copySite(living);
    const speaker = 'DaemonSet/metallb-system/speaker';
    edit(site, 'region-athens', ({ objects }) => {
      const older = JSON.parse(JSON.stringify(objects[speaker]).replaceAll('v0.13.7', 'v0.13.5')) as object;
      return { objects: { ...objects, [speaker]: older } };
    });

    const { exit, events } = await site.events('deploy', '--skip-test');

    expect({ exit, running: running(events) }).toEqual({
      exit: 0,
      running: ['region-athens/metallb', 'region-athens/pool', 'region-athens/ready', 'connect'],
    });
    expect(site.bench.state().clusters['region-athens']?.objects[speaker]).toMatchObject({
      spec: { template: { spec: { containers: [{ image: 'quay.io/metallb/speaker:v0.13.7' }] } } },
    });
  });

  it('WHEN somebody has made a pool give nothing, and announced it from no node THEN both are as in dist/ again', async () => {
    const site = copySite(living);
    const added = {
      'IPAddressPool/metallb-system/default-pool': { autoAssign: false },
      'L2Advertisement/metallb-system/default': { nodeSelectors: [{ matchLabels: { nope: 'x' } }] },
    };
    edit(site, 'region-athens', ({ objects }) => {
      const changed = Object.entries(added).map(([name, more]) => {
        const object = objects[name];
        return [name, { ...object, spec: { ...object?.spec, ...more } }] as const;
      });
      return { objects: { ...objects, ...Object.fromEntries(changed) } };
    });

    const { exit, stdout } = await site.run('deploy', '--skip-test');

    expect(exit).toBe(0);
    expect(stdout).toContain(
      'give the region its address pool: not as in dist/: IPAddressPool/default-pool (autoAssign), L2Advertisement/default (nodeSelectors)\n',
    );
    expect(endState(site.bench.state())).toEqual(endState(living.bench.state()));
  });

  it('WHEN lab.yaml moves a pool from under living addresses THEN refused, with the pool to keep, and nothing is touched', async () => {
    const site = copySite(living);
    site.writeLab(twoRegions.replace('region-hurup,', 'region-hurup, pool: 172.19.254.1-172.19.254.50,'));
    await site.synth();
    const before = changes(site).length;

    const { exit, stderr } = await site.run('deploy', '--skip-test');

    expect(exit).toBe(2);
    expect(stderr).toBe(
      'region-hurup lives with the pool 172.19.255.101-172.19.255.200, and the pool 172.19.254.1-172.19.254.50 of lab.yaml leaves out 172.19.255.101 of kube-system/hubble-ui\n' +
        '  keep it: `pool: 172.19.255.101-172.19.255.200` under the region in lab.yaml; or make the region anew: npm run destroy -- --region region-hurup, then deploy again\n',
    );
    expect(changes(site).slice(before)).toEqual([]);
  });

  it('WHEN lab.yaml makes the pools smaller THEN each keeps its first addresses, and nothing but the pools changes', async () => {
    const site = copySite(living);
    site.writeLab(`${twoRegions}loadBalancer: { addressesPerRegion: 50 }\n`);
    await site.synth();

    const { exit, events } = await site.events('deploy', '--skip-test');

    expect({ exit, running: running(events) }).toEqual({
      exit: 0,
      running: ['region-athens/pool', 'region-hurup/pool', 'region-athens/ready', 'region-hurup/ready', 'connect'],
    });
  });

  it('WHEN other tests are asked for THEN they are run, though others had passed', async () => {
    const site = copySite(living);
    site.writeLab(`${twoRegions}test: { only: [no-policies/pod-to-pod] }\n`);
    await site.synth();

    const { exit, events } = await site.events('deploy');

    expect({ exit, running: running(events) }).toEqual({ exit: 0, running: ['test'] });
  });
});
