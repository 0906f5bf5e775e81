import { rmSync, symlinkSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mark } from '../../lab/own-place.ts';
import type { World } from '../stand-ins/lab-bench.ts';
import { changes } from './calls.ts';
import { copySite, makeDeployedSite, makeSite, put, type Site, tree, twoRegions } from './drive.ts';
import { endState } from './world.ts';

let living: Site;
beforeAll(async () => {
  living = await makeDeployedSite();
});
afterAll(() => {
  living.dispose();
});

/** Deploy answers exactly this with exit 2, and neither the machine nor the lab's YAML changes. */
async function expectRefusal(site: Site, text: string, ...options: string[]): Promise<void> {
  const before = [endState(site.bench.state()), tree(site.file('dist')), changes(site).length];
  const { exit, stderr } = await site.run('deploy', ...options);
  expect({ exit, stderr: site.plain(stderr) }).toEqual({ exit: 2, stderr: text });
  expect([endState(site.bench.state()), tree(site.file('dist')), changes(site).length]).toEqual(before);
}

const inPlace = (region: string, otherwise = 'put it back'): string =>
  `  this cannot be changed in place: npm run destroy -- --region ${region}, then deploy again; or ${otherwise}\n`;

describe('GIVEN something of others under a name of the lab WHEN it is deployed', () => {
  it('THEN a docker network that is not its own is refused', async () => {
    const machine = { docker: { networks: [{ name: 'test-lab', subnet: '172.19.0.0/16' }] } };
    const site = await makeSite(undefined, { machine });
    try {
      const remedy = '  give network.name in lab.yaml another name, or remove it: docker network rm test-lab\n';
      await expectRefusal(site, `the docker network test-lab was not made by this lab\n${remedy}`);

      const labels = { 'clustermesh-lab': 'lab-of-anna' };
      site.bench.setMachine({ docker: { networks: [{ name: 'test-lab', subnet: '172.19.0.0/16', labels }] } });
      await expectRefusal(
        site,
        `the docker network test-lab belongs to the lab lab-of-anna\n  give network.name in lab.yaml another name\n`,
      );
    } finally {
      site.dispose();
    }
  });

  it("THEN a kind cluster of a region's name on another network is refused", async () => {
    const site = copySite(living);
    site.bench.edit((world) => onNetwork(world, 'region-hurup', 'kind'));
    await expectRefusal(
      site,
      'a kind cluster region-hurup exists on the docker network kind, and this lab did not make it\n' +
        '  give the region another name in lab.yaml, or remove the cluster: kind delete cluster --name region-hurup\n',
    );
  });
});

describe('GIVEN a deployed lab WHEN lab.yaml says something else that a cluster keeps for its life', () => {
  it.each([
    ['podSubnet', 'podSubnet: 10.8.0.0/16', 'podSubnet 10.2.0.0/16', '10.8.0.0/16', 'podSubnet: 10.2.0.0/16'],
    [
      'serviceSubnet',
      'serviceSubnet: 10.9.0.0/16',
      'serviceSubnet 10.3.0.0/16',
      '10.9.0.0/16',
      'serviceSubnet: 10.3.0.0/16',
    ],
    ['id', 'id: 7', 'cluster id 2', '7', 'id: 2'],
  ])('THEN another %s is refused, with the line that keeps what lives', async (_, given, has, wanted, line) => {
    const site = copySite(living);
    site.writeLab(twoRegions.replace('name: region-hurup,', `name: region-hurup, ${given},`));
    await site.synth();
    await expectRefusal(
      site,
      `region-hurup lives with ${has}, lab.yaml says ${wanted}\n` +
        inPlace('region-hurup', `keep what lives: give region-hurup in lab.yaml\n    ${line}`),
    );
  });

  it('THEN another subnet and fewer nodes are told at once', async () => {
    const site = copySite(living);
    const other = twoRegions.replace('name: region-athens, workers: 1', 'name: region-athens, workers: 0');
    site.writeLab(`${other}network: { subnet: 172.28.0.0/16 }\n`);
    await site.synth();
    await expectRefusal(
      site,
      'the docker network test-lab is 172.19.0.0/16 (nodes 172.19.0.0/17), lab.yaml says 172.28.0.0/16 (nodes 172.28.0.0/17)\n' +
        '  a network cannot be changed in place: npm run destroy, then deploy again; or put network.subnet back\n' +
        'region-athens lives with nodes 2, lab.yaml says 1\n' +
        inPlace('region-athens'),
    );
    const { exit, stderr } = await site.run('plan', '--region', 'region-hurup');
    expect(exit).toBe(2);
    expect(stderr).not.toContain('region-athens');
  });
});

