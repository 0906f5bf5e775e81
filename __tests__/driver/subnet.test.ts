import { appendFileSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changes } from './calls.ts';
import { copySite, makeSite, routesOf, type Site, twoRegions } from './drive.ts';

const commented = `# our lab\n${twoRegions}network:\n  subnet: 172.19.0.0/16 # that of the article\n`;
const taker = { name: 'other', subnet: '172.19.0.0/16', gateway: '172.19.0.1' };

let taken: Site;
beforeAll(async () => {
  taken = await makeSite(commented, { machine: { docker: { networks: [taker] } } });
});
afterAll(() => {
  taken.dispose();
});

const cause = 'lab.yaml: network.subnet 172.19.0.0/16 is taken by the docker network other (172.19.0.0/16)';

describe('GIVEN a subnet that another docker network holds', () => {
  it('WHEN it is deployed without a terminal THEN the taker is named, and a free subnet', async () => {
    const { exit, stderr } = await taken.run('deploy');
    expect({ exit, stderr }).toEqual({
      exit: 2,
      stderr: `${cause}.\n  172.31.0.0/16 is free: put it into network.subnet of lab.yaml, or let deploy do it: npm run deploy -- --yes\n`,
    });
    expect(changes(taken)).toEqual([]);
    expect(readFileSync(taken.file('lab.yaml'), 'utf8')).toBe(commented + taken.sources);
  });

  it('WHEN it is deployed with options THEN the line that lets deploy do it has them too', async () => {
    const { exit, stderr } = await taken.run('deploy', '--region', 'region-hurup', '--skip-test');
    expect({ exit, stderr }).toEqual({
      exit: 2,
      stderr: `${cause}.\n  172.31.0.0/16 is free: put it into network.subnet of lab.yaml, or let deploy do it: npm run deploy -- --region region-hurup --skip-test --yes\n`,
    });
  });

  it('WHEN it is planned THEN the same is told', async () => {
    const { exit, stderr } = await taken.run('plan');
    expect({ exit, stderr }).toEqual({
      exit: 2,
      stderr: `${cause}; 172.31.0.0/16 is free: npm run deploy proposes it\n`,
    });
  });

  it('WHEN it is deployed with --yes THEN lab.yaml gets the free one, comments kept, and the lab is built there', async () => {
    const site = copySite(taken);
    const { exit, stdout } = await site.run('deploy', '--yes');

    expect(exit).toBe(0);
    expect(stdout).toContain(`! ${cause}; lab.yaml now says 172.31.0.0/16\n`);
    expect(readFileSync(site.file('lab.yaml'), 'utf8')).toBe(commented.replace('172.19', '172.31') + site.sources);
    const { networks, containers, clusters } = site.bench.state();
    expect(networks['test-lab']?.config.map(({ Subnet }) => Subnet)).toEqual(['172.31.0.0/16']);
    expect(containers['region-athens-worker']?.ip).toMatch(/^172\.31\.0\./);
    expect(clusters['region-hurup']?.addresses['kube-system/hubble-ui']).toBe('172.31.255.101');
  });

  it('WHEN a pool that lab.yaml gives lies in the old subnet THEN --yes is refused, and lab.yaml stays', async () => {
    const site = copySite(taken);
    const given = commented.replace('region-hurup,', 'region-hurup, pool: 172.19.255.150-172.19.255.160,');
    site.writeLab(given);
    await site.synth();
    const { exit, stderr } = await site.run('deploy', '--yes');

    expect(exit).toBe(2);
    expect(stderr).toContain('172.19.255.150-172.19.255.160');
    expect(readFileSync(site.file('lab.yaml'), 'utf8')).toBe(given + site.sources);
    expect(changes(site)).toEqual([]);
  });
});

describe('GIVEN a subnet that a route of this machine covers', () => {
  it('WHEN it is deployed THEN the route is named', async () => {
    const site = copySite(taken, { machine: { docker: {} } });
    site.writeLab(twoRegions);
    await site.synth();
    // 172.16.0.0/12 by a VPN, as the kernel writes it
    appendFileSync(routesOf(site.bench), 'tun0\t000010AC\t00000000\t0001\t0\t0\t0\t0000F0FF\t0\t0\t0\n');
    const { exit, stderr } = await site.run('deploy');
    expect({ exit, stderr }).toEqual({
      exit: 2,
      stderr:
        'lab.yaml: network.subnet 172.19.0.0/16 is taken by a route of this machine (172.16.0.0/12 by tun0).\n' +
        '  192.168.0.0/16 is free: put it into network.subnet of lab.yaml, or let deploy do it: npm run deploy -- --yes\n',
    });
  });
});
