import { setTimeout as sleep } from 'node:timers/promises';
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { DriverEvent } from '../../scripts/events/events.ts';
import type { World } from '../stand-ins/lab-bench.ts';
import { copySite, makeDeployedSite, makeSite, parseEvents, type Site } from './drive.ts';
import { endState, forgetPool, trouble } from './world.ts';

let living: Site;
beforeAll(async () => {
  living = await makeDeployedSite();
});
afterAll(() => {
  living.dispose();
});

const pool = { tool: 'kubectl', match: 'region-athens/ipaddresspool.yaml', exit: 1 } as const;
const refused = 'The connection to the server 127.0.0.1:40001 was refused - did you specify the right host or port?\n';

/** The living lab, whose first region has lost its pool: a deploy has to apply it. */
function withoutPool(): Site {
  const site = copySite(living);
  site.bench.edit((world) => forgetPool(world, 'region-athens'));
  return site;
}

/** The lab's docker network is somebody else's, from now on. */
function takenBySomebody(world: World): World {
  const labels = { 'clustermesh-lab': 'test-lab', 'clustermesh-lab.owner': 'somebody' };
  const networks = Object.entries(world.networks).map(([name, network]) => [name, { ...network, labels }] as const);
  return { ...world, networks: Object.fromEntries(networks) };
}

const kinds = (events: readonly DriverEvent[]): string[] =>
  events
    .map(({ event }) => event)
    .filter((event) => ['planned', 'step-again', 'step-failed', 'finished', 'access', 'evidence'].includes(event));

