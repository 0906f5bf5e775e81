import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FailoverEvent } from '../../scripts/events/failover-event.ts';
import { find } from './calls.ts';
import { copySite, makeDeployedSite, type Site, twoRegions } from './drive.ts';
import { endState, releaseValues } from './world.ts';

/** Two addresses a region are Hubble UI's and the mesh's: nobody is asked from this machine. */
const labText = `${twoRegions}scenarios: { high-availability: {} }\nloadBalancer: { addressesPerRegion: 2 }\n`;

/** As short as it can be. */
const short = ['--baseline', '1', '--duration', '1', '--after', '1', '--repeat', '1', '--request-timeout', '200'];

let living: Site;
beforeAll(async () => {
  living = await makeDeployedSite(labText);
});
afterAll(() => {
  living.dispose();
});

const paused = ({ bench }: Site): string[] =>
  Object.entries(bench.state().containers).flatMap(([name, each]) => (each.paused === true ? [name] : []));

/** Waits until the nodes of a region are frozen. */
async function untilFrozen(site: Site): Promise<void> {
  await expect.poll(() => paused(site), { timeout: 60_000, interval: 50 }).toHaveLength(2);
}

/** How often the probes of a region were taken away, beyond the deploy. */
const probesTaken = ({ bench }: Site): object[] =>
  find(bench.calls().slice(living.bench.calls().length), 'kubectl', 'delete namespace clustermesh-lab-probes');

const told = (stdout: string): FailoverEvent[] =>
  stdout
    .split('\n')
    .filter((line) => line.startsWith('{"event":"failover"'))
    .map((line) => JSON.parse(line) as FailoverEvent);

