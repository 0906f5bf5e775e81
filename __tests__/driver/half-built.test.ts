import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { find } from './calls.ts';
import { copySite, makePlainSite, runningContainers, type Site, untilHanging } from './drive.ts';

describe('GIVEN a deploy that was killed while workers join, after Helm had begun early', () => {
  let half: Site;
  beforeAll(async () => {
    half = await makePlainSite();
    half.bench.setFaults([
      { tool: 'kind', match: 'create cluster --name region-athens', times: 1, hangSeconds: 300, spawnGrandchild: true },
    ]);
    const first = half.start('deploy', '--skip-test');
    await untilHanging(half);
    for (let tries = 0; tries < 1200; tries++) {
      await sleep(100);
      const done = half.bench.calls().filter(({ ended }) => ended !== undefined);
      if (
        find(done, 'kubectl', 'rollout status … speaker').length > 0 &&
        find(done, 'cilium', 'clustermesh enable').length > 1
      )
        break;
    }
    first.kill('SIGKILL');
    await first;
    half.bench.setFaults([]);
    // takes away what the killed run has left
    await half.run('pause', '--region', 'region-hurup');
    await half.run('resume', '--region', 'region-hurup', '--timeout', '20');
  });
  afterAll(() => {
    half.dispose();
  });

  it('WHEN it is paused THEN no node is left at work', async () => {
    const site = copySite(half);
    const { exit, stdout, stderr } = await site.run('pause', '--region', 'region-athens');
    expect(stdout).not.toContain('nothing to do: all 1 steps are done');
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    expect(runningContainers(site).filter((name) => name.startsWith('region-athens'))).toEqual([]);
  });
  it('WHEN it is resumed THEN the half of a region is not asked for its paths', async () => {
    const site = copySite(half);
    await site.run('pause');
    const { stdout } = await site.run('resume', '--timeout', '20');
    expect(stdout).not.toContain('no probe is ready on region-athens-worker');
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('region-athens half-built: deploy makes it anew');
  });
  it('WHEN it is verified THEN it says what to type', async () => {
    const { exit, stderr } = await copySite(half).run('verify', '--region', 'region-athens');
    expect({ exit, stderr }).toEqual({
      exit: 2,
      stderr: expect.stringMatching(/npm run deploy/) as string,
    });
  });
});

describe('GIVEN four regions and --concurrency 1', () => {
  it('THEN one cluster is made at a time, AND the region that has one goes on before the next', async () => {
    const names = ['athens', 'bergen', 'cairo', 'delhi'].map((name) => `  - { name: region-${name}, workers: 1 }\n`);
    const site = await makePlainSite(`name: test-lab\nregions:\n${names.join('')}`);
    site.bench.setFaults([{ tool: 'kind', match: 'create cluster', times: 9, delayMs: 6000 }]);
    expect((await site.run('deploy', '--skip-test', '--concurrency', '1')).exit).toBe(0);
    const creates = find(site.bench.calls(), 'kind', 'create cluster');
    const [helm] = find(site.bench.calls(), 'helm', 'upgrade');
    const atOnce = creates.map(
      ({ started }) => creates.filter((c) => c.started <= started && (c.ended ?? 0) > started).length,
    );
    expect(Math.max(...atOnce)).toBe(1);
    expect(creates.filter(({ started }) => started < (helm?.started ?? 0))).toHaveLength(1);
    site.dispose();
  });
});