describe('GIVEN a failure that a second deploy mends', () => {
  it('THEN the deploy looks and plans once more by itself, says so, and ends with the lab whole', async () => {
    const site = withoutPool();
    site.bench.setFaults([{ ...pool, times: 1, stderr: refused }]);

    const { exit, events } = await site.events('deploy', '--skip-test');

    expect(exit).toBe(0);
    expect(kinds(events)).toEqual(['planned', 'step-again', 'planned', 'finished', 'access']);
    expect(events.find(({ event }) => event === 'step-again')).toMatchObject({
      step: 'pool',
      region: 'region-athens',
      failure: { code: 'api-server', again: true, lastLines: [refused.trim()] },
    });
    // it is told once, with the time of the try that did it
    const ids = events.flatMap((event) => (event.event === 'finished' ? event.timings.map(({ id }) => id) : []));
    expect(ids.filter((id) => id === 'region-athens/pool')).toHaveLength(1);
    expect(endState(site.bench.state())).toEqual(endState(living.bench.state()));
  });

  it('THEN people read what failed, and that it is not the end', async () => {
    const site = withoutPool();
    site.bench.setFaults([{ ...pool, times: 1, stderr: refused }]);

    const { exit, stdout } = await site.run('deploy', '--skip-test');

    expect(exit).toBe(0);
    expect(stdout).toContain(`region-athens  pool      ! exit code 1
         the region's API server does not answer: its node was stopped or restarted, or the machine is too busy: looks and plans once more
`);
    expect(stdout).not.toContain('✗');
  });

  it('WHEN it comes again THEN it is a failure, and nothing is tried a third time', async () => {
    const site = withoutPool();
    site.bench.setFaults([{ ...pool, times: 99, stderr: refused }]);

    const { exit, events } = await site.events('deploy', '--skip-test');

    expect(exit).toBe(1);
    expect(kinds(events)).toEqual(['planned', 'step-again', 'planned', 'step-failed', 'finished', 'evidence']);
  });

  it('WHEN something else fails beside it THEN that is the end', async () => {
    const site = withoutPool();
    site.bench.edit((world) => forgetPool(world, 'region-hurup'));
    site.bench.setFaults([
      { ...pool, times: 99, stderr: refused },
      { ...pool, match: 'region-hurup/ipaddresspool.yaml', times: 99, stderr: 'error: no\n' },
    ]);

    const { exit, events } = await site.events('deploy', '--skip-test');

    expect(exit).toBe(1);
    expect(events.filter(({ event }) => event === 'planned')).toHaveLength(1);
    const failed = events.flatMap((event) => (event.event === 'step-failed' ? [event.region] : []));
    expect(failed.toSorted()).toEqual(['region-athens', 'region-hurup']);
  });

  it('WHEN a step of the first plan ended well before THEN the end comes all the same', async () => {
    const site = await makeSite(undefined, { webhookFailures: 0 });
    onTestFinished(() => {
      site.dispose();
    });
    site.bench.setFaults([{ tool: 'cilium', match: 'clustermesh connect', times: 1, exit: 1, stderr: refused }]);

    const { exit, events } = await site.events('deploy', '--skip-test');

    expect(exit).toBe(0);
    expect(kinds(events)).toEqual(['planned', 'step-again', 'planned', 'finished', 'access']);
    const path = events.flatMap((event) => (event.event === 'finished' ? event.criticalPath : []));
    expect(path.at(-1)).toBe('verify');
    expect(new Set(path).size).toBe(path.length);
  });

  it('WHEN the second look is refused THEN the failure is told in full, with all that tells of it', async () => {
    const site = withoutPool();
    site.bench.setFaults([{ ...pool, times: 1, stderr: refused, delayMs: 3000 }]);
    const run = site.start('deploy', '--skip-test');
    const isApplied = (): boolean =>
      site.bench
        .calls()
        .some(({ args, ended }) => ended === undefined && args.join(' ').includes('athens/ipaddresspool.yaml'));
    await expect.poll(isApplied, { timeout: 60_000 }).toBe(true);
    await sleep(1000);
    site.bench.edit(takenBySomebody);

    const { exitCode, stdout } = await run;

    expect(exitCode).toBe(2);
    expect(stdout).toContain('✗ region-athens: pool failed: exit code 1\n');
    expect(stdout).toMatch(/\n {2}evidence {2}/);
  });

  it('GIVEN a failure that waits for a person THEN it is told at once', async () => {
    const site = withoutPool();
    site.bench.setFaults([{ ...pool, times: 1, stderr: 'no space left on device\n' }]);

    const { exit, events } = await site.events('deploy', '--skip-test');

    expect(exit).toBe(1);
    expect(kinds(events)).toEqual(['planned', 'step-failed', 'finished', 'evidence']);
  });
});

describe('GIVEN a new lab whose second look is refused', () => {
  it('THEN what the first plan has made is not forgotten', async () => {
    const site = await makeSite();
    onTestFinished(() => {
      site.dispose();
    });
    site.bench.setFaults([
      { tool: 'kubectl', match: 'region-athens apply … metallb', times: 9, delayMs: 3000, exit: 1, stderr: refused },
    ]);
    const run = site.start('deploy', '--skip-test', '--region', 'region-athens');
    const isApplied = (): boolean =>
      site.bench.calls().some(({ args, ended }) => ended === undefined && args.join(' ').includes('metallb-native'));
    await expect.poll(isApplied, { timeout: 60_000 }).toBe(true);
    // until nothing else is at work
    await sleep(1500);
    site.bench.edit(takenBySomebody);

    const { exitCode, stderr } = await run;

    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringContaining('--adopt') as string });
    expect(existsSync(site.file('.lab', 'test-lab', 'ca', 'ca.key'))).toBe(true);
  });
});

/** `cilium status --wait` says nothing for long. */
const silent = {
  ...({ tool: 'cilium', match: 'status --context kind-region-athens --wait' } as const),
  ...{ times: 1, hangSeconds: 900 },
};

/** A region whose Hubble UI is not up yet: a deploy waits for it. */
const coming = { phase: 'Pending', containerStatuses: [{ name: 'ui', restartCount: 0, state: { waiting: {} } }] };