describe('GIVEN a region whose API server does not answer WHEN it is deployed', () => {
  it('THEN it is waited for, AND named with what to look at', async () => {
    const site = copySite(living);
    // another certificate authority: nothing that the lab's kubeconfig can trust
    site.bench.edit((world) => {
      const cluster = { ...world.clusters['region-hurup'], ca: 'b3RoZXI=' } as unknown as World['clusters'][string];
      return { ...world, clusters: { ...world.clusters, 'region-hurup': cluster } };
    });
    const before = endState(site.bench.state());
    const { exit, events } = await site.events('deploy', '--timeout', '1');

    expect(exit).toBe(1);
    expect(events.find(({ event }) => event === 'step-failed')).toMatchObject({
      failure: {
        reason: 'the API server of region-hurup does not answer',
        remedy:
          'docker logs region-hurup-control-plane; if it does not come back: npm run destroy -- --region region-hurup, then deploy again',
      },
    });
    expect(endState(site.bench.state())).toEqual(before);
    const { stdout } = await site.run('status');
    expect(stdout).toContain('\nregion-hurup   unreachable\n');
  });
});

describe('GIVEN a user who errs WHEN it is deployed', () => {
  it('THEN a region that lab.yaml has not is refused, by every command', async () => {
    const text = '--region region-atens: no such region in test-lab. It has region-athens, region-hurup.\n';
    await expectRefusal(living, text, '--region', 'region-atens');
    expect((await living.run('plan', '--region', 'region-atens')).stderr).toBe(text);
    expect((await living.run('destroy', '--yes', '--region', 'region-atens')).stderr).toBe(text);
  });

  it('THEN an unknown option and a bad value are refused', async () => {
    await expectRefusal(
      living,
      "error: unknown option '--concurency'\n(Did you mean --concurrency?)\nnpx clustermesh-lab deploy --help lists all.\n",
      '--concurency',
      '2',
    );
    await expectRefusal(
      living,
      "error: option '--timeout <seconds>' argument '0' is invalid. It must be a whole number from 1 to 86400 (a day).\nnpx clustermesh-lab deploy --help lists all.\n",
      ...['--timeout', '0'],
    );
  });

  it('THEN all errors of lab.yaml come at once, with their places', async () => {
    const site = copySite(living);
    site.writeLab(twoRegions.replace('region-hurup, workers', 'region_hurup, wrokers'));
    await expectRefusal(
      site,
      'lab.yaml:4:7  region_hurup is not a name that kind and Cilium accept. Use a-z, 0-9 and dashes, no dash at an end, such as region-a.\n' +
        'lab.yaml:4:27  wrokers is not a key of regions[1]. Did you mean workers?\n',
    );
  });

  it('THEN a lab file that is not there is named', async () => {
    const text = 'labs.yaml  There is no such file. Create it, or name another with --lab FILE.\n';
    await expectRefusal(living, text, '--lab', 'labs.yaml');
  });

  it('THEN a dist/ that is not what lab.yaml says is refused, with what differs', async () => {
    const site = copySite(living);
    site.writeLab(twoRegions.replace('region-hurup, workers: 1', 'region-hurup, workers: 2'));
    await expectRefusal(
      site,
      'dist/ is not what synth would write:\n  would change region-hurup/kind.yaml\n' +
        'Review what changes: npm run synth && git diff dist\n',
    );
  });

  it.each(['logs', 'made', 'kubeconfig', 'applied', 'applied.new'])(
    'THEN .lab/NAME/%s that is a link is refused, and nothing behind it is touched',
    async (name) => {
      const site = copySite(living);
      put(site.file('mine', 'region-athens'), 'mine');
      put(site.file('mine', '.clustermesh-lab'), mark('state'));
      const before = tree(site.file('mine'));
      const link = site.file('.lab', 'test-lab', name);
      rmSync(link, { recursive: true, force: true });
      symlinkSync(site.file('mine'), link);

      await expectRefusal(
        site,
        `LAB/.lab/test-lab/${name} is a symbolic link, and what a deploy keeps there would lie elsewhere. ` +
          `Remove it: rm LAB/.lab/test-lab/${name}. Nothing was touched.\n`,
      );
      expect(tree(site.file('mine'))).toEqual(before);
    },
  );
});

function onNetwork(world: World, cluster: string, network: string): World {
  const containers = Object.entries(world.containers).map(([name, container]) => [
    ...[name, name.startsWith(cluster) ? { ...container, network } : container],
  ]);
  // that network is somebody's, where there is none yet
  const { bridge, [network]: there = bridge && { ...bridge, id: 'f'.repeat(64) } } = world.networks;
  const networks = there === undefined ? world.networks : { ...world.networks, [network]: there };
  return { ...world, networks, containers: Object.fromEntries(containers) as World['containers'] };
}
