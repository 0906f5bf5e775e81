import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { World } from '../stand-ins/lab-bench.ts';
import { changes, shown } from './calls.ts';
import { copySite, makeDeployedSite, put, type Site, tree, twoRegions } from './drive.ts';

const foreign = { name: 'kind', subnet: '172.28.0.0/16', gateway: '172.28.0.1' };

let living: Site;
beforeAll(async () => {
  living = await makeDeployedSite(twoRegions, { machine: { docker: { networks: [foreign] } } });
  // a kind cluster of someone else, on kind's own network
  living.bench.edit((world) => withContainer(world, 'elsewhere-control-plane', 'elsewhere', 'kind'));
  put(join(living.bench.env.HOME ?? '', '.kube', 'config'), 'current-context: work\n');
});
afterAll(() => {
  living.dispose();
});

function withContainer(world: World, name: string, cluster: string, network: string): World {
  const [one] = Object.values(world.containers);
  if (one === undefined) throw new Error('no container to copy');
  const labels = { 'io.x-k8s.kind.cluster': cluster, 'io.x-k8s.kind.role': 'control-plane' };
  const ip = network === 'kind' ? '172.28.0.2' : '172.19.0.99';
  return { ...world, containers: { ...world.containers, [name]: { ...one, network, labels, ip } } };
}

const since = (site: Site, count: number): string[] =>
  changes(site)
    .slice(count)
    .map((call) => shown(site, call));

describe('GIVEN a deployed lab beside the things of others', () => {
  it('WHEN it is destroyed THEN exactly its clusters, network and files go', async () => {
    const site = copySite(living);
    put(join(site.bench.env.HOME ?? '', '.kube', 'config'), 'current-context: work\n');
    const before = changes(site).length;
    const { exit, stdout, stderr } = await site.run('destroy', '--yes');

    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    expect(
      site
        .plain(stdout)
        .split('\n')
        .filter((line) => line.includes('…'))
        .toSorted(),
    ).toEqual([
      '00:00  lab            network   … removing',
      '00:00  region-athens  cluster   … removing',
      '00:00  region-hurup   cluster   … removing',
    ]);
    expect(site.plain(stdout)).toMatch(/\ndone in T: 3 steps run, 0 skipped\n$/);
    const { networks, containers, clusters } = site.bench.state();
    expect(Object.keys(networks)).toEqual(['bridge', 'host', 'none', 'kind']);
    expect(Object.keys(containers)).toEqual(['elsewhere-control-plane']);
    expect(clusters).toEqual({});
    expect(since(site, before).toSorted()).toEqual([
      'docker network rm test-lab',
      'kind delete cluster --name region-athens --kubeconfig LAB/.lab/test-lab/kubeconfig/region-athens',
      'kind delete cluster --name region-hurup --kubeconfig LAB/.lab/test-lab/kubeconfig/region-hurup',
    ]);
    // lab.yaml and dist/ are the user's
    expect(Object.keys(tree(site.bench.lab)).filter((name) => !name.startsWith('dist'))).toEqual(['lab.yaml']);
    expect(tree(join(site.bench.env.HOME ?? '', '.kube'))).toEqual({ config: 'current-context: work\n' });
  });

  it('WHEN nobody can be asked and --yes is not given THEN nothing goes', async () => {
    const before = changes(living).length;
    const { exit, stdout, stderr } = await living.run('destroy');
    expect({ exit, stdout, stderr }).toEqual({
      exit: 2,
      stdout: '',
      stderr: 'test-lab stays as it is. To remove it: npm run destroy -- --yes\n',
    });
    expect(since(living, before)).toEqual([]);
  });

  it('WHEN one region is destroyed THEN the other and the network stay, status --check says so, and a deploy builds it again', async () => {
    const site = copySite(living);
    const { exit } = await site.run('destroy', '--yes', '--region', 'region-hurup');
    expect(exit).toBe(0);
    expect(Object.keys(site.bench.state().clusters)).toEqual(['region-athens']);
    expect(Object.keys(site.bench.state().networks)).toContain('test-lab');
    expect(Object.keys(tree(site.file('.lab', 'test-lab', 'kubeconfig')))).toEqual(['region-athens']);

    const checked = await site.run('status', '--check');
    expect(checked.exit).toBe(1);
    expect(checked.stdout).toMatch(/\n\n✗ not as it should be: region-hurup\n$/);

    const { stdout } = await site.run('plan', '--skip-test');
    expect(stdout).toContain(
      '\n= cluster   region-athens  skip  2 nodes\n+ cluster   region-hurup   run   not there\n',
    );
  });

  it("WHEN a kind cluster of someone else is on the lab's network THEN it is named, and nothing goes", async () => {
    const site = copySite(living);
    site.bench.edit((world) => withContainer(world, 'a-guest', 'guest', 'test-lab'));
    const before = since(site, 0).length;

    expect(await site.run('destroy', '--yes')).toEqual({
      exit: 2,
      stdout: '',
      stderr:
        "the lab's docker network holds what this lab did not make, and cannot go before:\n" +
        '  the kind cluster guest; to remove it: kind delete cluster --name guest\n',
    });
    expect(since(site, before)).toEqual([]);
    expect((await site.run('destroy', '--yes', '--region', 'region-hurup')).exit).toBe(0);
  });

  it('WHEN another container is THEN it is named too; WHEN it comes in between THEN the failure says so', async () => {
    const site = copySite(living);
    site.bench.edit((world) => {
      const { containers } = withContainer(world, 'a-guest', 'guest', 'test-lab');
      const { 'a-guest': guest, ...others } = containers;
      if (guest === undefined) throw new Error('no guest');
      return { ...world, containers: { ...others, 'a-guest': { ...guest, labels: {} } } };
    });
    expect((await site.run('destroy', '--yes')).stderr).toBe(
      "the lab's docker network holds what this lab did not make, and cannot go before:\n" +
        '  the container a-guest; to take it off: docker network disconnect test-lab a-guest\n',
    );

    const stderr =
      'Error response from daemon: error while removing network: network test-lab id 3f1a has active endpoints\n';
    const other = copySite(living, { faults: [{ tool: 'docker', match: 'network rm', times: 1, exit: 1, stderr }] });
    const { exit, stdout } = await other.run('destroy', '--yes');
    expect(exit).toBe(1);
    expect(stdout).toContain(`
  cause   containers that are none of the lab's are on its docker network
  remedy  docker network inspect NAME shows them; take them off (docker network disconnect NAME CONTAINER), then destroy again
`);
    expect((await other.run('destroy', '--yes')).exit).toBe(0);
    expect(Object.keys(other.bench.state().networks)).not.toContain('test-lab');
  });
});

