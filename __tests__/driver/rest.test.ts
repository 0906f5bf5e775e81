import { execa } from 'execa';
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { World } from '../stand-ins/lab-bench.ts';
import { changes, find } from './calls.ts';
import { copySite, makeDeployedSite, parseEvents, running, type Site, twoRegions, untilHanging } from './drive.ts';
import { endState } from './world.ts';

let living: Site;
let before: unknown;
beforeAll(async () => {
  living = await makeDeployedSite();
  before = endState(living.bench.state());
});
afterAll(() => {
  living.dispose();
});

/** A copy of the living lab, all of whose nodes were stopped. */
async function paused(): Promise<Site> {
  const site = copySite(living);
  expect((await site.run('pause')).exit).toBe(0);
  return site;
}

const states = ({ bench }: Site): boolean[] => Object.values(bench.state().containers).map(({ running: is }) => is);

const addresses = ({ containers }: World): Record<string, string> =>
  Object.fromEntries(Object.entries(containers).map(([name, { ip }]) => [name, ip]));

/** A call of docker by hand. */
const docker = (site: Site, ...args: string[]) =>
  execa('docker', args, { env: site.bench.env, extendEnv: false, cwd: site.bench.lab });

describe('GIVEN a living lab WHEN it is paused', () => {
  it('THEN no node runs, workers first, AND nothing of it is lost', async () => {
    const site = copySite(living);
    const { exit, stdout } = await site.run('pause');

    expect(exit).toBe(0);
    expect(site.plain(stdout)).toContain(`
2 steps to run

00:00  region-athens  stop      … stop the nodes: 2 of 2 containers run
00:00  region-hurup   stop      … stop the nodes: 2 of 2 containers run
`);
    expect(states(site)).toEqual([false, false, false, false]);
    const stops = find(changes(site), 'docker', 'stop -t 30 region-athens').map(({ args }) => args.at(-1));
    expect(stops).toEqual(['region-athens-worker', 'region-athens-control-plane']);
    expect(endState(site.bench.state())).toEqual(before);
  });

  it('GIVEN little time for each command THEN docker is given half of it, and not thirty seconds', async () => {
    const site = copySite(living);
    expect((await site.run('pause', '--timeout', '9')).exit).toBe(0);
    expect(find(changes(site), 'docker', 'stop -t 5 ')).toHaveLength(4);
  });

  it('THEN status says so, AND its --check fails', async () => {
    const site = await paused();
    const { exit, stdout } = await site.run('status', '--check');

    expect({ exit, stdout }).toMatchObject({
      exit: 1,
      stdout: expect.stringMatching(/^region-athens +stopped\nregion-hurup +stopped$/m) as string,
    });
  });

  it('THEN the plan is to start it first, AND touches nothing', async () => {
    const site = await paused();
    const { exit, stdout } = await site.run('plan', '--detailed-exitcode');

    expect({ exit, stdout }).toEqual({
      exit: 3,
      stdout: `+ start  region-athens  run  2 of 2 containers do not run
+ start  region-hurup   run  2 of 2 containers do not run

first 2 steps, and what is missing is looked for then: npm run deploy
`,
    });
    expect(states(site)).toEqual([false, false, false, false]);
  });

  it('THEN what needs it says what to type', async () => {
    const site = await paused();
    const refused = [await site.run('scenario', 'down', 'high-availability'), await site.run('verify')];
    for (const { exit, stderr } of refused) {
      expect(exit).toBe(2);
      expect(stderr).toMatch(
        /^region-athens is not running: .* stopped\nregion-hurup is not running: .* stopped\n {2}npm run resume\n$/,
      );
    }
  });

  it('THEN a second pause does nothing', async () => {
    const site = await paused();
    const { exit, stdout } = await site.run('pause');

    expect(exit).toBe(0);
    expect(stdout).toContain('nothing to do: all 2 steps are done');
  });

  it('WHEN one region alone THEN the other runs on', async () => {
    const site = copySite(living);
    await site.run('pause', '--region', 'region-hurup');

    const stopped = Object.entries(site.bench.state().containers).filter(([, { running: is }]) => !is);
    expect(stopped.map(([name]) => name).toSorted()).toEqual(['region-hurup-control-plane', 'region-hurup-worker']);
  });

  it('WHEN it is killed in the middle THEN the next one ends it', async () => {
    const site = copySite(living, {
      faults: [
        { tool: 'docker', match: 'stop -t 30 region-athens', times: 1, hangSeconds: 120, spawnGrandchild: true },
      ],
    });
    const first = site.start('pause');
    await untilHanging(site);
    first.kill('SIGKILL');
    await first;

    const { exit } = await site.run('pause');
    expect(exit).toBe(0);
    expect(states(site)).toEqual([false, false, false, false]);
  });
});

