import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { FaultName } from '../../lab/failover.ts';
import { createBench } from '../stand-ins/lab-bench.ts';
import { find } from './calls.ts';
import { copySite, makeDeployedSite, makeNeighbour, type Site, twoRegions } from './drive.ts';
import { releaseValues } from './world.ts';

const labText = `${twoRegions}scenarios: { high-availability: {} }\nloadBalancer: { addressesPerRegion: 2 }\n`;

/** Until somebody ends it. */
const long = ['--baseline', '1', '--duration', '300', '--after', '1', '--repeat', '1', '--request-timeout', '200'];
const short = long.map((word) => (word === '300' ? '1' : word));

let living: Site;
beforeAll(async () => {
  living = await makeDeployedSite(labText);
});
afterAll(() => {
  living.dispose();
});

const record = (site: Site): string => site.file('.lab', 'test-lab', 'fault.json');

const paused = ({ bench }: Site): string[] =>
  Object.entries(bench.state().containers).flatMap(([name, each]) => (each.paused === true ? [name] : []));

const rules = ({ bench }: Site): number =>
  Object.values(bench.state().containers).reduce((sum, { rules: own = [] }) => sum + own.length, 0);

/** A lab in which a failover was killed in the middle of a fault. @param isThere the fault has been brought about */
async function leftWith(fault: FaultName, isThere: (site: Site) => boolean): Promise<Site> {
  const site = copySite(living);
  const run = site.start('failover', '--fault', fault, ...long);
  // and the command that did it has come to its end
  const hasEnded = (): boolean =>
    site.bench.calls().every(({ tool, ended }) => tool === 'cilium' || ended !== undefined);
  await expect.poll(() => isThere(site) && hasEnded(), { timeout: 60_000, interval: 50 }).toBe(true);
  run.kill('SIGKILL');
  await run;
  return site;
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ');

describe('GIVEN a region that a killed failover has left frozen', () => {
  const frozen = (): Promise<Site> => leftWith('region', (site) => paused(site).length === 2);

  it('WHEN the next run begins THEN it is undone first, and that is said', async () => {
    const site = await frozen();

    const { exit, stdout } = await site.run('deploy', '--skip-test');

    expect(exit).toBe(0);
    expect(stdout).toContain(
      '! an earlier run was cut off while all nodes of region-athens are frozen: this is undone first\n',
    );
    expect(paused(site)).toEqual([]);
    expect(existsSync(record(site))).toBe(false);
  });

  it('WHEN it cannot be undone THEN it stays on record, AND who looks is told, AND nothing is measured', async () => {
    const site = await frozen();
    site.bench.setFaults([{ tool: 'docker', match: 'unpause', times: 99, exit: 1, stderr: 'Error: no daemon\n' }]);

    const again = await site.run('failover', '--fault', 'agents', ...short);

    expect(again.exit).toBe(2);
    expect(again.stdout).toMatch(/! this failed \(Error: no daemon\); .* docker unpause region-athens-/);
    expect(again.stderr).toContain(
      '.lab/test-lab/fault.json tells of a fault that is not undone: nothing can be measured before it is.',
    );
    for (const command of ['status', 'verify'] as const) {
      const { stdout, stderr } = await site.run(command);
      expect(oneLine(stdout + stderr)).toContain(
        '! a run of failover was cut off, or is under way, while all nodes of region-athens are frozen; a deploy undoes what is left',
      );
    }
    site.bench.setFaults([]);
    expect((await site.run('deploy', '--skip-test')).exit).toBe(0);
    expect(paused(site)).toEqual([]);
  });

  it('WHEN one node goes on by itself and the other cannot THEN that one is told, and stays on record', async () => {
    const site = await frozen();
    site.bench.edit((world) => {
      const worker = world.containers['region-athens-worker'];
      if (worker === undefined) throw new Error('no worker');
      return { ...world, containers: { ...world.containers, 'region-athens-worker': { ...worker, paused: false } } };
    });
    const match = 'unpause region-athens-control';
    site.bench.setFaults([{ tool: 'docker', match, times: 1, exit: 1, stderr: 'no\n' }]);

    const { stdout } = await site.run('failover', '--fault', 'agents', ...short);

    expect(oneLine(stdout)).toContain(
      '! this failed (no); the next run tries it again, or run it by hand: docker unpause region-athens-control-plane',
    );
    expect(existsSync(record(site))).toBe(true);
  });

  it('WHEN a command is given to another Docker Engine meanwhile THEN the record stays, AND it is undone back here', async () => {
    const site = await frozen();
    const { STAND_IN_STATE } = site.bench.env;
    const other = createBench();
    onTestFinished(() => {
      other.dispose();
    });
    Object.assign(site.bench.env, { STAND_IN_STATE: other.env.STAND_IN_STATE });
    expect((await site.run('deploy', '--skip-test')).exit).toBe(2);
    expect(existsSync(record(site))).toBe(true);
    Object.assign(site.bench.env, { STAND_IN_STATE });

    expect((await site.run('deploy', '--skip-test')).exit).toBe(0);
    expect(paused(site)).toEqual([]);
  });

  it('WHEN another lab has clusters of these names since THEN nothing of that is undone', async () => {
    const site = await frozen();
    const first = await makeNeighbour(site, labText);
    expect((await first.run('destroy', '--yes', '--adopt')).exit).toBe(0);
    const other = await makeNeighbour(site, labText.replace('test-lab', 'other-lab'));
    expect((await other.run('deploy', '--skip-test')).exit).toBe(0);
    const theirs = other.start('failover', '--fault', 'region', ...long);
    await expect.poll(() => paused(site), { timeout: 60_000, interval: 50 }).toHaveLength(2);

    await site.run('deploy', '--skip-test');

    expect(paused(site)).toHaveLength(2);
    theirs.kill('SIGINT');
    await theirs;
  });
});

describe('GIVEN another fault that a killed failover has left', () => {
  it('a cut, whose rules cannot be removed WHEN a deploy comes to its end all the same THEN they stay on record', async () => {
    const site = await leftWith('cut', (each) => rules(each) === 4);
    const match = 'iptables --wait -t mangle -D';
    site.bench.setFaults([{ tool: 'docker', match, times: 4, exit: 1, stderr: 'context deadline exceeded\n' }]);

    expect((await site.run('deploy', '--skip-test')).exit).toBe(0);
    expect([existsSync(record(site)), rules(site)]).toEqual([true, 4]);

    expect((await site.run('deploy', '--skip-test')).exit).toBe(0);
    expect([existsSync(record(site)), rules(site)]).toEqual([false, 0]);
  });

  it('an upgrade, which is not rolled back WHEN a deploy has changed Cilium since THEN it is settled, AND never rolled back', async () => {
    const site = await leftWith('upgrade', ({ bench }) => find(bench.calls(), 'helm', 'after-revision').length === 1);
    site.writeLab(`${labText}cilium: { values: { debug: { enabled: true } } }\n`);
    await site.synth();
    site.bench.setFaults([{ tool: 'helm', match: 'rollback', times: 1, exit: 1, stderr: 'Error: timed out\n' }]);

    expect((await site.run('deploy', '--skip-test')).exit).toBe(0);

    expect(existsSync(record(site))).toBe(false);
    expect(releaseValues(site.bench.state(), 'region-athens')).toMatchObject({ debug: { enabled: true } });
    expect((await site.run('plan', '--skip-test', '--detailed-exitcode')).exit).toBe(0);
  });

  it('servers scaled to zero, WHEN the scenario is taken down THEN they are brought back first, AND nothing is left', async () => {
    const site = await leftWith('backends', ({ bench }) => find(bench.calls(), 'kubectl', '--replicas=0').length === 1);

    expect((await site.run('scenario', 'down', 'high-availability')).exit).toBe(0);

    expect(existsSync(record(site))).toBe(false);
  });
});

it('GIVEN a mesh that is not whole again after a fault THEN neither the record nor the page says that all was well', async () => {
  const site = copySite(living);
  site.bench.setFaults([{ tool: 'cilium', match: 'clustermesh status', times: 9, exit: 1, stderr: 'not whole\n' }]);

  const { exit, stdout } = await site.run('failover', '--fault', 'agents', ...short);

  expect(exit).toBe(1);
  expect(oneLine(stdout)).toContain('! nobody saw all paths between the regions open again after it');
  await site.run('report', '--no-look');
  const page = readFileSync(site.file('.lab', 'test-lab', 'report.html'), 'utf8')
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/\s+/g, ' ');
  expect(page).toContain('✗ agents: no request was lost');
  expect(page).toContain('nobody saw all paths between the regions open again');
});

it('GIVEN connections that are kept, or another region THEN what was measured before stays beside it', async () => {
  const site = copySite(living);
  await site.run('failover', '--fault', 'agents', ...short);

  await site.run('failover', '--fault', 'agents', '--keepalive', '--region', 'region-hurup', ...short);

  const folders = ['agents', 'agents.region-hurup.keepalive'];
  for (const name of folders)
    expect(existsSync(site.file('.lab', 'test-lab', 'failover', name, 'figures.json'))).toBe(true);
  await site.run('report', '--no-look');
  const page = readFileSync(site.file('.lab', 'test-lab', 'report.html'), 'utf8');
  for (const name of folders) expect(page).toContain(`<h3 id="fault-${name}">`);
});