describe('GIVEN things of others under the names of the lab', () => {
  it('WHEN it is destroyed THEN they stay', async () => {
    const site = copySite(living);
    await site.run('destroy', '--yes');
    site.bench.edit((world) => {
      const kind = world.networks.kind;
      if (kind === undefined) throw new Error('no network kind');
      const other = { ...kind, id: 'f'.repeat(64), config: [{ Subnet: '172.19.0.0/16' }] };
      return withContainer(
        { ...world, networks: { ...world.networks, 'test-lab': other } },
        'region-athens-control-plane',
        'region-athens',
        'test-lab',
      );
    });
    const before = changes(site).length;
    const { exit, stdout } = await site.run('destroy', '--yes');

    expect({ exit, stdout }).toEqual({ exit: 0, stdout: 'test-lab: nothing is there\n' });
    expect(since(site, before)).toEqual([]);
  });
});

describe('GIVEN a deployed lab whose clusters and network were removed by hand', () => {
  it('WHEN it is destroyed THEN there is nothing, and its files go: this is the engine that it was on', async () => {
    const site = copySite(living);
    site.bench.edit((world) => ({ ...world, networks: {}, containers: {}, clusters: {} }));

    expect(await site.run('destroy')).toEqual({ exit: 0, stdout: 'test-lab: nothing is there\n', stderr: '' });
    expect(tree(site.file('.lab'))).toEqual({});
  });
});

describe('GIVEN a lab.yaml that changed since the deploy', () => {
  it('WHEN the network has another name there THEN the living one goes all the same, by its label', async () => {
    const site = copySite(living);
    site.writeLab(
      'name: test-lab\nregions: [{ name: region-athens }, { name: region-hurup }]\nnetwork: { name: other }\n',
    );
    const { exit, stderr } = await site.run('destroy', '--yes');

    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    const { networks, containers } = site.bench.state();
    expect(Object.keys(networks)).toEqual(['bridge', 'host', 'none', 'kind']);
    expect(Object.keys(containers)).toEqual(['elsewhere-control-plane']);
    site.dispose();
  });

  it('WHEN a region is gone there whose kubeconfig was never written THEN it goes too: the lab knows that it began it', async () => {
    const site = copySite(living);
    rmSync(site.file('.lab', 'test-lab', 'kubeconfig', 'region-hurup'));
    site.writeLab('name: test-lab\nregions: [{ name: region-athens }]\n');
    const { exit, stderr } = await site.run('destroy', '--yes', '--region', 'region-hurup');

    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    expect(Object.keys(site.bench.state().clusters)).toEqual(['region-athens']);
    site.dispose();
  });
});
