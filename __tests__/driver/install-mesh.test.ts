import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changes, find } from './calls.ts';
import {
  copySite,
  makeDeployedSite,
  makeSite,
  parseEvents,
  running,
  type Site,
  twoRegions,
  untilHanging,
} from './drive.ts';
import { endState, links } from './world.ts';

const install = `${twoRegions}mesh: { method: install }\n`;
const meshed = { 'region-athens': ['region-hurup'], 'region-hurup': ['region-athens'] };

describe('GIVEN mesh.method: install', () => {
  let site: Site;
  beforeAll(async () => {
    site = await makeDeployedSite(install);
  });
  afterAll(() => {
    site.dispose();
  });

  it('THEN the mesh comes with the Helm install: no enable, no connect, one upgrade a region', () => {
    expect(links(site.bench.state())).toEqual(meshed);
    expect(find(changes(site), 'cilium', 'clustermesh')).toEqual([]);
    expect(find(changes(site), 'helm', 'upgrade')).toHaveLength(2);
  });

  it('THEN a plan says why there is nothing to enable or to connect', async () => {
    const { exit, stdout } = await site.run('plan');
    expect(exit).toBe(0);
    const part = 'part of the Helm install (mesh.method: install)';
    const lines = stdout.split('\n');
    expect(lines.filter((line) => line.includes(' enable '))).toEqual([
      `= enable    region-athens  skip  ${part}`,
      `= enable    region-hurup   skip  ${part}`,
    ]);
    expect(lines.slice(18)).toEqual([
      '= ready     region-athens  skip  Cilium is up',
      '= ready     region-hurup   skip  Cilium is up',
      '= connect   lab            skip  part of the Helm install (mesh.method: install)',
      '= paths     lab            skip  tried, and nothing changed since',
      '= scenario  region-athens  skip  none in lab.yaml',
      '= scenario  region-hurup   skip  none in lab.yaml',
      '= test      lab            skip  passed, and nothing changed since',
      '+ verify    lab            run   at the end of every deploy',
      '',
      'nothing to do',
      '',
    ]);
  });

  it('WHEN a region is added THEN the values of the others change, and no other step of theirs runs', async () => {
    const other = copySite(site);
    other.writeLab(`${twoRegions}  - { name: region-kyoto, workers: 1 }\nmesh: { method: install }\n`);
    await other.synth();
    const { exit, events } = await other.events('deploy', '--skip-test');

    expect(exit).toBe(0);
    expect(running(events).filter((id) => !id.startsWith('region-kyoto/'))).toEqual([
      ...['image', 'region-athens/cilium', 'region-hurup/cilium', 'region-athens/ready', 'region-hurup/ready'],
    ]);
    expect(find(changes(other), 'cilium', 'clustermesh')).toEqual([]);
    expect(links(other.bench.state())).toEqual({
      'region-athens': ['region-hurup', 'region-kyoto'],
      'region-hurup': ['region-athens', 'region-kyoto'],
      'region-kyoto': ['region-athens', 'region-hurup'],
    });
  });

  it('WHEN the driver is killed in the middle of the install THEN the next deploy ends the same', async () => {
    const killed = await makeSite(install, {
      faults: [
        { tool: 'helm', match: 'region-hurup/cilium-values.yaml', times: 1, hangSeconds: 120, spawnGrandchild: true },
      ],
    });
    try {
      const deploy = killed.start('deploy');
      await untilHanging(killed);
      deploy.kill('SIGKILL');
      await deploy;
      expect((await killed.run('deploy')).exit).toBe(0);
      expect(endState(killed.bench.state())).toEqual(endState(site.bench.state()));
    } finally {
      killed.dispose();
    }
  });
});

describe('GIVEN mesh.method: install, and a region that fails', () => {
  it('WHEN it is deployed THEN the other does not wait for links that cannot come, and the next deploy ends', async () => {
    const site = await makeSite(install, {
      faults: [
        { tool: 'helm', match: 'region-hurup/cilium-values.yaml', times: 1, hangSeconds: 120, spawnGrandchild: true },
      ],
    });
    try {
      const deploy = site.start('deploy', '--skip-test', '--output', 'json');
      const { pid, grandchild } = await untilHanging(site);
      const isAthensWaiting = (): boolean => find(site.bench.calls(), 'cilium', 'clustermesh status').length > 2;
      while (!isAthensWaiting()) await sleep(50);
      for (const left of [pid, grandchild]) process.kill(left ?? 0, 'SIGKILL');
      const { exitCode: exit, stdout } = await deploy;
      const events = parseEvents(stdout);

      expect(exit).toBe(1);
      const failed = events.flatMap((event) =>
        event.event === 'step-failed' ? [`${event.region ?? 'lab'}/${event.step}: ${event.failure.reason}`] : [],
      );
      expect(failed.toSorted()).toEqual([
        'region-athens/ready: no links to region-hurup: a step failed in this run, and nothing more is done there',
        'region-hurup/cilium: killed by a signal',
      ]);
      expect(await site.run('deploy', '--skip-test')).toMatchObject({ exit: 0, stderr: '' });
      expect(links(site.bench.state())).toEqual(meshed);
    } finally {
      site.dispose();
    }
  });
});

describe('GIVEN a Cilium CLI that can connect all regions at once', () => {
  it('THEN one call does', async () => {
    const pinned = `${twoRegions}  - { name: region-kyoto, workers: 1 }\nversions: { ciliumCli: v0.16.20 }\n`;
    const site = await makeDeployedSite(pinned, { machine: { versions: { cilium: 'v0.16.20' } } });
    try {
      const calls = find(changes(site), 'cilium', 'clustermesh connect').map(({ args }) => args.join(' '));
      expect(calls).toEqual([
        'clustermesh connect --context kind-region-athens --connection-mode mesh --destination-context kind-region-hurup,kind-region-kyoto --parallel 3',
      ]);
      expect(links(site.bench.state())['region-kyoto']).toEqual(['region-athens', 'region-hurup']);
    } finally {
      site.dispose();
    }
  });
});
