import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Holder } from '../../scripts/run/lock.ts';
import { thisMachine } from '../../scripts/tools/machine.ts';
import { identityOf } from '../../scripts/tools/process-start.ts';
import { changes } from './calls.ts';
import { copySite, makeDeployedSite, makeNeighbour, makeSite, type Site, twoRegions, untilHanging } from './drive.ts';

let empty: Site;
beforeAll(async () => {
  empty = await makeSite();
});
afterAll(() => {
  empty.dispose();
});

const hang = { tool: 'kind', match: 'create cluster', times: 2, hangSeconds: 120, spawnGrandchild: true } as const;
const volume = 'clustermesh-lab-lock-test-lab';

/** As if that run had taken a lock, by default that of the lab's network. */
function lockedBy(site: Site, changed: Partial<Holder>, name = volume): void {
  const ticket: Holder & { token: string } = {
    ...{ token: 'a-token', command: 'deploy', folder: '/home/anna/lab', user: 'anna', machine: thisMachine() },
    ...{ pid: process.pid, process: identityOf(process.pid), since: '2026-11-24T21:30:05.000Z' },
    ...changed,
  };
  site.bench.edit((world) => ({
    ...world,
    volumes: { [name]: { labels: { 'clustermesh-lab.lock': JSON.stringify(ticket) } } },
  }));
}

describe('GIVEN a run that works on the lab, on a machine without ps', () => {
  it('WHEN a second one starts THEN it is refused and names the first; plan and status need no lock', async () => {
    const site = copySite(empty, { faults: [hang] });
    const bin = site.file('..', 'bin');
    mkdirSync(bin);
    for (const tool of ['docker', 'kind', 'helm', 'kubectl', 'cilium'])
      symlinkSync(join(site.bench.programs, tool), join(bin, tool));
    symlinkSync(process.execPath, join(bin, 'node'));
    symlinkSync('/usr/bin/env', join(bin, 'env'));
    Object.assign(site.bench.env, { PATH: bin });

    const deploy = site.start('deploy');
    await untilHanging(site);
    for (const [command, ...options] of [['deploy'], ['destroy', '--yes']] as ['deploy' | 'destroy', ...string[]][]) {
      const { exit, stdout, stderr } = await site.run(command, ...options);
      expect({ exit, stdout }).toEqual({ exit: 1, stdout: '' });
      expect(site.plain(stderr)).toMatch(
        /^another run works on this lab: deploy in LAB, process \d+ of \S+ on \S+, since \S+Z\n/,
      );
      expect(stderr).toMatch(new RegExp(`\\n {2}wait for it, or stop it: kill ${deploy.pid ?? 0}\\n$`));
    }
    expect((await site.run('plan')).exit).toBe(0);
    expect((await site.run('status')).exit).toBe(0);
    deploy.kill('SIGINT');
    await deploy;
    expect(Object.keys(site.bench.state().volumes).filter((name) => name.includes('-lock-'))).toEqual([]);
  });

  it('WHEN lab.yaml names another network meanwhile THEN the folder is locked all the same', async () => {
    const site = copySite(empty, { faults: [hang] });
    const deploy = site.start('deploy');
    await untilHanging(site);
    site.writeLab(
      'name: test-lab\nregions: [{ name: region-athens }]\nnetwork: { name: other, subnet: 172.28.0.0/16 }\n',
    );
    const { exit, stderr } = await site.run('destroy', '--yes');
    expect(exit).toBe(1);
    expect(stderr).toContain(`wait for it, or stop it: kill ${deploy.pid ?? 0}\n`);
    deploy.kill('SIGINT');
    await deploy;
  });
});

describe('GIVEN a lock that was left behind', () => {
  it.each<{ by: string; changed: Partial<Holder> }>([
    {
      by: 'a process that is gone',
      changed: { process: { pid: 2 ** 22 + 1, start: '1', boot: identityOf(process.pid)?.boot ?? '' } },
    },
    {
      by: 'a process whose number another has now',
      changed: { process: { ...(identityOf(process.pid) ?? { pid: 0, boot: '' }), start: '1' } },
    },
    {
      by: 'a process of before the machine was started again',
      changed: { process: { pid: process.pid, start: '1', boot: 'another' } },
    },
  ])('by $by WHEN a run starts THEN it goes on, and leaves none', async ({ changed }) => {
    const site = copySite(empty);
    lockedBy(site, changed);

    expect(await site.run('destroy', '--yes')).toEqual({ exit: 0, stdout: 'test-lab: nothing is there\n', stderr: '' });
    expect(site.bench.state().volumes).toEqual({});
  });

  it('by a run on another machine WHEN a run starts THEN it is refused, with the command to remove the lock', async () => {
    const site = copySite(empty);
    lockedBy(site, { machine: { ...thisMachine(), host: 'mars' }, pid: 7 });

    expect(await site.run('deploy')).toEqual({
      exit: 1,
      stdout: '',
      stderr:
        'another run works on this lab: deploy in /home/anna/lab, process 7 of anna on mars, since 2026-11-24T21:30:05.000Z\n' +
        `  wait for it; where it is gone for certain: docker volume rm ${volume}\n`,
    });
    expect(changes(site)).toEqual([]);
  });
});

