import { cpSync, readFileSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createBench, type World } from '../stand-ins/lab-bench.ts';
import { type Answer, copySite, makeDeployedSite, makeNeighbour, put, type Site, tree, twoRegions } from './drive.ts';

// a living lab is never lost sight of: its clusters, kubeconfigs, keys and its owner's id stay until it is known to be gone

let living: Site;
beforeAll(async () => {
  living = await makeDeployedSite();
});
afterAll(() => {
  living.dispose();
});

/** A docker network is gone; containers that were on it still name it, as Docker's do. */
function withoutNetwork(world: World, gone = 'test-lab'): World {
  return { ...world, networks: Object.fromEntries(Object.entries(world.networks).filter(([name]) => name !== gone)) };
}

/** `docker network prune`: it takes what no running container is on. */
const pruned = (world: World): World => {
  const containers = Object.entries(world.containers).map(([name, container]) => [
    name,
    { ...container, running: false },
  ]);
  return { ...withoutNetwork(world), containers: Object.fromEntries(containers) as World['containers'] };
};

/** What a command that is refused says; a deploy has named the lab before. */
async function refusal(site: Site, ...line: Parameters<Site['run']>): Promise<Pick<Answer, 'exit' | 'stderr'>> {
  const { exit, stderr } = await site.run(...line);
  return { exit, stderr };
}

const ownerOf = (site: Site): { id: string } =>
  JSON.parse(readFileSync(site.file('.lab', 'test-lab', 'owner'), 'utf8')) as { id: string };

/** The same lab, with another region on another docker network. */
const elsewhereText =
  'name: test-lab\nregions: [{ name: region-x, workers: 0 }]\nnetwork: { name: other, subnet: 172.28.0.0/16 }\n';

const onAnother = (command: string): string =>
  'a lab test-lab lives on the docker network test-lab, .lab/test-lab did not come about in this folder or is damaged, and lab.yaml says other\n' +
  `  if that lab is yours (the folder was moved), put network.name back and take it over: npm run ${command} -- --adopt; ` +
  'if .lab/test-lab is a copy, remove it: rm -r .lab/test-lab\n';

describe('GIVEN a deployed lab, and a Docker that points to another engine by now', () => {
  const elsewhere = (command: string): string =>
    'nothing on this Docker Engine is of the lab that .lab/test-lab tells of: region-athens, region-hurup\n' +
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

  /** All but what a run writes for itself: its logs, and what synth has said yes to. */
  const keptFiles = (site: Site): Record<string, string> =>
    Object.fromEntries(Object.entries(tree(site.file('.lab'))).filter(([name]) => !/logs|checked/.test(name)));

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
        stderr: onAnother(command),
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
        'the kind cluster region-athens is of the lab test-lab, of which .lab/ tells too\n' +
        'the kind cluster region-hurup is of the lab test-lab, of which .lab/ tells too\n' +
        '  put name: test-lab back into lab.yaml, and destroy that lab if this one shall have its regions; or give the region another name in lab.yaml\n',
    });
    expect(readFileSync(site.file('lab.yaml'), 'utf8')).toBe(before);
    expect((await site.run('destroy', '--yes')).stdout).toBe(
      '! .lab tells of a lab test-lab too; to destroy that one, give lab.yaml its name: test-lab\nnew-lab: nothing is there\n',
    );
    site.writeLab(twoRegions);
    expect((await site.run('destroy', '--yes')).exit).toBe(0);
    expect(tree(site.file('.lab'))).toEqual({});
  });
});

const orphaned = (command: string): string =>
  'region-athens, region-hurup: kind clusters whose docker network is gone, so that nobody can say whose they are\n' +
  `  if they are of this lab: kind delete clusters region-athens region-hurup, then ${command} again; ` +
  `if they are not, this lab's are gone: rm .lab/test-lab/made/region-athens .lab/test-lab/made/region-hurup, then ${command} again\n`;