describe('GIVEN a lab that is up', () => {
  it('WHEN servers are scaled to zero and regions are cut off THEN each is told in figures, AND all is as it was', async () => {
    const site = copySite(living);

    const { exit, stdout, stderr } = await site.run(
      'failover',
      ...['--fault', 'backends', 'cut', 'pods', '--output', 'json', ...short],
    );

    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    // in the order of --all
    const [backends, pods, cut] = told(stdout);
    expect(pods?.runs[0]?.clients.map(({ failed }) => failed.timeout ?? 0).every((lost) => lost > 3)).toBe(true);
    expect(backends).toMatchObject({
      fault: 'backends',
      title: 'all servers of region-athens are scaled to zero',
      runs: [{ clients: [{ client: 'region-athens', failed: {}, longestGap: 0 }, { client: 'region-hurup' }] }],
      broken: [],
    });
    const [, hurup] = backends?.runs[0]?.clients ?? [];
    expect(Object.keys(hurup?.answers.before ?? {})).toEqual(['region-athens', 'region-hurup']);
    expect(Object.keys(hurup?.answers.during ?? {})).toContain('region-hurup');
    // agents do not hear of it so soon
    expect(cut?.runs[0]?.links).toMatchObject({ changes: [], unheard: [] });
    const [athens] = cut?.runs[0]?.clients ?? [];
    expect(athens?.failed.timeout).toBeGreaterThan(10);
    expect(athens?.steady).toBe(undefined);
    expect(endState(site.bench.state())).toEqual(endState(living.bench.state()));
    expect(existsSync(site.file('.lab', 'test-lab', 'fault.json'))).toBe(false);
    expect((await site.run('plan', '--detailed-exitcode')).exit).toBe(0);
  });

  it('WHEN a node is frozen, a region is cut off one way, and Cilium is made anew THEN each is told, AND all is as it was', async () => {
    const site = copySite(living);

    const { exit, stdout, stderr } = await site.run(
      'failover',
      ...['--fault', 'node', 'cut-one-way', 'mesh-server', 'agents', 'upgrade', '--output', 'json', ...short],
    );

    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    const events = told(stdout);
    expect(events.map(({ title }) => title)).toEqual([
      'the node region-athens-worker is frozen',
      'nothing gets from region-athens to region-hurup; back it does',
      'the ClusterMesh API server of region-athens is killed',
      'the agents of region-athens are restarted',
      'Cilium of region-athens is upgraded: every pod of its agents is made anew',
    ]);
    const lost = events.map(({ runs }) => runs[0]?.clients.map(({ failed }) => (failed.timeout ?? 0) > 3));
    expect(lost).toEqual([[true, true], [true, true], ...[1, 2, 3].map(() => [false, false])]);
    // every path is tried after each, and the probes go again
    expect(probesTaken(site)).toHaveLength(10);
    expect(releaseValues(site.bench.state(), 'region-athens')).toEqual(
      releaseValues(living.bench.state(), 'region-athens'),
    );
  });

  it('THEN every request is kept, and a table says what came of it', async () => {
    const site = copySite(living);

    const { exit, stdout } = await site.run('failover', '--fault', 'region', ...short);

    expect(exit).toBe(0);
    expect(stdout).toContain('all nodes of region-athens are frozen\n');
    expect(stdout).toMatch(/\nagents: (said that they were connected, all the time|not heard while it lasted)\n/);
    expect(stdout).toMatch(/\nclient +sent +failed +first failure +longest gap +steady +balance again\n/);
    expect(stdout).toMatch(/\nregion-hurup +\d+ +\d+ timeout \(\d+\.\d %\) .*not before the repair/);
    expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(
      /! region-athens stood still itself, and of \d+ of its requests nothing is known/,
    );
    const folder = site.file('.lab', 'test-lab', 'failover', 'region', 'run-1');
    expect(readdirSync(folder).toSorted()).toEqual([
      'marks.json',
      ...['region-athens', 'region-hurup'].flatMap((name) => [`${name}.by-100-ms.csv`, `${name}.csv`]),
    ]);
    // and in no log beside
    const log = readFileSync(site.file('.lab', 'test-lab', 'logs', 'failover.log'), 'utf8');
    expect(log).toContain('/probe/load.mjs stop /data/load.csv\n# exit 0\n');
    const [head, first] = readFileSync(`${folder}/region-hurup.csv`, 'utf8').split('\n');
    expect(head).toBe('due_ms,sent_ms,done_ms,outcome,region,pod');
    expect(first).toMatch(/^-?\d+\.\d,-?\d+\.\d,-?\d+\.\d,ok,region-(athens|hurup),server-1$/);
  });

  it('WHEN more is lost than lab.yaml allows THEN it ends with 1, and JUnit has it', async () => {
    const site = copySite(living);
    site.writeLab(`${labText}expect: { cut: { maxGap: 10s, maxFailed: 1% } }\n`);
    await site.synth();

    const { exit, stdout } = await site.run('failover', '--fault', 'cut', '--junit', 'out/failover.xml', ...short);

    expect(exit).toBe(1);
    expect(stdout).toMatch(/✗ region-athens: \d+\.\d\d % of the requests failed, more than 1 %\n/);
    expect(readFileSync(site.file('out', 'failover.xml'), 'utf8')).toMatch(
      /<testcase name="region-athens, run 1" classname="cut" time="[\d.]+">\n {6}<failure message="\d+\.\d\d % of the requests failed, more than 1 %"><\/failure>/,
    );
  });
});

describe('GIVEN a fault under way', () => {
  const long = ['--fault', 'region', ...short.map((word, index) => (short[index - 1] === '--duration' ? '300' : word))];

  it('WHEN it is stopped by Ctrl-C THEN all goes on again, AND the clients are gone', async () => {
    const site = copySite(living);
    const run = site.start('failover', ...long);
    await untilFrozen(site);

    run.kill('SIGINT');
    const { exitCode, stderr, stdout } = await run;

    expect(exitCode).toBe(130);
    expect(paused(site)).toEqual([]);
    expect(stdout + stderr).toContain('npm run failover -- --fault region');
    expect(find(site.bench.calls(), 'kubectl', 'load.mjs end')).toHaveLength(2);
  });

  it('WHEN it cannot be undone THEN that fails, is told, AND stays on record', async () => {
    const site = copySite(living);
    site.bench.setFaults([{ tool: 'docker', match: 'unpause', times: 9, exit: 1, stderr: 'Error: no daemon\n' }]);

    const { exit, stdout } = await site.run('failover', '--fault', 'region', ...short);

    expect(exit).toBe(1);
    expect(stdout).toContain('no daemon');
    const next = await site.run('deploy', '--skip-test');
    expect(next.stdout).toMatch(/! this failed \(Error: no daemon\); .* docker unpause region-athens-/);
    site.bench.setFaults([]);
    expect((await site.run('deploy', '--skip-test')).exit).toBe(0);
    expect(paused(site)).toEqual([]);
  });
});