describe('GIVEN a lock that is removed while a deploy looks around, as `docker volume prune` does', () => {
  it('WHEN it would begin THEN it stops before its first change', async () => {
    const asked = { tool: 'docker', match: `volume inspect ${volume}` } as const;
    const stderr = `Error response from daemon: get ${volume}: no such volume\n`;
    const gone = { ...asked, times: 1, exit: 1, stdout: '[]\n', stderr };
    // the first look finds its own
    const site = copySite(empty, { faults: [{ ...asked, times: 1 }, gone] });
    const answer = await site.run('deploy');

    expect({ exit: answer.exit, stderr: answer.stderr }).toEqual({
      exit: 1,
      stderr:
        'the lock of this run is gone from Docker (docker volume prune takes it too); nothing was changed: run this again\n',
    });
    expect(changes(site)).toEqual([]);
  });
});

describe('GIVEN two labs with a region of one name, which both found to be absent', () => {
  it('WHEN one creates it THEN the other is refused, and its kind cannot clean up what the first has made', async () => {
    // kind has found no cluster of that name, and waits for its image
    const pulling = { tool: 'kind', match: 'create cluster', times: 1, delayMs: 8000, stage: 'image' } as const;
    const site = copySite(empty, { faults: [pulling] });
    const one = 'regions: [{ name: region-athens, workers: 1 }]\n';
    site.writeLab(`name: test-lab\n${one}`);
    await site.synth();
    const network = 'network: { subnet: 172.28.0.0/16 }\n';
    const other = await makeNeighbour(site, `name: other-lab\n${one}${network}`);
    const first = site.start('deploy', '--skip-test');
    while (!site.bench.calls().some(({ args }) => args.join(' ').startsWith('create cluster'))) await sleep(50);
    const { exit, stdout } = await other.run('deploy', '--skip-test');

    expect(exit).toBe(1);
    expect(site.plain(stdout)).toMatch(
      /another run works on a kind cluster region-athens: deploy in LAB, process \d+ of \S+ on \S+, since \S+Z\n/,
    );
    expect((await first).exitCode).toBe(0);
    expect(Object.values(site.bench.state().containers).map((box) => box.network)).toEqual(['test-lab', 'test-lab']);
    expect((await other.run('destroy', '--yes')).exit).toBe(0);
    expect(Object.keys(site.bench.state().clusters)).toEqual(['region-athens']);
    expect(site.bench.state().volumes).toEqual({});
  });
});

describe('GIVEN a lab that two folders share, and lab.yaml of the second names another network by now', () => {
  const renamed = `${twoRegions}network: { name: other, subnet: 172.28.0.0/16 }\n`;
  let living: Site;
  beforeAll(async () => {
    living = await makeDeployedSite();
  });
  afterAll(() => {
    living.dispose();
  });

  it('WHEN the first works THEN the second is refused: the lab is locked, whatever its network is called', async () => {
    const site = copySite(living);
    const second = await makeNeighbour(site);
    expect((await second.run('deploy', '--adopt', '--skip-test')).exit).toBe(0);
    second.writeLab(renamed);
    await second.synth();
    site.bench.edit((world) => {
      const athens = world.clusters['region-athens'];
      if (athens === undefined) throw new Error('no region-athens');
      return { ...world, clusters: { ...world.clusters, 'region-athens': { ...athens, releases: [] } } };
    });
    site.bench.setFaults([{ tool: 'helm', match: 'upgrade', times: 1, hangSeconds: 120, spawnGrandchild: true }]);
    const deploy = site.start('deploy', '--skip-test');
    await untilHanging(site);
    for (const command of ['deploy', 'destroy'] as const) {
      const { exit, stderr } = await second.run(command, '--yes');
      expect(exit).toBe(1);
      expect(site.plain(stderr)).toMatch(/^another run works on this lab: deploy in LAB, process \d+ /);
    }
    expect(Object.keys(site.bench.state().clusters).toSorted()).toEqual(['region-athens', 'region-hurup']);
    deploy.kill('SIGINT');
    await deploy;
    expect(Object.keys(site.bench.state().volumes)).toEqual([]);
  });

  it('WHEN a run has the lock of the former network alone THEN a destroy, which would remove it, is refused', async () => {
    const site = copySite(living);
    site.writeLab(renamed);
    lockedBy(site, {});
    const before = changes(site).length;
    const { exit, stderr } = await site.run('destroy', '--yes');

    expect(exit).toBe(1);
    expect(stderr).toMatch(/^another run works on this lab: deploy in \/home\/anna\/lab, /);
    expect(changes(site).length).toBe(before);
    expect(Object.keys(site.bench.state().volumes)).toEqual([volume]);
  });

  it('WHEN it takes over a lab that another works on THEN it is refused, and takes over nothing', async () => {
    const site = copySite(living);
    const second = await makeNeighbour(site);
    const { id } = JSON.parse(readFileSync(site.file('.lab', 'test-lab', 'owner'), 'utf8')) as { id: string };
    lockedBy(site, {}, `clustermesh-lab-lock-${id}`);

    for (const command of ['deploy', 'destroy'] as const) {
      const { exit, stderr } = await second.run(command, '--adopt', '--yes');
      expect(exit).toBe(1);
      expect(stderr).toMatch(/^another run works on this lab: deploy in \/home\/anna\/lab, /);
    }
    expect(existsSync(second.file('.lab'))).toBe(false);
  });
});