describe('GIVEN a deployed lab whose network was removed under its stopped nodes, as docker network prune does', () => {
  it('WHEN it is destroyed, or another folder deploys a lab of that name THEN refused, and nobody gets its clusters', async () => {
    const site = copySite(living);
    site.bench.edit((world) => withoutNetwork(world));
    const before = tree(site.file('.lab'));

    const { exit, stderr } = await site.run('destroy', '--yes');

    expect({ exit, stderr }).toEqual({ exit: 2, stderr: orphaned('destroy') });
    // without clusters nothing is left to pause or to resume: what is told is how to have a lab again
    for (const command of ['pause', 'resume'] as const)
      expect(await site.run(command)).toMatchObject({ exit: 2, stderr: orphaned('deploy') });
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

describe('GIVEN orphaned clusters of a lab', () => {
  it('AND one in the middle of its creation WHEN it is destroyed THEN refused; the remedy leads out, and nothing is left', async () => {
    const site = copySite(living);
    const volume = `clustermesh-lab-creating-${ownerOf(site).id}-region-hurup`;
    site.bench.edit((world) => ({
      ...pruned(world),
      volumes: { [volume]: { labels: { 'clustermesh-lab.creating': 'region-hurup' } } },
    }));

    for (const options of [[], ['--yes'], ['--yes', '--region', 'region-athens']])
      expect(await refusal(site, 'destroy', ...options)).toEqual({ exit: 2, stderr: orphaned('destroy') });
    site.bench.edit((world) => ({ ...world, containers: {}, clusters: {} }));
    expect((await site.run('destroy', '--yes')).exit).toBe(0);
    expect(site.bench.state().volumes).toEqual({});
    expect(tree(site.file('.lab'))).toEqual({});
  });

  it('AND another region on a docker network of its own WHEN it is deployed or destroyed THEN refused all the same', async () => {
    const site = copySite(living);
    site.writeLab(elsewhereText);
    await site.synth();
    expect((await site.run('deploy', '--skip-test')).exit).toBe(0);
    site.bench.edit(pruned);

    expect(await refusal(site, 'deploy')).toEqual({ exit: 2, stderr: orphaned('deploy') });
    for (const options of [[], ['--region', 'region-athens']])
      expect(await refusal(site, 'destroy', '--yes', ...options)).toEqual({ exit: 2, stderr: orphaned('destroy') });
    // whoever says that they are another's goes on
    rmSync(site.file('.lab', 'test-lab', 'made', 'region-athens'));
    rmSync(site.file('.lab', 'test-lab', 'made', 'region-hurup'));
    expect((await site.run('destroy', '--yes')).exit).toBe(0);
    expect(Object.keys(site.bench.state().clusters).toSorted()).toEqual(['region-athens', 'region-hurup']);
  });

  it('WHEN another folder would make a network of that name for other regions THEN refused: they would count as its own', async () => {
    const site = copySite(living);
    site.bench.edit(pruned);
    const other = await makeNeighbour(site, 'name: test-lab\nregions: [{ name: region-x }]\n');

    expect(await refusal(other, 'deploy')).toEqual({
      exit: 2,
      stderr:
        'the docker network test-lab is gone, and region-athens, region-hurup were on it: nobody can say whose they are\n' +
        '  if they are of this lab: kind delete clusters region-athens region-hurup; else give network.name in lab.yaml another name\n',
    });
    expect(site.bench.state().networks['test-lab']).toBeUndefined();
  });
});

describe('GIVEN a folder whose `.lab/` is of a lab of another id', () => {
  it('WHEN that lab is gone, and another folder has made one of its name THEN --adopt drops what was of the first', async () => {
    const site = copySite(living);
    site.bench.edit((world) => ({ ...withoutNetwork(world), containers: {}, clusters: {} }));
    const other = await makeNeighbour(site);
    expect((await other.run('deploy', '--skip-test')).exit).toBe(0);

    const { exit, stderr } = await site.run('deploy', '--adopt', '--skip-test');
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    expect(ownerOf(site).id).toBe(ownerOf(other).id);
    const key = (at: Site): string => readFileSync(at.file('.lab', 'test-lab', 'ca', 'ca.key'), 'utf8');
    expect(key(site)).toBe(key(other));
    expect((await other.run('plan', '--skip-test')).stdout).toMatch(/\nnothing to do\n$/);
  });

  it('WHEN the lab is adopted to be destroyed THEN regions that the former one had made count for nothing', async () => {
    const site = copySite(living);
    put(site.file('.lab', 'test-lab', 'made', 'region-old'), '');
    const copy = await makeNeighbour(site);
    cpSync(site.file('.lab'), copy.file('.lab'), { recursive: true });
    expect((await site.run('destroy', '--yes')).exit).toBe(0);
    expect((await site.run('deploy', '--skip-test')).exit).toBe(0);
    // of somebody else, on the lab's network
    site.bench.edit((world) => {
      const [one] = Object.values(world.containers);
      if (one === undefined) throw new Error('no container to copy');
      const labels = { 'io.x-k8s.kind.cluster': 'region-old', 'io.x-k8s.kind.role': 'control-plane' };
      return { ...world, containers: { ...world.containers, 'region-old-control-plane': { ...one, labels } } };
    });

    expect(await refusal(copy, 'destroy', '--adopt', '--yes')).toEqual({
      exit: 2,
      stderr:
        "the lab's docker network holds what this lab did not make, and cannot go before:\n" +
        '  the kind cluster region-old; to remove it: kind delete cluster --name region-old\n',
    });
    expect(Object.keys(site.bench.state().containers)).toContain('region-old-control-plane');
  });
});

describe('GIVEN a deployed lab whose `owner` is damaged, and another network.name in lab.yaml', () => {
  it('WHEN it is deployed THEN the network that it lives on is named, and the remedy leads back', async () => {
    const site = copySite(living);
    put(site.file('.lab', 'test-lab', 'owner'), '');
    site.writeLab(elsewhereText);
    await site.synth();

    for (const options of [[], ['--adopt']])
      expect(await refusal(site, 'deploy', ...options)).toEqual({ exit: 2, stderr: onAnother('deploy') });
    site.writeLab(twoRegions);
    await site.synth();
    expect((await site.run('deploy', '--adopt', '--skip-test')).exit).toBe(0);
    expect((await site.run('destroy', '--yes')).exit).toBe(0);
    expect(site.bench.state()).toMatchObject({ clusters: {}, containers: {} });
  });
});

describe('GIVEN a Docker Engine that tells no id', () => {
  it('WHEN a deploy ends before its network is there THEN the next one goes on', async () => {
    const stderr = 'Error response from daemon: something\n';
    const site = copySite(living, { faults: [{ tool: 'docker', match: 'network create', times: 1, exit: 1, stderr }] });
    rmSync(site.file('.lab'), { recursive: true });
    site.bench.edit((world) => ({ ...withoutNetwork(world), containers: {}, clusters: {}, engine: '' }) as World);

    expect((await site.run('deploy', '--skip-test')).exit).toBe(1);
    expect((await site.run('deploy', '--skip-test')).exit).toBe(0);
    expect((await site.run('destroy', '--yes')).exit).toBe(0);
    expect(tree(site.file('.lab'))).toEqual({});
  });
});
