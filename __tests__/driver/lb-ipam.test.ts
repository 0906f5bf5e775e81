import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { agentDigest } from '../../lab/published.ts';
import { stacks } from '../../lab/stacks.ts';
import { downloadSite } from '../stand-ins/download-site.ts';
import { type Cluster, probeByDigest } from '../stand-ins/lab-bench.ts';
import { changes, find, shown } from './calls.ts';
import { copySite, makeDeployedSite, running, type Site, twoRegions, withoutEvidence } from './drive.ts';
import { endState, links } from './world.ts';

const byCilium = `${twoRegions}loadBalancer: { by: cilium }\n`;
const meshed = { 'region-athens': ['region-hurup'], 'region-hurup': ['region-athens'] };
const pool = 'CiliumLoadBalancerIPPool//default-pool';
const policy = 'CiliumL2AnnouncementPolicy//default';

/** Somebody changes region-athens behind the lab's back. */
function edit(site: Site, change: (cluster: Cluster) => Partial<Cluster>): void {
  site.bench.edit((world) => {
    const athens = world.clusters['region-athens'];
    if (athens === undefined) throw new Error('no region-athens');
    return { ...world, clusters: { ...world.clusters, 'region-athens': { ...athens, ...change(athens) } } };
  });
}

const athensOf = (site: Site): Cluster | undefined => site.bench.state().clusters['region-athens'];

describe("GIVEN a deployed lab of the stack article, whose LoadBalancer addresses are Cilium's", () => {
  let living: Site;
  beforeAll(async () => {
    living = await makeDeployedSite(byCilium);
  });
  afterAll(() => {
    living.dispose();
  });

  it('THEN nothing of MetalLB was downloaded, applied or is in dist/', () => {
    expect(existsSync(living.file('dist', 'region-athens', 'ipaddresspool.yaml'))).toBe(false);
    expect(living.bench.calls().filter(({ args }) => args.join(' ').includes('metallb-native'))).toEqual([]);
    expect(Object.keys(athensOf(living)?.namespaces ?? {})).not.toContain('metallb-system');
    expect(
      find(changes(living), 'kubectl', 'region-athens').map((call) => shown(living, call).split(' apply ')[1]),
    ).toEqual(
      expect.arrayContaining([
        '--filename LAB/.lab/test-lab/applied/region-athens/ciliumloadbalancerippool.yaml --filename LAB/.lab/test-lab/applied/region-athens/ciliuml2announcementpolicy.yaml',
      ]),
    );
  });

  it('THEN pool and policy are those of Cilium 1.14, Hubble UI has the first address, and the regions are connected', () => {
    const { objects, addresses } = athensOf(living) ?? {};

    expect([objects?.[pool]?.spec, objects?.[policy]?.spec]).toEqual([
      {
        disabled: false,
        cidrs: [{ cidr: '172.19.255.0/26' }, { cidr: '172.19.255.64/27' }, { cidr: '172.19.255.96/30' }],
      },
      { loadBalancerIPs: true },
    ]);
    expect(addresses?.['kube-system/hubble-ui']).toBe('172.19.255.1');
    expect(links(living.bench.state())).toEqual(meshed);
  });

  it('THEN a second deploy runs nothing, and says why', async () => {
    const site = copySite(living);
    const before = changes(site).length;

    const { exit, stdout } = await site.run('plan');

    expect(exit).toBe(0);
    expect(stdout.split('\n').filter((line) => /^. (fetch|metallb|pool) /.test(line))).toEqual([
      '= fetch     lab            skip  they are there',
      '= metallb   region-athens  skip  loadBalancer.by: cilium',
      '= metallb   region-hurup   skip  loadBalancer.by: cilium',
      '= pool      region-athens  skip  172.19.255.1-172.19.255.100',
      '= pool      region-hurup   skip  172.19.255.101-172.19.255.200',
    ]);
    const { exit: again, events } = await site.events('deploy');
    expect({ again, running: running(events) }).toEqual({ again: 0, running: [] });
    expect(changes(site).slice(before)).toEqual([]);
    // AND a synth remembers the pools, though CIDRs leave some of their addresses out
    await site.synth('--check');
  });

  it('WHEN somebody has changed the pool and the policy THEN both are as in dist/ again', async () => {
    const site = copySite(living);
    edit(site, ({ objects }) => {
      const also = (name: string, more: object) => ({ ...objects[name], spec: { ...objects[name]?.spec, ...more } });
      const changed = { [pool]: also(pool, { disabled: true }), [policy]: also(policy, { interfaces: ['eth7'] }) };
      return { objects: { ...objects, ...changed } };
    });

    const { exit, stdout } = await site.run('deploy', '--skip-test');

    expect(exit).toBe(0);
    expect(stdout).toContain(
      'give the region its address pool: not as in dist/: CiliumLoadBalancerIPPool/default-pool (disabled), CiliumL2AnnouncementPolicy/default (interfaces)\n',
    );
    expect(endState(site.bench.state())).toEqual(endState(living.bench.state()));
  });

  it('WHEN the agents have missed an address THEN a plan says so, AND a deploy tells them anew, and nothing else changes', async () => {
    const site = copySite(living);
    edit(site, () => ({ unheard: ['kube-system/hubble-ui'] }));

    expect((await site.run('plan')).stdout).toMatch(
      /\+ ready +region-athens +run +nobody answers for the address of kube-system\/hubble-ui\n/,
    );
    const { exit, events } = await site.events('deploy', '--skip-test');
    expect({ exit, running: running(events) }).toEqual({ exit: 0, running: ['region-athens/ready'] });
    expect(find(changes(site), 'kubectl', 'annotate --overwrite ciliuml2announcementpolicy/default')).toHaveLength(1);
    expect((await site.run('plan', '--detailed-exitcode')).exit).toBe(0);
  });

  it('WHEN lab.yaml moves a pool from under living addresses THEN refused, with the pool to keep', async () => {
    const site = copySite(living);
    site.writeLab(byCilium.replace('region-hurup,', 'region-hurup, pool: 172.19.254.1-172.19.254.50,'));
    await site.synth();

    const { exit, stderr } = await site.run('deploy', '--skip-test');

    expect(exit).toBe(2);
    expect(stderr).toMatch(
      /^region-hurup lives with the pool 172\.19\.255\.101-172\.19\.255\.198, and the pool 172\.19\.254\.1-172\.19\.254\.50 of lab\.yaml leaves out 172\.19\.255\.\d+ of kube-system\/[\w-]+\n {2}keep it: `pool: 172\.19\.255\.101-172\.19\.255\.198` under the region in lab\.yaml; or make the region anew: /,
    );
  });

  it('WHEN lab.yaml says metallb THEN refused, with what to do, and nothing is touched; the addresses are remembered', async () => {
    const site = copySite(living);
    site.writeLab(twoRegions);
    await site.synth();
    const before = changes(site).length;

    const { exit, stderr } = await site.run('deploy', '--skip-test');

    expect({ exit, stderr }).toEqual({
      exit: 2,
      stderr: ['region-athens', 'region-hurup']
        .map(
          (name) =>
            `${name} lives with loadBalancer.by cilium, lab.yaml says metallb\n` +
            `  this cannot be changed in place: npm run destroy -- --region ${name}, then deploy again; or put it back\n`,
        )
        .join(''),
    });
    expect(changes(site).slice(before)).toEqual([]);
  });

  it("WHEN a Service of the user's holds the address that Hubble UI asks for THEN the last look says so", async () => {
    const site = copySite(living);
    const annotations = { 'io.cilium/lb-ipam-ips': '172.19.255.1' };
    const front = {
      ...{ apiVersion: 'v1', kind: 'Service', spec: { type: 'LoadBalancer' } },
      metadata: { name: 'front', namespace: 'shop', uid: 'u', generation: 1, annotations },
    };
    edit(site, ({ objects, addresses: { 'kube-system/hubble-ui': first = '', ...others } }) => ({
      objects: { ...objects, 'Service/shop/front': front },
      addresses: { ...others, 'shop/front': first },
    }));

    const { exit, stdout } = await site.run('deploy', '--skip-test', '--timeout', '1');

    expect(exit).toBe(1);
    const lines = withoutEvidence(site.plain(stdout)).split('\n');
    expect(
      lines.slice(lines.indexOf('✗ verify failed: 1 of the things looked at is not as it should be') + 2, -1),
    ).toEqual([
      '  │ region-athens: kube-system/hubble-ui has no address',
      '',
      "  cause   a Service of the lab's own has no LoadBalancer address of its region's pool",
      '  remedy  kubectl -n metallb-system logs deployment/controller says why, or with loadBalancer.by: cilium kubectl -n kube-system logs deployment/cilium-operator; then deploy again',
    ]);
  });
});

