import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changes, find } from './calls.ts';
import { copySite, isAlive, makeSite, parseEvents, type Site, untilHanging } from './drive.ts';

let empty: Site;
beforeAll(async () => {
  empty = await makeSite();
});
afterAll(() => {
  empty.dispose();
});

const hang = { tool: 'kind', match: 'create cluster --name region-athens', times: 1, hangSeconds: 120 } as const;

describe('GIVEN a deploy in the middle of kind, which has a child of its own and does not listen to SIGTERM', () => {
  it('WHEN the user presses Ctrl-C THEN all is stopped within 5 s, told what exists, and resumed later', async () => {
    const site = copySite(empty, { faults: [{ ...hang, spawnGrandchild: true, ignoreSigterm: true }] });
    const deploy = site.start('deploy', '--skip-test', '--concurrency', '1');
    const call = await untilHanging(site);
    const pressed = Date.now();
    deploy.kill('SIGINT');
    const { exitCode, stdout, stderr } = await deploy;

    expect(Date.now() - pressed).toBeLessThan(5000);
    expect({ exitCode, stderr }).toEqual({ exitCode: 130, stderr: '' });
    expect([call.pid, call.grandchild].filter(isAlive)).toEqual([]);
    expect(stdout.slice(stdout.indexOf('\nstopped'))).toBe(`
stopped; what exists: region-athens (2 of 2 nodes)
  go on:     npm run deploy
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
    const deploy = site.start('deploy', '--output', 'json', '--concurrency', '1');
    await untilHanging(site);
    deploy.kill('SIGTERM');
    const { exitCode, stdout } = await deploy;

    expect(exitCode).toBe(130);
    expect(parseEvents(stdout).at(-1)).toEqual({
      event: 'stopped',
      exists: ['region-athens (2 of 2 nodes)'],
      goOn: 'npm run deploy',
      cleanUp: 'npm run destroy',
    });
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

  KIND_EXPERIMENTAL_DOCKER_NETWORK=test-lab kind create cluster --name region-athens --config LAB/dist/region-athens/kind.yaml --kubeconfig LAB/.lab/test-lab/kubeconfig/region-athens
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
    expect(stdout.slice(stdout.indexOf('\n✗ ') + 1))
      .toBe(`✗ region-athens: pool failed: still waiting for MetalLB's webhook after 2 s; last seen: ${said}

  cause   MetalLB's webhook did not answer until the deadline (metallb#1597)
  remedy  look at kubectl -n metallb-system get pods; then deploy again, with a longer --timeout on a slow machine
  log     .lab/test-lab/logs/region-athens-pool.log
`);
    expect(find(changes(site), 'kubectl', 'region-athens/ipaddresspool.yaml').length).toBeGreaterThanOrEqual(2);
  });
});
