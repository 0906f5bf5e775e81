import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { mark } from '../../lab/own-place.ts';
import { changes, find } from './calls.ts';
import {
  copySite,
  isAlive,
  makeDeployedSite,
  makeSite,
  parseEvents,
  put,
  type Site,
  tree,
  untilHanging,
  withoutEvidence,
} from './drive.ts';

let empty: Site;
beforeAll(async () => {
  empty = await makeSite();
});
afterAll(() => {
  empty.dispose();
});

const hang = { tool: 'kind', match: 'create cluster --name region-athens', times: 1, hangSeconds: 120 } as const;

describe('GIVEN a deploy in the middle of kind, which has a child of its own and does not listen to SIGTERM', () => {
  it('WHEN the user presses Ctrl-C THEN all is stopped long before kind would have ended, told what exists, and resumed later', async () => {
    const site = copySite(empty, { faults: [{ ...hang, spawnGrandchild: true, ignoreSigterm: true }] });
    const deploy = site.start('deploy', '--skip-test', '--concurrency', '1');
    const call = await untilHanging(site);
    const pressed = Date.now();
    deploy.kill('SIGINT');
    const { exitCode, stdout, stderr } = await deploy;

    expect(Date.now() - pressed).toBeLessThan(60_000);
    expect({ exitCode, stderr }).toEqual({ exitCode: 130, stderr: '' });
    expect([call.pid, call.grandchild].filter(isAlive)).toEqual([]);
    expect(stdout.slice(stdout.indexOf('\nstopped'))).toBe(`
stopped; what exists: the docker network test-lab, region-athens (2 of 2 nodes)
  go on:     npm run deploy -- --skip-test
  clean up:  npm run destroy
`);
    expect(stdout).not.toContain('✗');
    // the lock is gone, and that the creation was cut off is on record
    expect(Object.keys(site.bench.state().volumes)).toEqual([
      expect.stringMatching(/^clustermesh-lab-creating-.*-region-athens$/),
    ]);

    const next = await site.run('deploy', '--skip-test');
    expect(next.exit).toBe(0);
    expect(next.stdout).not.toContain('an earlier run');
  });

  it('WHEN the user stops it with JSON THEN the last event is `stopped`, with what exists', async () => {
    const site = copySite(empty, { faults: [{ ...hang, spawnGrandchild: true }] });
    const deploy = site.start('deploy', '--output', 'json', '--skip-test', '--concurrency', '1');
    await untilHanging(site);
    deploy.kill('SIGTERM');
    const { exitCode, stdout } = await deploy;

    expect(exitCode).toBe(130);
    expect(parseEvents(stdout).at(-1)).toEqual({
      event: 'stopped',
      exists: ['the docker network test-lab', 'region-athens (2 of 2 nodes)'],
      look: 'npm run status',
      goOn: 'npm run deploy -- --skip-test',
      cleanUp: 'npm run destroy',
    });
  });
});

describe('GIVEN a destroy of one region, in the middle of kind', () => {
  it('WHEN the user stops it THEN it says how to go on with that region, and no command removes the others', async () => {
    const site = await makeDeployedSite();
    onTestFinished(() => {
      site.dispose();
    });
    site.bench.setFaults([
      { tool: 'kind', match: 'delete cluster', times: 1, hangSeconds: 120, spawnGrandchild: true },
    ]);
    const destroy = site.start('destroy', '--yes', '--region', 'region-athens', '--output', 'json');
    await untilHanging(site);
    destroy.kill('SIGINT');
    const { exitCode, stdout } = await destroy;

    expect(exitCode).toBe(130);
    expect(parseEvents(stdout).at(-1)).toMatchObject({
      event: 'stopped',
      look: 'npm run status',
      goOn: 'npm run destroy -- --region region-athens',
      cleanUp: 'npm run destroy -- --region region-athens',
    });
  });
});

describe('GIVEN a deploy in the middle of kind, which does not listen to SIGTERM', () => {
  it('WHEN the user presses Ctrl-C again THEN it leaves at once, what it started is gone, and the next deploy goes on', async () => {
    const site = copySite(empty, { faults: [{ ...hang, spawnGrandchild: true, ignoreSigterm: true }] });
    const deploy = site.start('deploy', '--skip-test', '--concurrency', '1');
    const call = await untilHanging(site);
    deploy.kill('SIGINT');
    await sleep(700);
    deploy.kill('SIGINT');
    const { exitCode, stdout, stderr } = await deploy;

    expect({ exitCode, stderr }).toEqual({ exitCode: 130, stderr: '' });
    // it has not waited for kind to end, and then said what exists
    expect(stdout).not.toContain('\nstopped');
    // they have their SIGKILL; a busy system takes them away when it comes to it, and long before they would have ended
    await vi.waitUntil(() => ![call.pid, call.grandchild].some(isAlive), { timeout: 60_000 });
    expect((await site.run('deploy', '--skip-test')).exit).toBe(0);
  });
});

