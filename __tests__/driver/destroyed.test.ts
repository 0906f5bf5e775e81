import { cpSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { World } from '../stand-ins/lab-bench.ts';
import { changes, shown } from './calls.ts';
import { createBench } from '../stand-ins/lab-bench.ts';
import { type Answer, copySite, makeDeployedSite, makeNeighbour, put, type Site, tree, twoRegions } from './drive.ts';

const foreign = { name: 'kind', subnet: '172.28.0.0/16', gateway: '172.28.0.1' };

let living: Site;
beforeAll(async () => {
  living = await makeDeployedSite(undefined, { machine: { docker: { networks: [foreign] } } });
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

/** What a command that is refused says; a deploy has named the lab before. */
async function refusal(site: Site, ...line: Parameters<Site['run']>): Promise<Pick<Answer, 'exit' | 'stderr'>> {
  const { exit, stderr } = await site.run(...line);
  return { exit, stderr };
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
    expect(stdout).toContain('\ncluster  region-athens  skip  2 nodes\ncluster  region-hurup   run   not there\n');
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

describe('GIVEN a deployed lab, and a Docker that points to another engine by now', () => {
  const elsewhere = (command: string): string =>
    'this Docker Engine has nothing of test-lab, and .lab/test-lab tells of one: region-athens, region-hurup\n' +
    `  if it runs on another engine, point Docker there (docker context ls, DOCKER_HOST) and ${command} again; ` +
    'if it is gone for good, remove its files: rm -r .lab/test-lab\n';
  const stays = elsewhere('destroy');

  /** @returns points Docker back */
  function pointElsewhere(site: Site): () => void {
    const { STAND_IN_STATE } = site.bench.env;
    const other = createBench();
    onTestFinished(() => {
      other.dispose();
    });
    Object.assign(site.bench.env, { STAND_IN_STATE: other.env.STAND_IN_STATE });
    return () => {
      Object.assign(site.bench.env, { STAND_IN_STATE });
    };
  }

  const keptFiles = (site: Site): Record<string, string> =>
    Object.fromEntries(Object.entries(tree(site.file('.lab'))).filter(([name]) => !name.includes('logs')));

  it('WHEN it is destroyed, as a whole or a region THEN it is refused, its files stay, and it is destroyed where it lives', async () => {
    const site = copySite(living);
    const before = keptFiles(site);
    const pointBack = pointElsewhere(site);

    for (const options of [[], ['--yes'], ['--yes', '--region', 'region-athens']])
      expect(await site.run('destroy', ...options)).toEqual({ exit: 2, stdout: '', stderr: stays });
    expect(keptFiles(site)).toEqual(before);
    pointBack();
    expect((await site.run('destroy', '--yes')).exit).toBe(0);
    expect(site.bench.state().clusters).toEqual({});
    expect(tree(site.file('.lab'))).toEqual({});
  });

  it('WHEN it is deployed or planned THEN it is refused too, its files stay, and status says so', async () => {
    const site = copySite(living);
    const before = keptFiles(site);
    const pointBack = pointElsewhere(site);

    for (const line of [['deploy'], ['deploy', '--yes'], ['deploy', '--adopt'], ['plan']] as const) {
      const [command, ...options] = line;
      expect(await refusal(site, command, ...options)).toEqual({ exit: 2, stderr: elsewhere('deploy') });
    }
    expect((await site.run('status')).stdout).toMatch(
      /^! .lab\/test-lab tells of a lab that is not where lab.yaml and Docker point to; deploy says more\ntest-lab: docker network test-lab not there\n/,
    );
    expect(keptFiles(site)).toEqual(before);
    pointBack();
    expect((await site.run('plan', '--skip-test')).stdout).toMatch(/\nnothing to do\n$/);
  });

  it('WHEN the folder was moved THEN its deploy is refused as well, and nothing of .lab/ is removed', async () => {
    const site = copySite(living);
    const owner = site.file('.lab', 'test-lab', 'owner');
    put(owner, JSON.stringify({ ...(JSON.parse(readFileSync(owner, 'utf8')) as object), folder: '/before' }));
    const before = keptFiles(site);
    pointElsewhere(site);

    for (const command of ['deploy', 'destroy'] as const)
      expect(await refusal(site, command, '--yes')).toEqual({ exit: 2, stderr: elsewhere(command) });
    expect(keptFiles(site)).toEqual(before);
  });

  it('WHEN its files are of a version that put no engine on record THEN it is refused as well; where it lives, it is put on record', async () => {
    const site = copySite(living);
    const owner = site.file('.lab', 'test-lab', 'owner');
    const recorded = (): { engine?: string } => JSON.parse(readFileSync(owner, 'utf8')) as { engine?: string };
    const { engine, ...old } = recorded();
    expect(engine).toMatch(/./);
    put(owner, JSON.stringify(old));
    const pointBack = pointElsewhere(site);

    for (const command of ['deploy', 'destroy'] as const)
      expect(await refusal(site, command, '--yes')).toEqual({ exit: 2, stderr: elsewhere(command) });
    pointBack();
    expect((await site.run('deploy', '--skip-test')).exit).toBe(0);
    expect(recorded().engine).toBe(engine);
  });

  it("WHEN another folder's lab of this name is there THEN --adopt is refused: the folder's own would be lost", async () => {
    const site = copySite(living);
    const before = keptFiles(site);
    pointElsewhere(site);
    const other = await makeNeighbour(site);
    expect((await other.run('deploy', '--skip-test')).exit).toBe(0);

    for (const command of ['deploy', 'destroy'] as const)
      expect(await refusal(site, command, '--adopt', '--yes')).toEqual({ exit: 2, stderr: elsewhere(command) });
    expect(keptFiles(site)).toEqual(before);
  });
});

describe('GIVEN a deployed lab, and a lab.yaml that names the network of another folder of this name', () => {
  it("WHEN that one shall be adopted THEN refused, and nothing is lost sight of; the folder's own goes by destroy", async () => {
    const site = copySite(living);
    const labText = 'name: test-lab\nregions: [{ name: region-x }]\nnetwork: { name: other, subnet: 172.28.0.0/16 }\n';
    site.bench.edit((world) => withoutNetwork(world, 'kind'));
    const other = await makeNeighbour(site, labText);
    expect((await other.run('deploy', '--skip-test')).exit).toBe(0);
    site.writeLab(labText);
    await site.synth();
    const before = readFileSync(site.file('.lab', 'test-lab', 'owner'), 'utf8');
    const refused =
      "this folder has a lab test-lab of its own on the docker network test-lab, and lab.yaml says other, which is another folder's\n" +
      "  put network.name back; or destroy this folder's first: npm run destroy\n";

    for (const command of ['deploy', 'destroy'] as const)
      expect(await refusal(site, command, '--adopt', '--yes')).toEqual({ exit: 2, stderr: refused });
    expect(readFileSync(site.file('.lab', 'test-lab', 'owner'), 'utf8')).toBe(before);
    expect((await site.run('destroy', '--yes')).exit).toBe(0);
    expect(Object.keys(site.bench.state().clusters)).toEqual(['region-x']);
    expect(Object.keys(site.bench.state().networks)).not.toContain('test-lab');
  });
});

describe('GIVEN a deployed lab whose folder was moved, and another network.name in its lab.yaml', () => {
  it('WHEN it is deployed or destroyed THEN refused, and its files stay', async () => {
    const site = copySite(living);
    const moved = await makeNeighbour(
      site,
      'name: test-lab\nregions: [{ name: region-x }]\nnetwork: { name: other }\n',
    );
    cpSync(site.file('.lab'), moved.file('.lab'), { recursive: true });

    for (const command of ['deploy', 'destroy'] as const)
      expect(await refusal(moved, command, '--yes')).toEqual({
        exit: 2,
        stderr:
          '.lab/test-lab came here from another folder: its lab lives on the docker network test-lab, and lab.yaml says other\n' +
          `  if the folder was moved, put network.name back and take the lab over: npm run ${command} -- --adopt; ` +
          'if it was copied, remove the copied files: rm -r .lab/test-lab\n',
      });
    expect(Object.keys(tree(moved.file('.lab')))).toContain('test-lab/owner');
  });
});

describe('GIVEN a deployed lab that got another name in lab.yaml', () => {
  it('WHEN it is deployed or destroyed THEN the lab of the former name is named, and lab.yaml stays', async () => {
    const site = copySite(living);
    site.writeLab(twoRegions.replace('test-lab', 'new-lab'));
    await site.synth('--adopt');
    const before = readFileSync(site.file('lab.yaml'), 'utf8');
    const { exit, stderr } = await site.run('deploy', '--yes');

    expect({ exit, stderr }).toEqual({
      exit: 2,
      stderr:
        'the kind cluster region-athens is of the lab test-lab, which this folder made too\n' +
        'the kind cluster region-hurup is of the lab test-lab, which this folder made too\n' +
        '  put name: test-lab back into lab.yaml, and destroy that lab if this one shall have its regions; or give the region another name in lab.yaml\n',
    });
    expect(readFileSync(site.file('lab.yaml'), 'utf8')).toBe(before);
    expect((await site.run('destroy', '--yes')).stdout).toBe(
      'new-lab: nothing is there\n! this folder made a lab test-lab too; to destroy that one, give lab.yaml its name: test-lab\n',
    );
    site.writeLab(twoRegions);
    expect((await site.run('destroy', '--yes')).exit).toBe(0);
    expect(tree(site.file('.lab'))).toEqual({});
  });
});

/** A docker network is gone; containers that were on it still name it, as Docker's do. */
function withoutNetwork(world: World, gone = 'test-lab'): World {
  return { ...world, networks: Object.fromEntries(Object.entries(world.networks).filter(([name]) => name !== gone)) };
}

describe('GIVEN a deployed lab whose clusters and network were removed by hand', () => {
  it('WHEN it is destroyed THEN there is nothing, and its files go: this is the engine that it was on', async () => {
    const site = copySite(living);
    site.bench.edit((world) => ({ ...withoutNetwork(world), containers: {}, clusters: {} }));

    expect(await site.run('destroy')).toEqual({ exit: 0, stdout: 'test-lab: nothing is there\n', stderr: '' });
    expect(tree(site.file('.lab'))).toEqual({});
  });
});

describe('GIVEN a deployed lab whose network was removed under its stopped nodes, as docker network prune does', () => {
  it('WHEN it is destroyed, or another folder deploys a lab of that name THEN refused, and nobody gets its clusters', async () => {
    const site = copySite(living);
    site.bench.edit((world) => withoutNetwork(world));
    const before = tree(site.file('.lab'));

    const { exit, stderr } = await site.run('destroy', '--yes');

    expect({ exit, stderr }).toEqual({
      exit: 2,
      stderr:
        'region-athens, region-hurup: kind clusters whose docker network is gone, so that nobody can say whose they are\n' +
        '  if they are of this lab: kind delete clusters region-athens region-hurup, then destroy again\n',
    });
    expect(Object.keys(tree(site.file('.lab'))).filter((name) => !name.includes('logs'))).toEqual(
      Object.keys(before).filter((name) => !name.includes('logs')),
    );
    rmSync(site.file('.lab'), { recursive: true });
    const other = await site.run('deploy', '--skip-test');
    expect({ exit: other.exit, stderr: other.stderr }).toEqual({
      exit: 2,
      stderr: ['region-athens', 'region-hurup']
        .map(
          (name) =>
            `a kind cluster ${name} exists whose docker network is gone, so that nobody can say whose it is\n` +
            `  if it is of this lab: kind delete cluster --name ${name}; else give the region another name in lab.yaml\n`,
        )
        .join(''),
    });
    expect(site.bench.state().networks['test-lab']).toBeUndefined();
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