describe('GIVEN a lab that is paused WHEN it is resumed', () => {
  it('THEN its nodes are back where they were, nothing is made again, AND every path was tried', async () => {
    const site = await paused();
    const { exit, events } = await site.events('resume');

    expect(exit).toBe(0);
    expect(running(events)).toEqual(['region-athens/start', 'region-hurup/start']);
    expect(events.some((event) => event.event === 'step-done' && event.step === 'paths')).toBe(true);
    expect(endState(site.bench.state())).toEqual(before);
    expect(addresses(site.bench.state())).toEqual(addresses(living.bench.state()));
    const { exit: again, events: second } = await site.events('deploy');
    expect({ exit: again, ran: running(second) }).toEqual({ exit: 0, ran: [] });
  });

  it('THEN what the API server says of before the stop is not believed', async () => {
    const site = await paused();
    const { stdout } = await site.run('resume', '--output', 'json');

    const told = parseEvents(stdout).flatMap((event) => (event.event === 'step-progress' ? [event.line] : []));
    expect(told.join('\n')).toContain('not Ready yet');
  });

  it('WHEN it is killed in the middle THEN the next one waits for all of it', async () => {
    const site = await paused();
    site.bench.setFaults([
      { tool: 'docker', match: 'start region-athens', times: 1, hangSeconds: 120, spawnGrandchild: true },
    ]);
    const first = site.start('resume');
    await untilHanging(site);
    first.kill('SIGKILL');
    await first;
    site.bench.setFaults([]);

    const { exit } = await site.run('resume');
    expect(exit).toBe(0);
    expect(states(site)).toEqual([true, true, true, true]);
  });

  it('WHEN dist/ has gone on since THEN it is resumed as it was', async () => {
    const site = await paused();
    site.writeLab(`${twoRegions}cilium: { values: { debug: { enabled: true } } }\n`);
    await site.synth();
    // nothing of it is read
    for (const region of ['region-athens', 'region-hurup']) rmSync(site.file('dist', region, 'probes.yaml'));

    const { exit, events } = await site.events('resume');
    expect({ exit, ran: running(events) }).toEqual({
      exit: 0,
      ran: ['region-athens/start', 'region-hurup/start'],
    });
  });

  it('WHEN one region is THEN it does not wait for the one that still rests', async () => {
    const site = await paused();
    const { exit, events } = await site.events('resume', '--region', 'region-athens');

    expect(exit).toBe(0);
    expect(running(events)).toEqual(['region-athens/start']);
    expect((await site.run('resume')).exit).toBe(0);
  });

  it.each([
    { by: 'by what the last deploy applied', isKept: true },
    { by: 'by the API server, where that is not kept', isKept: false },
  ])('WHEN a node was removed meanwhile THEN it is named, $by', async ({ isKept }) => {
    const site = await paused();
    if (!isKept) rmSync(site.file('.lab', 'test-lab', 'applied'), { recursive: true });
    site.bench.edit(({ containers: { 'region-hurup-worker': _, ...containers }, ...world }) => ({
      ...world,
      containers,
    }));
    const { exit, events } = await site.events('resume');

    expect(exit).toBe(1);
    expect(events.find(({ event }) => event === 'step-failed')).toMatchObject({
      failure: {
        reason: 'region-hurup has lost region-hurup-worker',
        remedy: 'npm run destroy -- --region region-hurup, then deploy again',
      },
    });
  });

  it('WHEN one region does not start THEN that is the failure, AND the other does not wait for its links', async () => {
    const site = await paused();
    site.bench.setFaults([
      { tool: 'docker', match: 'start region-hurup', times: 9, exit: 1, stderr: 'Error: no space left\n' },
    ]);
    const { exit, events } = await site.events('resume', '--timeout', '20');

    expect(exit).toBe(1);
    expect(events.flatMap((event) => (event.event === 'step-failed' ? [event.region] : []))).toEqual(['region-hurup']);
    expect(events.flatMap((event) => (event.event === 'step-done' ? [event.region] : []))).toEqual(['region-athens']);
  });

  it('WHEN its kubeconfigs are gone THEN they are fetched', async () => {
    const site = await paused();
    rmSync(site.file('.lab', 'test-lab', 'kubeconfig'), { recursive: true });

    expect((await site.run('resume')).exit).toBe(0);
  });

  it('WHEN nothing of it is there THEN it says what to type', async () => {
    const site = copySite(living);
    await site.run('destroy', '--yes');
    const { exit, stderr } = await site.run('resume');

    expect({ exit, stderr }).toEqual({
      exit: 2,
      stderr: 'no cluster of this lab\n  build it first: npm run deploy\n',
    });
  });
});