describe('GIVEN a deploy whose output takes no more, in the middle of kind', () => {
  it('WHEN its reader has gone (| head -1) THEN it is stopped: 130, no lock, nothing running, no trace', async () => {
    const site = copySite(empty, { faults: [{ ...hang, spawnGrandchild: true }] });
    const deploy = site.start('deploy', '--skip-test');
    const call = await untilHanging(site);
    deploy.stdout.destroy();
    const { exitCode, stderr } = await deploy;

    expect({ exitCode, stderr }).toEqual({ exitCode: 130, stderr: '' });
    expect([call.pid, call.grandchild].filter(isAlive)).toEqual([]);
    expect(existsSync(site.file('.lab', 'test-lab', 'lock'))).toBe(false);
    expect(tree(site.file('.lab', 'test-lab', 'running'))).toEqual({});
  });

  it.runIf(process.platform === 'linux')(
    'WHEN its disk is full THEN 1 with cause and remedy, no lock, and nothing was made',
    async () => {
      const site = copySite(empty);
      const { exitCode, stderr } = await site.startInto('/dev/full', 'deploy', '--skip-test');

      expect({ exitCode, stderr }).toEqual({
        exitCode: 1,
        stderr:
          'stdout cannot be written: ENOSPC: no space left on device, write. Make room, or send the output elsewhere, then run this again.\n',
      });
      expect(existsSync(site.file('.lab', 'test-lab', 'lock'))).toBe(false);
      expect(changes(site)).toEqual([]);
    },
  );
});

describe('GIVEN a state folder that is not the own', () => {
  it.each(['deploy', 'destroy', 'plan', 'status'] as const)(
    'WHEN it is a file THEN %s refuses with a sentence',
    async (command) => {
      const site = copySite(empty);
      put(site.file('.lab'), 'mine');

      expect(await site.run(command)).toEqual({
        exit: 2,
        stdout: '',
        stderr:
          `${site.file('.lab')} is not a folder. A deploy keeps its keys there, in a folder of its own. ` +
          `Move it away, or remove it if it is nothing of yours: rm ${site.file('.lab')}. Nothing was touched.\n`,
      });
      expect(changes(site)).toEqual([]);
    },
  );

  it('WHEN its logs cannot be written THEN the deploy says so once, and is done', async () => {
    const site = copySite(empty);
    put(site.file('.lab', 'test-lab', '.clustermesh-lab'), mark('state'));
    put(site.file('.lab', 'test-lab', 'logs'), '');
    const { exit, stdout, stderr } = await site.run('deploy', '--skip-test');

    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    expect(stdout.match(/! the log \S+ cannot be written: .*\. The run goes on without it\./g)).toHaveLength(1);
  });
});

describe('GIVEN a program that hangs', () => {
  it('WHEN the deadline of --timeout has passed THEN it is stopped and named', async () => {
    const site = copySite(empty, { faults: [{ ...hang, spawnGrandchild: true, ignoreSigterm: true }] });
    const { exit, stdout } = await site.run('deploy', '--timeout', '2');
    const [call] = find(changes(site), 'kind', hang.match);

    expect(exit).toBe(1);
    expect(site.plain(stdout)).toContain(`
✗ region-athens: cluster failed: stopped after its deadline of T

  KIND_EXPERIMENTAL_DOCKER_NETWORK=test-lab kind create cluster --name region-athens --config LAB/.lab/test-lab/applied/region-athens/kind.yaml --kubeconfig LAB/.lab/test-lab/docker-for-kind/region-athens/kubeconfig --retain
`);
    expect(stdout).toContain('stopped after its deadline of 2 s');
    expect([call?.pid, call?.grandchild].filter(isAlive)).toEqual([]);
  });

  it('WHEN it is a wait of the driver itself THEN the failure says what it last saw', async () => {
    const said =
      'Error from server (InternalError): Internal error occurred: failed calling webhook "ipaddresspoolvalidationwebhook.metallb.io": failed to call webhook: Post "https://webhook-service.metallb-system.svc:443/validate": dial tcp 10.1.11.12:443: connect: connection refused';
    const site = copySite(empty, {
      faults: [{ tool: 'kubectl', match: 'region-athens/ipaddresspool.yaml', times: 99, exit: 1, stderr: `${said}\n` }],
    });
    const { exit, stdout } = await site.run('deploy', '--timeout', '2', '--region', 'region-athens');

    expect(exit).toBe(1);
    expect(withoutEvidence(stdout.slice(stdout.indexOf('\n✗ ') + 1)))
      .toBe(`✗ region-athens: pool failed: still waiting for MetalLB's webhook after 2 s; last seen: ${said}

  cause   MetalLB's webhook did not answer until the deadline (metallb#1597)
  remedy  look at kubectl -n metallb-system get pods; then deploy again, with a longer --timeout on a slow machine
  log     .lab/test-lab/logs/region-athens-pool.log
`);
    expect(find(changes(site), 'kubectl', 'region-athens/ipaddresspool.yaml').length).toBeGreaterThanOrEqual(2);
  });
});
