import { existsSync, readFileSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { networkText } from '../../lab/degrade.ts';
import { loadLab } from '../../lab/load.ts';
import type { FailoverEvent } from '../../scripts/events/failover-event.ts';
import { find } from './calls.ts';
import { copySite, makeDeployedSite, type Site, twoRegions, untilHanging, withoutEvidence } from './drive.ts';

const profiles = `degrade:
  wan: [{ between: [region-athens, region-hurup], delay: 40ms, jitter: 4ms, loss: 0.1%, rate: 100mbit }]
  thin: [{ between: [region-athens, region-hurup], rate: 1mbit }]
`;
const labText = `${twoRegions}scenarios: { high-availability: {} }\nloadBalancer: { addressesPerRegion: 2 }\n${profiles}`;

const wan = [{ between: ['region-athens', 'region-hurup'], delay: 40, jitter: 4, loss: 0.1, rate: 100e6 }];

let living: Site;
beforeAll(async () => {
  living = await makeDeployedSite(labText);
});
afterAll(() => {
  living.dispose();
});

/** Names of the nodes that have something of the lab's at the root of their interface. */
const shaped = ({ bench }: Site): string[] =>
  Object.entries(bench.state().containers)
    .flatMap(([name, { root }]) => (root === undefined ? [] : [name]))
    .toSorted();
const all = ['athens', 'hurup'].flatMap((region) => [`region-${region}-control-plane`, `region-${region}-worker`]);
const record = (site: Site): string => site.file('.lab', 'test-lab', 'degraded.json');

/** A copy of the living lab under a profile. */
async function degraded(profile = 'wan'): Promise<Site> {
  const site = copySite(living);
  expect((await site.run('degrade', 'on', profile)).exit).toBe(0);
  return site;
}

describe('GIVEN a lab that is up WHEN a worse network is put on', () => {
  it('THEN every node has it towards the other region alone, AND round trips are told before and after', async () => {
    const site = copySite(living);
    const { exit, stdout, stderr } = await site.run('degrade', 'on', 'wan');

    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    expect(site.plain(stdout)).toContain(`
4 steps to run

00:00  lab            before    … measure round trips: at the start
`);
    expect(site.plain(stdout)).toContain('region-athens  degrade   … put the worse network on: towards region-hurup\n');
    expect(stdout.split('\n').slice(-5)).toEqual([
      'degraded by wan',
      '',
      'round trip                    before   after',
      'region-athens ↔ region-hurup  0.25 ms  80.3 ms',
      '',
    ]);
    const { containers } = site.bench.state();
    expect(shaped(site)).toEqual(all);
    const { root } = containers['region-athens-worker'] ?? {};
    const addresses = all.slice(2).map((name) => `${containers[name]?.ip ?? ''}/32`);
    expect(root).toEqual({
      handle: 'c1a0:',
      classes: { 'c1a0:2': { rate: 100e6, netem: 'limit 1367 delay 40ms 4ms loss 0.1%' } },
      filters: [...addresses, '172.19.255.3/32', '172.19.255.4/32'].map((to) => ({ to, flow: 'c1a0:2' })),
    });
    const log = readFileSync(site.file('.lab', 'test-lab', 'logs', 'region-athens-degrade.log'), 'utf8');
    expect(log).toContain('tc -batch -\n< qdisc add dev eth0 root handle c1a0: htb default 0\n< class add');
    expect(JSON.parse(readFileSync(record(site), 'utf8'))).toEqual({
      profile: 'wan',
      pairs: [['region-athens', 'region-hurup']],
      network: networkText(loadLab(site.file('lab.yaml')), wan),
      whole: true,
    });
  });

  it('THEN status says so, AND one process a node asks for it; without one nobody does', async () => {
    const site = await degraded();
    expect((await site.run('status')).stdout.split('\n')[1]).toBe('degraded by wan');
    const { events } = await site.events('status');
    expect(events.at(-1)).toMatchObject({ degraded: { profile: 'wan', missing: [], whole: true, changed: false } });

    const plain = copySite(living);
    await plain.run('status');
    expect(find(plain.bench.calls(), 'docker', ' tc ')).toEqual([]);
  });

  it('WHEN another is put on THEN it takes its place; WHEN it is taken off THEN nothing is left', async () => {
    const site = await degraded();

    const { events } = await site.events('degrade', 'on', 'thin');
    expect(events.at(-1)).toEqual({
      ...{ event: 'degraded', lab: 'test-lab', profile: 'thin' },
      roundTrips: [{ between: ['region-athens', 'region-hurup'], before: 80.25, after: 0.25 }],
    });
    expect(site.bench.state().containers['region-hurup-worker']?.root?.classes).toEqual({ 'c1a0:1': { rate: 1e6 } });
    expect((await site.run('degrade', 'off', 'wan')).stderr).toBe(
      'degrade off wan: what is on is thin. To take that off: npm run degrade -- off\n',
    );

    const { exit, stdout } = await site.run('degrade', 'off', 'thin');
    expect(exit).toBe(0);
    expect(stdout).toContain('take the worse network off: 2 of 2 nodes have one\n');
    expect(stdout).toContain('\nno worse network is on\n\nround trip ');
    expect(shaped(site)).toEqual([]);
    expect(existsSync(record(site))).toBe(false);
    expect((await site.run('degrade', 'off')).stdout).toContain('nothing to do: all 2 steps are done');
  });

  it('WHEN failover runs under it THEN its event and its table say so', async () => {
    const site = await degraded();
    const short = ['--baseline', '1', '--duration', '1', '--after', '1', '--repeat', '1', '--request-timeout', '200'];

    const { stdout } = await site.run('failover', '--fault', 'backends', '--output', 'json', ...short);
    const told = stdout.split('\n').find((line) => line.startsWith('{"event":"failover"')) ?? '';
    expect((JSON.parse(told) as FailoverEvent).degraded).toBe('wan');
    const { stdout: table } = await site.run('failover', '--fault', 'backends', '--junit', 'o.xml', ...short);
    expect(readFileSync(site.file('o.xml'), 'utf8')).toContain('<property name="degraded" value="wan"');
    expect(table).toContain('all servers of region-athens are scaled to zero, degraded by wan\n');
  });

  it('WHEN a region was paused and resumed THEN its nodes have lost it, AND status says how to put it on', async () => {
    const site = await degraded();
    await site.run('pause', '--region', 'region-hurup');
    await site.run('resume');

    expect((await site.run('status')).stdout.split('\n').slice(1, 3)).toEqual([
      '! wan, but not on region-hurup-control-plane, region-hurup-worker',
      '  npm run degrade -- on wan',
    ]);
    expect((await site.run('degrade', 'on', 'wan')).exit).toBe(0);
    expect(shaped(site)).toEqual(all);
  });

  it('WHEN what is on is not the profile of lab.yaml THEN status says so, AND failover does not measure under a wrong name', async () => {
    const site = await degraded();
    const measure = ['failover', '--fault', 'backends', '--repeat', '1'] as const;
    const off = 'npm run degrade -- off';

    site.writeLab(labText.replace('delay: 40ms', 'delay: 200ms'));
    expect((await site.run('status')).stdout.split('\n').slice(1, 3)).toEqual([
      '! wan, as it was before lab.yaml was changed',
      '  npm run degrade -- on wan',
    ]);
    expect(await site.run(...measure)).toMatchObject({
      exit: 2,
      stderr: `the network is not what it is called: wan, as it was before lab.yaml was changed. Put it on again: npm run degrade -- on wan; or take it off: ${off}\n`,
    });

    // of a profile that lab.yaml has not any more there is one remedy
    site.writeLab(labText.replace(/ {2}wan: .*\n/, ''));
    expect((await site.run('status')).stdout.split('\n')[2]).toBe(`  ${off}`);
    expect((await site.run(...measure)).stderr).toContain(`was changed. Take it off: ${off}\n`);
  });

  it('WHEN no record says what is on THEN failover finds it, and refuses to measure', async () => {
    const site = await degraded();
    rmSync(record(site));

    expect((await site.run('failover', '--fault', 'backends')).stderr).toBe(
      `a worse network is on, and no record says which: ${all.join(', ')}. Take it off first: npm run degrade -- off\n`,
    );
    expect((await site.run('degrade', 'off')).exit).toBe(0);
    expect(shaped(site)).toEqual([]);
  });

  it('WHEN a node does not say whether it has it THEN it is not taken for off', async () => {
    const site = await degraded();
    const silent = { tool: 'docker', match: 'region-hurup-worker tc -j', times: 99, exit: 1, stderr: 'Error: no\n' };
    site.bench.setFaults([{ ...silent, tool: 'docker' as const }]);

    expect((await site.run('degrade', 'off')).exit).toBe(1);
    expect(existsSync(record(site))).toBe(true);
    expect((await site.run('status')).stdout).toContain('! wan, but not on region-hurup-worker\n');
  });

  it('WHEN it cannot be taken off THEN that is told, AND stays on record', async () => {
    const site = await degraded();
    site.bench.setFaults([
      { tool: 'docker', match: 'region-hurup-worker tc qdisc del', times: 9, exit: 1, stderr: 'Error: no\n' },
    ]);

    const { exit, stdout } = await site.run('degrade', 'off');
    expect(exit).toBe(1);
    expect(stdout).toContain('! it is still on: npm run degrade -- off\n');
    expect(existsSync(record(site))).toBe(true);
  });

  it('WHEN a region has left lab.yaml THEN its nodes lose it too', async () => {
    const site = await degraded();
    site.writeLab(labText.replace(profiles, '').replace(/^.*region-hurup.*\n/m, ''));
    await site.synth();

    expect(await site.run('degrade', 'off')).toMatchObject({ exit: 0, stderr: '' });
    expect(shaped(site)).toEqual([]);
    expect(existsSync(record(site))).toBe(false);
  });

  it('WHEN a paused region has it, which the next one does not touch THEN that is refused', async () => {
    const names = ['region-athens', 'region-hurup', 'region-oslo'];
    const site = await makeDeployedSite(`name: test-lab
regions: [${names.map((name) => `{ name: ${name}, workers: 0 }`).join(', ')}]
degrade:
  far: [{ between: [region-athens, region-oslo], rate: 1mbit }]
  near: [{ between: [region-athens, region-hurup], rate: 1mbit }]
`);
    try {
      expect((await site.run('degrade', 'on', 'far')).exit).toBe(0);
      site.bench.edit((world) => ({
        ...world,
        containers: Object.fromEntries(
          Object.entries(world.containers).map(([name, each]) => [name, { ...each, paused: name.includes('oslo') }]),
        ),
      }));

      const { exit, stderr } = await site.run('degrade', 'on', 'near');
      expect(exit).toBe(2);
      expect(stderr).toMatch(/^region-oslo is not running: .* paused\n/);
    } finally {
      site.dispose();
    }
  });

  it('WHEN all its clusters are gone THEN nothing is on, AND off forgets it', async () => {
    const site = await degraded();
    site.bench.edit((world) => ({ ...world, clusters: {}, containers: {} }));

    expect((await site.run('status')).stdout).not.toContain('wan');
    expect(await site.run('degrade', 'off')).toMatchObject({ exit: 0, stdout: '\nno worse network is on\n' });
    expect(existsSync(record(site))).toBe(false);
  });

  it('WHEN the lab is destroyed THEN its record is gone', async () => {
    const site = await degraded();
    expect((await site.run('destroy', '--yes')).exit).toBe(0);
    expect(existsSync(record(site))).toBe(false);
  });
});

describe('GIVEN a kernel without netem', () => {
  it('WHEN it is needed THEN that is the failure, with what to do, AND nothing is left on', async () => {
    const site = copySite(living, { machine: { docker: { kernelLacks: ['netem'] } } });
    const { exit, stdout } = await site.run('degrade', 'on', 'wan');

    expect(exit).toBe(1);
    expect(stdout).toContain('Error: Specified qdisc kind is unknown.');
    expect(stdout).toContain('sudo modprobe --all sch_netem sch_htb cls_u32');
    expect(stdout).toContain('profiles of rate alone work');
    expect(withoutEvidence(stdout).trimEnd().split('\n').at(-1)).toBe(
      '! wan was not put on everywhere: what of it was on is taken off again, and none is on',
    );
    expect(shaped(site)).toEqual([]);
    expect(existsSync(record(site))).toBe(false);
    expect((await site.run('degrade', 'on', 'thin')).exit).toBe(0);
  });
});

describe('GIVEN that it is cut off in the middle', () => {
  const hanging = { tool: 'docker', match: 'region-hurup-worker tc -batch', times: 1 } as const;

  it('WHEN by Ctrl-C THEN what had been put on is taken off', async () => {
    const site = copySite(living, { faults: [{ ...hanging, hangSeconds: 120, spawnGrandchild: true }] });
    const first = site.start('degrade', 'on', 'wan');
    await untilHanging(site);
    first.kill('SIGINT');
    const { exitCode, stdout } = await first;

    expect(exitCode).toBe(130);
    expect(stdout).toContain('npm run degrade -- on wan');
    expect(shaped(site)).toEqual([]);
    expect(existsSync(record(site))).toBe(false);
  });

  it('WHEN by SIGKILL THEN status says so, AND the next one puts it on everywhere', async () => {
    const site = copySite(living, { faults: [{ ...hanging, hangSeconds: 120, spawnGrandchild: true }] });
    const first = site.start('degrade', 'on', 'wan');
    await untilHanging(site);
    first.kill('SIGKILL');
    await first;
    expect((await site.run('status')).stdout).toContain(
      '! wan, but putting it on was cut off\n  npm run degrade -- on wan\n',
    );

    const { exit } = await site.run('degrade', 'on', 'wan');
    expect(exit).toBe(0);
    expect(shaped(site)).toEqual(all);
    expect((await site.run('status')).stdout).toContain('\ndegraded by wan\n');
  });

  it('WHEN it cannot be taken off THEN that is told, AND stays on record', async () => {
    const site = copySite(living, {
      faults: [
        { ...hanging, exit: 1, stderr: 'Error: no\n' },
        { tool: 'docker', match: 'region-athens-worker tc qdisc del', times: 1, exit: 1, stderr: 'Error: no daemon\n' },
      ],
    });
    const { exit, stdout } = await site.run('degrade', 'on', 'wan');

    expect(exit).toBe(1);
    expect(stdout).toContain('! wan could not be taken off again on region-athens-worker: npm run degrade -- off\n');
    expect((await site.run('degrade', 'off')).exit).toBe(0);
    expect(shaped(site)).toEqual([]);
  });
});

describe('GIVEN a node whose traffic somebody else shapes', () => {
  it('WHEN put on or taken off THEN that is left alone, and told', async () => {
    const site = copySite(living);
    const others = { handle: '5:', classes: {}, filters: [] };
    site.bench.edit((world) => ({
      ...world,
      containers: Object.fromEntries(
        Object.entries(world.containers).map(([name, each]) => [
          name,
          name === 'region-hurup-worker' ? { ...each, root: others } : each,
        ]),
      ),
    }));
    const { exit, stdout } = await site.run('degrade', 'on', 'thin');

    expect(exit).toBe(1);
    expect(stdout).toContain("something else shapes what leaves the node, as Cilium's bandwidth manager does");
    expect((await site.run('degrade', 'off')).exit).toBe(0);
    expect(site.bench.state().containers['region-hurup-worker']?.root).toEqual(others);
    expect(shaped(site)).toEqual(['region-hurup-worker']);
  });
});

describe('GIVEN what it cannot do THEN it is refused, with what to do', () => {
  it.each([
    [['on'], 'degrade on: which profile? There are wan, thin.\n'],
    [['on', 'wam'], 'degrade on wam: lab.yaml has no such profile. Did you mean wan?\n'],
    [[], "error: missing required argument 'action'\nnpx clustermesh-lab degrade --help lists all.\n"],
  ])('%j', async (typed, says) => {
    const { exit, stderr } = await living.run('degrade', ...typed);
    expect({ exit, stderr }).toEqual({ exit: 2, stderr: says });
  });

  it('a lab without a profile; one that does not run; one that is not there', async () => {
    const none = copySite(living);
    none.writeLab(labText.replace(profiles, ''));
    expect((await none.run('degrade', 'on', 'wan')).stderr).toBe(
      'lab.yaml has no profile of a worse network. Write one: degrade: { wan: [{ between: [region-a, region-b], delay: 40ms }] }\n',
    );

    const resting = await degraded();
    await resting.run('pause', '--region', 'region-hurup');
    expect((await resting.run('degrade', 'on', 'wan')).stderr).toMatch(
      /^region-hurup is not running: .* stopped\n {2}npm run resume\n$/,
    );
    expect((await resting.run('degrade', 'off')).exit).toBe(0);

    const gone = copySite(living);
    await gone.run('destroy', '--yes');
    expect((await gone.run('degrade', 'on', 'wan')).stderr).toBe(
      'region-athens is not there, or only half of it\nregion-hurup is not there, or only half of it\n  build it first: npm run deploy\n',
    );
  });
});
