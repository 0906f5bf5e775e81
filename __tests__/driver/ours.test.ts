import { cpSync, readFileSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { World } from '../stand-ins/lab-bench.ts';
import { changes } from './calls.ts';
import { copySite, makeDeployedSite, makeNeighbour, makeSite, type Site, twoRegions, untilHanging } from './drive.ts';
import { endState } from './world.ts';

let living: Site;
beforeAll(async () => {
  living = await makeDeployedSite();
});
afterAll(() => {
  living.dispose();
});

const refused = (command: 'deploy' | 'destroy', options = ''): string =>
  'the docker network test-lab was made by a lab test-lab of another folder or user\n' +
  '  give name or network.name in lab.yaml another value; if that lab is yours (the folder was moved or copied, or lost its .lab/), ' +
  `take it over: npm run ${command} -- --adopt${options}\n`;

/** The command is refused with this text, and nothing on the machine is changed. */
async function expectRefused(site: Site, world: Site, text: string, ...line: ['deploy' | 'destroy', ...string[]]) {
  const before = [endState(world.bench.state()), changes(world).length];
  const [command, ...options] = line;
  const { exit, stderr } = await site.run(command, ...options);
  expect({ exit, stderr }).toEqual({ exit: 2, stderr: text });
  expect([endState(world.bench.state()), changes(world).length]).toEqual(before);
}

const readOwner = (site: Site): { id: string } =>
  JSON.parse(readFileSync(site.file('.lab', 'test-lab', 'owner'), 'utf8')) as { id: string };

const labelsOf = (world: World): Record<string, string> | undefined => world.networks['test-lab']?.labels;

describe('GIVEN a deployed lab WHEN one looks at Docker', () => {
  it('THEN its network names the lab and the owner that its folder keeps', () => {
    expect(readOwner(living).id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(labelsOf(living.bench.state())).toEqual({
      'clustermesh-lab': 'test-lab',
      'clustermesh-lab.owner': readOwner(living).id,
    });
  });

  it('THEN no lock is left there', () => {
    expect(living.bench.state().volumes).toEqual({});
  });
});

describe('GIVEN a deployed lab WHEN another clone works on the same Docker, with another HOME', () => {
  it('THEN its deploy and destroy are refused, and nothing is touched', async () => {
    const site = copySite(living);
    const clone = await makeNeighbour(site);

    await expectRefused(clone, site, refused('deploy'), 'deploy');
    await expectRefused(clone, site, refused('destroy'), 'destroy', '--yes');
    await expectRefused(
      clone,
      site,
      refused('destroy', ' --region region-athens'),
      'destroy',
      '--yes',
      '--region',
      'region-athens',
    );
  });

  it('THEN its plan is refused, its status says whose it is, and the first folder goes on', async () => {
    const site = copySite(living);
    const clone = await makeNeighbour(site);

    expect((await clone.run('plan')).stderr).toBe(refused('deploy'));
    expect((await clone.run('status')).stdout).toMatch(
      /^test-lab: docker network test-lab is another lab folder's\n[^]*\nregion-athens +not ours\n/,
    );
    expect((await site.run('deploy')).exit).toBe(0);
  });

  it('THEN a copy of the folder is another owner: its deploy is refused, under another name it is refused until the copied .lab/ is gone, then stops at the regions', async () => {
    const site = copySite(living);
    const copy = await makeNeighbour(site);
    cpSync(site.file('.lab'), copy.file('.lab'), { recursive: true });

    await expectRefused(copy, site, refused('deploy'), 'deploy');
    copy.writeLab(`${twoRegions}network: { name: other, subnet: 172.28.0.0/16 }\n`);
    await copy.synth();
    const region = (name: string): string =>
      `a kind cluster ${name} exists on the docker network test-lab, and this lab did not make it\n`;
    const remedy = '  give the region another name in lab.yaml\n';
    const copied =
      'a lab test-lab lives on the docker network test-lab, .lab/test-lab did not come about in this folder or is damaged, and lab.yaml says other\n' +
      '  if that lab is yours (the folder was moved), put network.name back and take it over: npm run deploy -- --adopt; ' +
      'if .lab/test-lab is a copy, remove it: rm -r .lab/test-lab\n';
    await expectRefused(copy, site, copied, 'deploy');
    rmSync(copy.file('.lab', 'test-lab'), { recursive: true });
    await expectRefused(copy, site, region('region-athens') + region('region-hurup') + remedy, 'deploy');
    expect((await copy.run('destroy', '--yes')).stdout).toBe('test-lab: nothing is there\n');
    expect(Object.keys(site.bench.state().clusters).toSorted()).toEqual(['region-athens', 'region-hurup']);
  });

  it('THEN --adopt takes the lab over, and the first folder may go on too', async () => {
    const site = copySite(living);
    const clone = await makeNeighbour(site);
    const { exit, stdout } = await clone.run('deploy', '--adopt', '--skip-test');

    expect(exit).toBe(0);
    expect(stdout).toContain('! this folder takes over the lab of the docker network test-lab\n');
    expect(stdout).toMatch(/\ndone in .*: 4 steps run, 22 skipped\n/);
    expect(readOwner(clone).id).toBe(readOwner(site).id);
    expect((await clone.run('destroy', '--yes')).exit).toBe(0);
    expect(endState(site.bench.state())).toMatchObject({ clusters: {}, containers: {} });
  });

  it('THEN `destroy --adopt` removes it', async () => {
    const site = copySite(living);
    const clone = await makeNeighbour(site);

    expect((await clone.run('destroy', '--adopt', '--yes')).exit).toBe(0);
    expect(Object.keys(site.bench.state().networks)).not.toContain('test-lab');
    expect(site.bench.state().clusters).toEqual({});
  });
});

describe('GIVEN a copy of the folder with its .lab/ WHEN --adopt is refused, or nobody says yes', () => {
  const stays = (site: Site): Promise<void> => expectRefused(site, site, refused('destroy'), 'destroy', '--yes');

  it('THEN the deploy has taken over nothing: a destroy without --adopt is refused as before', async () => {
    const site = copySite(living);
    const copy = await makeNeighbour(site);
    cpSync(site.file('.lab'), copy.file('.lab'), { recursive: true });
    const before = readOwner(copy);
    copy.writeLab(twoRegions.replace('region-hurup, workers: 1', 'region-hurup, workers: 2'));

    const { exit, stdout, stderr } = await copy.run('deploy', '--adopt');
    expect(exit).toBe(2);
    expect(stderr).toMatch(/^dist\/ is not what synth would write:\n/);
    expect(stdout).not.toContain('takes over');
    expect(readOwner(copy)).toEqual(before);
    await stays(copy);
  });

  it('THEN a destroy that was not confirmed has taken over nothing', async () => {
    const site = copySite(living);
    const copy = await makeNeighbour(site);
    cpSync(site.file('.lab'), copy.file('.lab'), { recursive: true });
    const before = readOwner(copy);

    expect(await copy.run('destroy', '--adopt')).toEqual({
      exit: 2,
      stdout: '',
      stderr: 'test-lab stays as it is. To remove it: npm run destroy -- --adopt --yes\n',
    });
    expect(readOwner(copy)).toEqual(before);
    await stays(copy);
  });
});

describe('GIVEN a copy of the folder with its .lab/, and the lab of the first destroyed since', () => {
  it('WHEN it is deployed THEN it is a lab of its own, with a CA of its own, and goes as one', async () => {
    const site = copySite(living);
    const copy = await makeNeighbour(site);
    cpSync(site.file('.lab'), copy.file('.lab'), { recursive: true });
    const keyOf = (at: Site): string => readFileSync(at.file('.lab', 'test-lab', 'ca', 'ca.key'), 'utf8');
    const [key, { id }] = [keyOf(site), readOwner(site)];
    expect((await site.run('destroy', '--yes')).exit).toBe(0);

    const { exit, stdout, stderr } = await copy.run('deploy', '--skip-test');
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    expect(stdout).toMatch(/fetch +✓/);
    expect(keyOf(copy)).not.toBe(key);
    expect(readOwner(copy).id).not.toBe(id);
    expect((await copy.run('plan', '--skip-test')).stdout).toMatch(/\nnothing to do\n$/);
    expect((await copy.run('destroy', '--yes')).exit).toBe(0);
    expect(site.bench.state()).toMatchObject({ clusters: {}, containers: {}, volumes: {} });
  });
});

describe('GIVEN a clone that is in the middle of `kind create`', () => {
  it('WHEN another one deploys or destroys, adopting or not THEN it is refused, and nothing is taken from the first', async () => {
    const site = await makeSite(undefined, {
      faults: [
        {
          tool: 'kind',
          match: 'create cluster --name region-athens',
          times: 1,
          hangSeconds: 120,
          spawnGrandchild: true,
        },
      ],
    });
    const clone = await makeNeighbour(site);
    const deploy = site.start('deploy', '--skip-test');
    await untilHanging(site);
    const held = new RegExp(
      `^another run works on this lab: deploy in .*, process ${deploy.pid ?? 0} of \\S+ on \\S+, since 20\\S+Z\\n` +
        `  wait for it, or stop it: kill ${deploy.pid ?? 0}\\n$`,
    );
    const answers = await Promise.all([
      clone.run('deploy'),
      clone.run('deploy', '--adopt'),
      clone.run('destroy', '--yes'),
      clone.run('destroy', '--yes', '--adopt'),
    ]);
    for (const { exit, stdout, stderr } of answers) {
      expect({ exit, stdout }).toEqual({ exit: 1, stdout: '' });
      expect(stderr).toMatch(held);
    }
    const verbs = changes(site).map(({ tool, args }) => `${tool} ${args.slice(0, 2).join(' ')}`);
    expect(verbs.filter((verb) => /^(docker network|kind (create|delete))/.test(verb)).toSorted()).toEqual([
      'docker network create',
      'kind create cluster',
      'kind create cluster',
    ]);
    deploy.kill('SIGINT');
    await deploy;
    site.dispose();
  });
});

describe('GIVEN two clones that deploy at the same moment', () => {
  it('THEN one builds the lab, and the other is refused', async () => {
    const site = await makeSite();
    const clone = await makeNeighbour(site);
    const answers = await Promise.all([site.run('deploy', '--skip-test'), clone.run('deploy', '--skip-test')]);

    expect(answers.map(({ exit }) => exit).toSorted()).toEqual([0, 1]);
    expect(changes(site).filter(({ args }) => args.join(' ').startsWith('network create'))).toHaveLength(1);
    expect(changes(site).filter(({ args }) => args.join(' ').startsWith('create cluster'))).toHaveLength(2);
    expect(site.bench.state().volumes).toEqual({});
    site.dispose();
  });
});

describe('GIVEN a lab whose .lab/ is gone, and an API server that does not answer', () => {
  const silent = {
    tool: 'kubectl',
    match: 'kind-region-athens get --all-namespaces nodes',
    times: 999,
    exit: 1,
  } as const;
  const stderr = 'The connection to the server 127.0.0.1:31000 was refused - did you specify the right host or port?\n';

  it('WHEN it is deployed THEN it is refused, and nothing is deleted; adopted too', async () => {
    const site = copySite(living, { faults: [{ ...silent, stderr }] });
    rmSync(site.file('.lab'), { recursive: true });

    await expectRefused(site, site, refused('deploy'), 'deploy');
    const text =
      'the API server of region-athens does not answer\n' +
      '  docker logs region-athens-control-plane; if it does not come back: npm run destroy -- --adopt --region region-athens, then deploy again\n';
    await expectRefused(site, site, text, 'deploy', '--adopt', '--timeout', '2');
  });

  it('WHEN it answers after a while, as after a restart of Docker THEN the deploy has waited for it, and said so', async () => {
    const site = copySite(living, { faults: [{ ...silent, times: 1, stderr }] });
    const { exit, stdout } = await site.run('deploy', '--skip-test');

    expect(exit).toBe(0);
    expect(stdout).toContain('! region-athens not up yet: waits for what was there, then looks again\n');
    const since = changes(site).slice(changes(living).length);
    expect(since.map(({ tool, args }) => [tool, args[0]])).toEqual([
      ['cilium', 'status'],
      ['cilium', 'status'],
    ]);
  });
});

describe('GIVEN a network of the lab that an earlier version made, without an owner', () => {
  it('WHEN it is deployed THEN it counts as that of another; --adopt takes it over', async () => {
    const site = copySite(living);
    site.bench.edit((world) => {
      const network = world.networks['test-lab'];
      if (network === undefined) throw new Error('no network');
      const old = { ...network, labels: { 'clustermesh-lab': 'test-lab' } };
      return { ...world, networks: { ...world.networks, 'test-lab': old } };
    });

    await expectRefused(site, site, refused('deploy'), 'deploy');
    expect((await site.run('deploy', '--adopt')).exit).toBe(0);
    expect((await site.run('deploy')).exit).toBe(0);
    expect((await site.run('destroy', '--yes')).exit).toBe(0);
    expect(Object.keys(site.bench.state().networks)).not.toContain('test-lab');
  });
});
