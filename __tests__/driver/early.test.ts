import { describe, expect, it } from 'vitest';
import { changes, find, overlaps, regionOf } from './calls.ts';
import { makePlainSite, type Site, twoRegions } from './drive.ts';
import { endState } from './world.ts';

async function siteOf(fault: object, text = twoRegions): Promise<Site> {
  const site = await makePlainSite(text);
  site.bench.setFaults([
    { tool: 'kind', match: 'create cluster --name region-athens', stage: 'half', times: 1, ...fault },
  ]);
  return site;
}

const ofAthens = (site: Site) => changes(site).filter((call) => regionOf(call) === 'region-athens');

describe('GIVEN workers that take their time to join', () => {
  it('THEN Helm and MetalLB start when the API server answers, AND nothing is ready before all nodes are there', async () => {
    const site = await siteOf({ delayMs: 8000 });

    expect((await site.run('deploy', '--skip-test')).exit).toBe(0);
    const of = (tool: 'kind' | 'helm' | 'kubectl' | 'cilium', match: string) => {
      const [call] = find(ofAthens(site), tool, match);
      if (call === undefined) throw new Error(`no ${tool} ${match}`);
      return call;
    };
    const create = of('kind', 'create cluster');
    for (const early of [of('helm', 'upgrade'), of('kubectl', 'apply … metallb'), of('cilium', 'clustermesh enable')])
      expect(overlaps(create, early)).toBe(true);
    for (const late of [of('kubectl', 'rollout status … speaker'), of('cilium', 'status')])
      expect(late.started).toBeGreaterThan(create.ended ?? Infinity);
    site.dispose();
  });
});

describe('GIVEN several control planes, which take their time to join', () => {
  it('THEN nothing of the region starts before all are there: each that joins stops etcd for a moment', async () => {
    const planes = twoRegions.replace('region-athens, workers: 1', 'region-athens, controlPlanes: 3');
    const site = await siteOf({ delayMs: 4000 }, planes);

    expect((await site.run('deploy', '--skip-test')).exit).toBe(0);
    const calls = ofAthens(site).filter(({ tool }) => tool !== 'docker');
    const [create] = find(calls, 'kind', 'create cluster');
    if (create === undefined) throw new Error('no cluster was made');
    const beside = calls.filter((call) => call !== create && overlaps(create, call));
    expect(beside.map(({ tool, args }) => [tool, ...args].join(' '))).toEqual([]);
    site.dispose();
  });
});

describe('GIVEN workers that do not join, after Helm has begun', () => {
  it('THEN the deploy fails, AND the next one makes the cluster anew, with all that was in it', async () => {
    const whole = await siteOf({ delayMs: 0 });
    expect((await whole.run('deploy', '--skip-test')).exit).toBe(0);
    const site = await siteOf({ hangSeconds: 4, exit: 1, stderr: 'failed to join node with kubeadm\n' });

    const failed = await site.run('deploy', '--skip-test');

    expect(failed.exit).toBe(1);
    expect(failed.stdout).toContain('✗ region-athens: cluster failed');
    expect(find(ofAthens(site), 'helm', 'upgrade')).toHaveLength(1);
    expect((await site.run('deploy', '--skip-test')).exit).toBe(0);
    expect(find(ofAthens(site), 'helm', 'upgrade')).toHaveLength(2);
    expect(endState(site.bench.state())).toEqual(endState(whole.bench.state()));
    site.dispose();
    whole.dispose();
  });
});