describe('GIVEN that not all of it comes to its end', () => {
  const runs = (site: Site, fault: string): string[] => readdirSync(site.file('.lab', 'test-lab', 'failover', fault));

  it('WHEN the mesh is not whole again THEN it fails, AND what was measured is told and kept', async () => {
    const site = copySite(living);
    site.bench.setFaults([{ tool: 'cilium', match: 'clustermesh status', times: 9, exit: 1, stderr: 'not whole\n' }]);

    const { exit, stdout } = await site.run('failover', '--fault', 'cut', 'backends', '--junit', 'o.xml', ...short);

    expect(exit).toBe(1);
    expect(stdout).toMatch(/all servers of region-athens are scaled to zero\n1 run, a request each 20 ms/);
    expect(runs(site, 'backends').toSorted()).toEqual(['figures.json', 'run-1']);
    expect(readFileSync(site.file('o.xml'), 'utf8')).toContain(
      '<testcase name="measured" classname="cut" time="0.0000">\n      <failure message="it was not measured">',
    );
    // all limits are kept, and yet it is no success
    expect(readFileSync(site.file('o.xml'), 'utf8')).toMatch(
      /<testcase name="measured" classname="backends" time="0.0000">\n {6}<failure message="exit code 1/,
    );
  });

  it('WHEN it is refused THEN no JUnit of a run before is left for its own', async () => {
    const site = copySite(living);
    writeFileSync(site.file('o.xml'), '<testsuites>green</testsuites>');
    await site.run('scenario', 'down', 'high-availability');

    expect((await site.run('failover', '--fault', 'cut', '--junit', 'o.xml', ...short)).exit).toBe(2);
    expect(existsSync(site.file('o.xml'))).toBe(false);
  });

  it('GIVEN agents of Cilium 1.14 WHEN the API server is made anew THEN it waits until they hear it, AND says so', async () => {
    const site = copySite(living);

    const { exit, stdout } = await site.run('failover', '--fault', 'mesh-server', ...short);

    expect(exit).toBe(0);
    expect(stdout).toMatch(
      /\n! not every path between the regions was open when it ended; all were \d\.\d\d s after the\n? *repair\n/,
    );
    const figures = readFileSync(site.file('.lab', 'test-lab', 'failover', 'mesh-server', 'figures.json'), 'utf8');
    expect((JSON.parse(figures) as FailoverEvent).runs[0]?.paths).toBeGreaterThan(1000);
    expect(probesTaken(site)).toHaveLength(2);
  });

  it('WHEN it cannot even begin THEN what was measured before stays', async () => {
    const site = copySite(living);
    expect((await site.run('failover', '--fault', 'cut', ...short)).exit).toBe(0);
    site.bench.setFaults([{ tool: 'kubectl', match: 'load.mjs start', times: 9, exit: 1, stderr: 'no pod\n' }]);

    expect((await site.run('failover', '--fault', 'cut', ...short)).exit).toBe(1);

    expect(runs(site, 'cut').toSorted()).toEqual(['figures.json', 'run-1']);
  });

  it('WHEN it is stopped in the second run THEN the first is told and kept', async () => {
    const site = copySite(living);
    const typed = short.map((word, index) => (short[index - 1] === '--repeat' ? '2' : word));
    const run = site.start('failover', '--fault', 'region', ...typed);
    await untilFrozen(site);
    await expect
      .poll(() => existsSync(site.file('.lab', 'test-lab', 'failover', 'region', 'figures.json')), { timeout: 60_000 })
      .toBe(true);
    await untilFrozen(site);
    run.kill('SIGINT');
    const { exitCode, stdout } = await run;

    expect(exitCode).toBe(130);
    expect(stdout).toMatch(/all nodes of region-athens are frozen\n1 run, a request each 20 ms/);
    expect(runs(site, 'region')).toContain('run-1');
    expect(paused(site)).toEqual([]);
  });

  it('WHEN what a killed run has left cannot be read THEN a deploy says so, with what to look at, AND the file stays', async () => {
    const site = copySite(living);
    const file = site.file('.lab', 'test-lab', 'fault.json');
    writeFileSync(file, '{"title": 7}\n');

    const { exit, stdout } = await site.run('deploy', '--skip-test');

    expect(exit).toBe(0);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      '! an earlier run of failover was cut off, and .lab/test-lab/fault.json cannot be read: nodes may stand still (docker ps),',
    );
    expect(existsSync(file)).toBe(true);
  });
});

