import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadBalancerImage } from '../../lab/node-images.ts';
import { agentDigest } from '../../lab/published.ts';
import { stacks } from '../../lab/stacks.ts';
import { downloadSite } from '../stand-ins/download-site.ts';
import { probeByDigest } from '../stand-ins/lab-bench.ts';
import { copySite, makeDeployedSite, running, type Site } from './drive.ts';

// a CLI that is refused unless it is pinned
const ciliumCli = 'v0.18.4';
const { versions, nodeImage } = stacks.current;
const balancer = loadBalancerImage(versions.kind) ?? '';
const agent = `quay.io/cilium/cilium:v${versions.cilium}@${agentDigest(versions.cilium) ?? ''}`;
const machine = { versions: { ...versions, cilium: ciliumCli }, registry: [nodeImage, balancer, agent, probeByDigest] };

let living: Site;
beforeAll(async () => {
  const { currentSources } = await downloadSite();
  const text = `name: test-lab
stack: current
versions: { ciliumCli: ${ciliumCli} }
regions:
  - { name: region-athens, controlPlanes: 3, workers: 1 }
  - { name: region-hurup, workers: 0 }
${currentSources}`;
  living = await makeDeployedSite(text, { machine });
});
afterAll(() => {
  living.dispose();
});

/** The containers of region-athens with these endings of their names stop. */
function stop(site: Site, ...endings: readonly string[]): void {
  site.bench.edit((world) => ({
    ...world,
    containers: Object.fromEntries(
      Object.entries(world.containers).map(([name, container]) => [
        name,
        endings.some((ending) => name === `region-athens-${ending}`) ? { ...container, running: false } : container,
      ]),
    ),
  }));
}

describe('GIVEN a deployed lab of the stack current, one region with three control planes', () => {
  it("THEN every node is ready, kind's load balancer is none of them, AND a second deploy runs nothing", async () => {
    const site = copySite(living);

    const { events } = await site.events('status');

    expect(events).toMatchObject([
      {
        event: 'status',
        regions: [
          { region: 'region-athens', ok: true, nodesReady: 4, nodes: 4, links: { 'region-hurup': '4/4' } },
          { region: 'region-hurup', ok: true, nodesReady: 1, nodes: 1, links: { 'region-athens': '1/1' } },
        ],
      },
    ]);
    const { exit, events: second } = await site.events('deploy');
    expect({ exit, running: running(second) }).toEqual({ exit: 0, running: [] });
  });

  it.each([
    { what: 'control-plane2', told: /^region-athens +3\/4 / },
    { what: 'external-load-balancer', told: /^region-athens +stopped$/ },
  ])('WHEN $what stops THEN status says so, AND a deploy starts it', async ({ what, told }) => {
    const site = copySite(living);
    stop(site, what);

    const { stdout } = await site.run('status');
    expect(stdout.split('\n').filter((line) => told.test(line))).toHaveLength(1);
    const { exit } = await site.run('deploy');
    expect(exit).toBe(0);
    const starts = site.bench.calls().filter(({ tool, args }) => tool === 'docker' && args[0] === 'start');
    expect(starts.map(({ args }) => args)).toEqual([['start', `region-athens-${what}`]]);
  });

  it("WHEN Cilium's Envoy is not up THEN status names it, AND a deploy waits for it", async () => {
    const site = copySite(living);
    site.bench.edit((world) => {
      const athens = world.clusters['region-athens'];
      if (athens === undefined) throw new Error('no region-athens');
      const clusters = { ...world.clusters, 'region-athens': { ...athens, gone: ['DaemonSet/cilium-envoy'] } };
      return { ...world, clusters };
    });

    const { events } = await site.events('status');
    const { exit, events: repair } = await site.events('deploy', '--skip-test');

    expect(events).toMatchObject([
      {
        regions: [
          { ok: false, cilium: 'DaemonSet/cilium-envoy missing' },
          { ok: true, cilium: versions.cilium },
        ],
      },
    ]);
    expect(exit).toBe(0);
    expect(running(repair)).toContain('region-athens/cilium');
  });

  it('WHEN it is destroyed THEN the load balancer goes too', async () => {
    const site = copySite(living);

    expect((await site.run('destroy', '--yes')).exit).toBe(0);

    expect(site.bench.state().containers).toEqual({});
  });
});