describe('GIVEN a lab whose nodes do not run WHEN it is deployed', () => {
  it('THEN they are started first, AND nothing else is to do but to try the paths', async () => {
    const site = await paused();
    const { exit, stdout, stderr } = await site.run('deploy');

    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    expect(stdout).toContain('! region-athens, region-hurup not up yet: waits for what was there, then looks again');
    expect(stdout).toContain('paths     ✓');
    expect(endState(site.bench.state())).toEqual(before);
    expect(find(changes(site), 'kind', 'create cluster')).toHaveLength(2);
  });

  it("WHEN MetalLB's controller comes up later than all else THEN it is waited for, and nothing is applied again", async () => {
    const site = await paused();
    site.bench.edit((world) => ({
      ...world,
      clusters: Object.fromEntries(
        Object.entries(world.clusters).map(([name, cluster]) => [
          name,
          { ...cluster, looks: { ...cluster.looks, controller: 25 } },
        ]),
      ),
    }));
    const { exit, events } = await site.events('deploy', '--skip-test');

    expect(exit).toBe(0);
    expect(running(events)).toEqual([]);
  });

  it('WHEN Docker has started some of them, and paused others THEN the rest', async () => {
    const site = copySite(living);
    site.bench.edit(({ containers, ...world }) => ({
      ...world,
      containers: Object.fromEntries(
        Object.entries(containers).map(([name, container]) => [
          name,
          name.endsWith('worker') ? { ...container, paused: true } : { ...container, running: false },
        ]),
      ),
    }));
    const { exit } = await site.run('deploy');

    expect(exit).toBe(0);
    expect(find(changes(site), 'docker', 'unpause region-athens-worker')).toHaveLength(1);
  });

  it('WHEN Cilium does not come up THEN the deploy goes on: it may be what puts it right', async () => {
    const site = await paused();
    site.bench.setFaults([
      { tool: 'cilium', match: 'status --context kind-region-athens', times: 1, exit: 1, stderr: 'not up\n' },
    ]);
    const { exit, events } = await site.events('deploy');

    expect(exit).toBe(0);
    expect(events.find((event) => event.event === 'step-done' && event.region === 'region-athens')).toMatchObject({
      step: 'start',
      result: 'not all of it is up yet',
    });
  });

  it('WHEN they cannot be started THEN that is the failure, AND nothing else begins', async () => {
    const site = await paused();
    site.bench.setFaults([
      { tool: 'docker', match: 'start region-hurup', times: 9, exit: 1, stderr: 'Error: Address already in use\n' },
    ]);
    const { exit, events } = await site.events('deploy');

    expect(exit).toBe(1);
    expect(events.at(-2)).toMatchObject({ event: 'finished', outcome: 'failed' });
    expect(events.find(({ event }) => event === 'step-failed')).toMatchObject({
      step: 'start',
      region: 'region-hurup',
    });
    expect(events.some(({ event }) => event === 'planned')).toBe(false);
  });
});

describe('GIVEN a lab whose nodes somebody stops, and starts in another order', () => {
  it('THEN each has the address that it was made with', async () => {
    const site = copySite(living);
    const names = Object.keys(site.bench.state().containers).toSorted();
    await docker(site, 'stop', ...names);
    await docker(site, 'start', ...names.toReversed());

    expect(addresses(site.bench.state())).toEqual(addresses(living.bench.state()));
    expect((await site.run('status', '--check')).exit).toBe(0);
  });

  it('GIVEN nodes without addresses of their own THEN it is lost, which is why they have them', async () => {
    const site = copySite(living);
    site.bench.edit(({ containers, ...world }) => ({
      ...world,
      containers: Object.fromEntries(
        Object.entries(containers).map(([name, container]) => [name, { ...container, own: undefined }]),
      ),
    }));
    const names = Object.keys(site.bench.state().containers).toSorted();
    await docker(site, 'stop', ...names);
    await docker(site, 'start', ...names.toReversed());

    expect((await site.run('status', '--check')).exit).toBe(1);
  });
});

describe('GIVEN a living lab WHEN it is looked at', () => {
  it('THEN a region costs six processes at most, AND a node is asked only for images that its kubelet has not told of', async () => {
    const site = copySite(living);
    const before = site.bench.calls().length;
    await site.run('status');

    const calls = site.bench.calls().slice(before);
    const ofAthens = calls.filter(({ args, env }) => [...args, ...Object.values(env)].join(' ').includes('athens'));
    const asked = ofAthens.filter(({ tool }) => tool === 'docker');
    expect(ofAthens.length - asked.length).toBeLessThanOrEqual(6);
    // the stand-in's kubelets tell of all but the last one
    expect(asked.map(({ args }) => args.filter((arg) => arg.startsWith('name==')).length)).toEqual([1, 1]);
  });
});