describe('GIVEN what it cannot do THEN it is refused, with what to do', () => {
  it('a JUnit file in the place of a file of the user', async () => {
    const site = copySite(living);
    const before = readFileSync(site.file('lab.yaml'), 'utf8');

    for (const typed of [['failover', '--all'], ['verify']] as const) {
      const { exit, stderr } = await site.run(typed[0], ...typed.slice(1), '--junit', 'lab.yaml');
      expect({ exit, stderr }).toEqual({
        exit: 2,
        stderr: '--junit lab.yaml: there is a file that is no JUnit. Choose another place. Nothing was touched.\n',
      });
    }
    expect(readFileSync(site.file('lab.yaml'), 'utf8')).toBe(before);
  });

  it('a region that is connected to no other; a cut where iptables sees no packets', async () => {
    const site = copySite(living);
    site.writeLab(`${labText}mesh: { pairs: [] }\n`);
    await site.synth();
    expect((await site.run('failover', '--all')).stderr).toContain(
      'region-athens is connected to no other region: nobody could take over. Name another one: --region',
    );

    site.writeLab(`${labText}cilium: { routing: native }\n`);
    await site.synth();
    expect((await site.run('failover', '--fault', 'backends', 'cut')).stderr).toContain(
      '--fault cut: with cilium.routing: native packets between regions do not pass iptables of the nodes',
    );
  });

  it.each([
    [['--fault', 'nod'], '--fault nod: no such fault. Did you mean node?'],
    [
      [],
      'failover: which fault? --fault backends, pods, node, region, cut, cut-one-way, mesh-server, agents, upgrade; or --all',
    ],
    [['--fault', 'cut', '--max-gap', '5'], 'It must be a duration, such as 500ms, 5s or 1m.'],
    [['--fault', 'cut', '--max-failed', '101%'], 'It must be a part of a hundred, such as 0.1%.'],
    [['--fault', 'cut', '--region', 'region-oslo'], 'region-oslo'],
  ])('%j', async (typed, says) => {
    const { exit, stderr } = await living.run('failover', ...typed);
    expect({ exit, stderr }).toEqual({ exit: 2, stderr: expect.stringContaining(says) as string });
  });

  it('a scenario that is not chosen, or not up; a region that is not there', async () => {
    const site = copySite(living);
    site.writeLab(twoRegions);
    await site.synth();
    expect((await site.run('failover', '--all')).stderr).toContain(
      'Write it there, then synthesize and deploy: scenarios: { high-availability: {} }',
    );

    const down = copySite(living);
    await down.run('scenario', 'down', 'high-availability');
    expect((await down.run('failover', '--all')).stderr).toContain(
      'high-availability in region-athens: not there; high-availability in region-hurup: not there. Bring the lab up first: npm run deploy',
    );
  });
});