/** A deploy during which something happens, as soon as that wait has begun. */
async function deployWhile(site: Site, happens: () => Promise<void> | void) {
  site.bench.edit((world) => trouble(world, 'region-athens', 'Deployment/hubble-ui', coming));
  const before = site.bench.calls().length;
  const isWaiting = (): boolean =>
    site.bench.calls().some(({ args }, index) => index >= before && args.join(' ').includes('athens --wait'));
  const run = site.start('deploy', '--skip-test', '--output', 'json');
  await expect.poll(isWaiting, { timeout: 60_000 }).toBe(true);
  await happens();
  site.bench.edit((world) => trouble(world, 'region-athens', 'none', {}));
  const { exitCode, stdout } = await run;
  return { exit: exitCode, events: parseEvents(stdout) };
}

const stopNode =
  (name: string) =>
  (world: World): World => {
    const node = world.containers[name];
    if (node === undefined) throw new Error(`no ${name}`);
    return { ...world, containers: { ...world.containers, [name]: { ...node, running: false } } };
  };

describe('GIVEN nodes that do not run', () => {
  it('WHEN they cannot be started, since Docker is on its way back THEN that is tried once more too', async () => {
    const site = copySite(living);
    site.bench.edit(stopNode('region-athens-worker'));
    const stderr =
      'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?\n';
    site.bench.setFaults([{ tool: 'docker', match: 'start region-athens-worker', times: 1, exit: 1, stderr }]);

    const { exit, events } = await site.events('deploy', '--skip-test');

    expect(exit).toBe(0);
    expect(kinds(events)).toEqual(['step-again', 'planned', 'finished', 'access']);
    expect(events.find(({ event }) => event === 'step-again')).toMatchObject({
      step: 'start',
      region: 'region-athens',
    });
    expect(site.bench.state().containers['region-athens-worker']?.running).toBe(true);
  });
});

describe('GIVEN a deploy in the middle of a wait', () => {
  it('WHEN a program says something that nobody knows, and its node stops a moment later THEN that is seen by a second look', async () => {
    const site = copySite(living);
    site.bench.setFaults([{ ...silent, hangSeconds: 2, exit: 1, stderr: 'unexpected EOF, as nobody has seen it\n' }]);

    const { exit, events } = await deployWhile(site, async () => {
      // after the first look, which comes with the failure
      await sleep(3500);
      site.bench.edit(stopNode('region-athens-worker'));
    });

    expect(exit).toBe(0);
    expect(events.find(({ event }) => event === 'step-again')).toMatchObject({
      failure: { code: 'node-stopped', notUp: ['region-athens: region-athens-worker does not run: stopped'] },
    });
  });

  it('WHEN a node is killed THEN the wait ends at the next look, AND the node is started, AND the deploy goes on', async () => {
    const site = copySite(living);
    site.bench.setFaults([silent]);
    const began = performance.now();

    const { exit, events } = await deployWhile(site, () => {
      site.bench.edit(stopNode('region-athens-worker'));
    });

    expect(exit).toBe(0);
    expect((performance.now() - began) / 1000).toBeLessThan(60);
    expect(events.find(({ event }) => event === 'step-again')).toMatchObject({
      failure: { code: 'node-stopped', lastLines: ['region-athens-worker does not run: stopped'] },
    });
    expect(site.bench.state().containers['region-athens-worker']?.running).toBe(true);
  });

  it('WHEN Docker is restarted THEN its engine is waited for', async () => {
    const site = copySite(living);
    site.bench.setFaults([{ ...silent, hangSeconds: 3, exit: 1, stderr: refused }]);

    const { exit, events } = await deployWhile(site, async () => {
      site.bench.setMachine({ docker: { running: false } });
      await sleep(6000);
      site.bench.setMachine({});
    });

    expect(exit).toBe(0);
    expect(kinds(events)).toEqual(['planned', 'step-again', 'planned', 'finished', 'access']);
  });
});