describe("GIVEN the stack current, whose LoadBalancer addresses are Cilium's, and the mesh by the install", () => {
  let text: string;
  let living: Site;
  beforeAll(async () => {
    const { versions, nodeImage } = stacks.current;
    const agent = `quay.io/cilium/cilium:v${versions.cilium}@${agentDigest(versions.cilium) ?? ''}`;
    const machine = {
      versions: { ...versions, cilium: versions.ciliumCli },
      registry: [nodeImage, agent, probeByDigest],
    };
    const { currentSources } = await downloadSite();
    text = `name: test-lab
stack: current
regions:
  - { name: region-athens, workers: 1 }
  - { name: region-hurup, workers: 0, pool: 172.19.254.7-172.19.254.8 }
loadBalancer: { by: cilium }
mesh: { method: install }
${currentSources}`;
    living = await makeDeployedSite(text, { machine });
  });
  afterAll(() => {
    living.dispose();
  });

  it('THEN pools are ranges, and each region has the two addresses that the plan gives it', () => {
    const { clusters } = living.bench.state();

    const given = ['region-athens', 'region-hurup'].map((name) => {
      const { objects, addresses } = clusters[name] ?? {};
      return [objects?.[pool]?.spec?.blocks, addresses];
    });
    expect(given).toEqual([
      [
        [{ start: '172.19.255.1', stop: '172.19.255.100' }],
        { 'kube-system/hubble-ui': '172.19.255.1', 'kube-system/clustermesh-apiserver': '172.19.255.2' },
      ],
      [
        [{ start: '172.19.254.7', stop: '172.19.254.8' }],
        { 'kube-system/hubble-ui': '172.19.254.7', 'kube-system/clustermesh-apiserver': '172.19.254.8' },
      ],
    ]);
    expect(links(living.bench.state())).toEqual(meshed);
  });

  it('WHEN lab.yaml makes a pool smaller THEN nothing but the pool changes, AND then there is nothing to do', async () => {
    const site = copySite(living);
    site.writeLab(text.replace('by: cilium', 'by: cilium, addressesPerRegion: 50'));
    await site.synth();
    const { exit, events } = await site.events('deploy', '--skip-test');

    expect({ exit, running: running(events) }).toEqual({
      exit: 0,
      running: ['region-athens/pool', 'region-athens/ready'],
    });
    expect(athensOf(site)?.objects[pool]?.spec).toEqual({
      disabled: false,
      blocks: [{ start: '172.19.255.1', stop: '172.19.255.50' }],
    });
    const { events: second } = await site.events('deploy', '--skip-test');
    expect(running(second)).toEqual([]);
  });
});
