import { existsSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PathFailure, VerifyEvent } from '../../scripts/events/verify-event.ts';
import type { Cluster, World } from '../stand-ins/lab-bench.ts';
import { find } from './calls.ts';
import { copySite, makeDeployedSite, makeSite, parseEvents, running, type Site } from './drive.ts';

const probes = 'clustermesh-lab-probes';
const hub = `name: test-lab
regions:
  - { name: region-athens, workers: 0 }
  - { name: region-hub, workers: 0 }
  - { name: region-kyoto, workers: 0 }
mesh: { topology: hub, hub: region-hub }
`;

let living: Site;
beforeAll(async () => {
  living = await makeDeployedSite();
});
afterAll(() => {
  living.dispose();
});

/** What `verify` answers as JSON. */
async function verify(site: Site, ...options: string[]): Promise<{ exit: number | undefined; event: VerifyEvent }> {
  const { exit, events } = await site.events('verify', ...options);
  const event = events.find((each) => each.event === 'verify');
  if (event === undefined) throw new Error(JSON.stringify(events));
  return { exit, event };
}

/** The causes of those from Athens to Hurup, each with its paths. */
const shortly = (failures: readonly PathFailure[]): string[] =>
  failures.flatMap(({ cause, ways }) =>
    ways
      .filter(({ from, to }) => from === 'region-athens' && to === 'region-hurup')
      .map(({ paths }) => `${paths.join(' ')}: ${cause}`),
  );

function edit(site: Site, region: string, change: (cluster: Cluster) => object): void {
  site.bench.edit((world: World) => {
    const cluster = world.clusters[region];
    if (cluster === undefined) throw new Error(`no cluster ${region}`);
    return { ...world, clusters: { ...world.clusters, [region]: { ...cluster, ...change(cluster) } } };
  });
}

describe('GIVEN agents that lose their connections, and would not dial again', () => {
  it('WHEN a deploy tries the paths THEN it restarts them, once, and says so, and all is well', async () => {
    const site = copySite(living);
    rmSync(site.file('.lab', 'test-lab', 'test', 'paths.xml'));
    site.bench.setFaults([{ tool: 'kubectl', match: 'region-athens … daemonset/probe', times: 1, delayMs: 3000 }]);
    const before = site.bench.calls().length;
    const isBrought = (): boolean =>
      find(site.bench.calls().slice(before), 'kubectl', 'region-athens … daemonset/probe').length > 0;
    const run = site.start('deploy', '--skip-test', '--timeout', '10', '--output', 'json');
    await expect.poll(isBrought, { timeout: 60_000 }).toBe(true);
    edit(site, 'region-athens', () => ({ connected: [], deaf: true }));

    const { exitCode, stdout } = await run;

    expect(exitCode).toBe(0);
    expect(find(site.bench.calls(), 'kubectl', 'rollout restart').map(({ args }) => args.at(-1))).toEqual([
      'daemonset/cilium',
    ]);
    expect(parseEvents(stdout).find((event) => event.event === 'step-done' && event.step === 'paths')).toMatchObject({
      result: 'the agents of region-athens were not connected, and were restarted',
    });
  });
});

describe('GIVEN a connected lab', () => {
  it('WHEN verified THEN every pair both ways, each way by its paths; and nothing of it is left', async () => {
    const site = copySite(living);
    const { exit, stdout } = await site.run('verify');

    expect(exit).toBe(0);
    expect(stdout.replace(/in [\d.]+ s/, 'in N s').split('\n')).toEqual([
      'from \\ to      region-athens  region-hurup',
      'region-athens  ✓ 1.5 ms       ✓ 1.5 ms',
      'region-hurup   ✓ 1.5 ms       ✓ 1.5 ms',
      '',
      '✓ 56 paths in N s, each as it should be',
      '',
    ]);
    for (const region of ['region-athens', 'region-hurup'])
      expect(site.bench.state().clusters[region]?.namespaces).not.toHaveProperty(probes);
  });

  it('WHEN asked for JSON THEN what was tried, how often, and how it went', async () => {
    const site = copySite(living);
    const { exit, event } = await verify(site);

    expect(exit).toBe(0);
    expect(event).toMatchObject({ lab: 'test-lab', ok: true, failures: [], missing: [] });
    expect(event.pairs.map(({ from, to, linked, ok }) => ({ from, to, linked, ok }))).toEqual(
      ['region-athens', 'region-hurup'].flatMap((from) =>
        ['region-athens', 'region-hurup'].map((to) => ({ from, to, linked: true, ok: true })),
      ),
    );
    expect(event.pairs[1]?.paths).toEqual([
      { path: 'pod', expected: 'answer', asked: 4, ok: 4, milliseconds: 1.5 },
      { path: 'mtu', expected: 'answer', asked: 4, ok: 4, milliseconds: 1.5 },
      { path: 'service', expected: 'answer', asked: 2, ok: 2, milliseconds: 1.5 },
      { path: 'name', expected: 'answer', asked: 2, ok: 2, milliseconds: 1.5 },
      { path: 'balancer', expected: 'answer', asked: 2, ok: 2, milliseconds: 1 },
      { path: 'policy', expected: 'none', asked: 2, ok: 2 },
    ]);
  });

  it('WHEN asked for JUnit THEN a case for each way, and exit 0', async () => {
    const site = copySite(living);
    const { exit } = await site.run('verify', '--junit', 'out/paths.xml');

    expect(exit).toBe(0);
    const xml = readFileSync(site.file('out', 'paths.xml'), 'utf8');
    expect(xml).toContain('<testsuite name="test-lab" tests="24" failures="0"');
    expect(xml).toContain('<testcase name="mtu" classname="region-athens.region-hurup" time="0.0015"/>');
  });

  it('WHEN one region is chosen THEN its own paths alone', async () => {
    const { event } = await verify(copySite(living), '--region', 'region-hurup');
    expect(event.pairs.map(({ from, to }) => `${from} ${to}`)).toEqual(['region-hurup region-hurup']);
  });

  it('WHEN deployed again THEN nothing is tried anew; after a change it is', async () => {
    const site = copySite(living);
    const before = site.bench.calls().length;
    const { events } = await site.events('deploy');
    expect(running(events)).toEqual([]);
    expect(find(site.bench.calls().slice(before), 'kubectl', 'get --raw')).toEqual([]);

    edit(site, 'region-hurup', ({ releases }) => ({
      releases: releases.map((each) => ({ ...each, revision: each.revision + 1 })),
    }));
    const again = await site.events('deploy', '--skip-test');
    expect(running(again.events)).toEqual([]);
    expect(again.events.filter((event) => event.event === 'step-done').map(({ step }) => step)).toEqual([
      'paths',
      'verify',
    ]);
    expect(find(site.bench.calls().slice(before), 'kubectl', 'get --raw')).toHaveLength(4);
  });

  it('GIVEN probes that the API server does not reach THEN a program in each of them asks', async () => {
    const site = copySite(living);
    site.bench.setFaults([
      { tool: 'kubectl', match: 'get --raw', times: 99, exit: 1, stderr: 'Error from server (ServiceUnavailable)\n' },
    ]);
    const before = site.bench.calls().length;

    expect((await site.run('verify')).exit).toBe(0);
    expect(find(site.bench.calls().slice(before), 'kubectl', 'exec')).toHaveLength(4);
  });
});

describe('GIVEN something wrong', () => {
  it.each<{ given: string; wrong: (site: Site) => void; cause: string; paths: readonly string[] }>([
    {
      given: 'mesh values that a plain helm upgrade removed',
      wrong: (site) => {
        edit(site, 'region-athens', ({ live }) => ({
          live: { ...live, clustermesh: undefined },
          connected: [],
          addresses: {},
        }));
      },
      cause:
        'link down: the Secret kube-system/cilium-clustermesh of region-athens is gone, so its agents do not connect',
      paths: ['pod', 'mtu', 'service', 'name'],
    },
    {
      given: 'a ClusterMesh API server at 0',
      wrong: (site) => {
        edit(site, 'region-hurup', () => ({ scaled: ['Deployment/clustermesh-apiserver'] }));
        edit(site, 'region-athens', () => ({ connected: [] }));
      },
      cause: 'link down: the ClusterMesh API server of region-hurup has 0/0 pods ready',
      paths: ['pod', 'mtu', 'service', 'name', 'balancer'],
    },
    {
      given: 'large packets that are dropped on the way between two nodes',
      wrong: (site) => {
        site.bench.edit((world) => ({
          ...world,
          drops: [{ from: 'region-athens-worker', to: 'region-hurup-worker', large: true }],
        }));
      },
      cause: 'MTU: small packets get from region-athens-worker to region-hurup-worker, full-size ones do not',
      paths: ['mtu'],
    },
    {
      given: 'all packets that are dropped there',
      wrong: (site) => {
        site.bench.edit((world) => ({
          ...world,
          drops: [{ from: 'region-athens-worker', to: 'region-hurup-worker' }],
        }));
      },
      cause:
        'the way from region-athens-worker to region-hurup-worker alone is broken, though the link stands: VXLAN (UDP 8472) between these nodes',
      paths: ['pod', 'mtu'],
    },
  ])('$given WHEN verified THEN told as what it is, exit 1', async ({ wrong, cause, paths }) => {
    const site = copySite(living);
    wrong(site);
    const { exit, event } = await verify(site);

    expect(exit).toBe(1);
    expect(event.ok).toBe(false);
    expect(shortly(event.failures)).toContain(`${paths.join(' ')}: ${cause}`);
  });

  it('CoreDNS at 0 WHEN verified THEN names alone fail, of that region', async () => {
    const site = copySite(living);
    edit(site, 'region-athens', () => ({ scaled: ['Deployment/coredns'] }));
    const { exit, stdout } = await site.run('verify');

    expect(exit).toBe(1);
    expect(stdout.replace(/, [\d.]+ s/, ', N s').split('\n')).toEqual([
      'from \\ to      region-athens  region-hurup',
      'region-athens  ✗ name         ✗ name',
      'region-hurup   ✓ 1.5 ms       ✓ 1.5 ms',
      '',
      '✗ DNS: CoreDNS of region-athens has 0/0 pods ready',
      '  paths     region-athens → region-athens: name; region-athens → region-hurup: name (4 times)',
      '  expected  an answer of a probe of region-athens at probe.clustermesh-lab-probes.svc.cluster.local:8080',
      '  seen      the name server does not answer, from region-athens-control-plane',
      '  look      kubectl --context kind-region-athens -n kube-system get deployment,pods -l k8s-app=kube-dns',
      '',
      '✗ 4 of 56 paths not as they should be, N s',
      '',
    ]);
  });
});

describe('GIVEN a hub', () => {
  it('WHEN verified THEN those that are not connected are shut to each other, and open to it', async () => {
    const site = await makeDeployedSite(hub);
    try {
      const { exit, stdout } = await site.run('verify');
      expect(exit).toBe(0);
      expect(stdout.split('\n').slice(0, 4)).toEqual([
        'from \\ to      region-athens  region-hub  region-kyoto',
        'region-athens  ✓ 1.5 ms       ✓ 1.5 ms    shut',
        'region-hub     ✓ 1.5 ms       ✓ 1.5 ms    ✓ 1.5 ms',
        'region-kyoto   shut           ✓ 1.5 ms    ✓ 1.5 ms',
      ]);
    } finally {
      site.dispose();
    }
  });
});

describe('GIVEN what stands in the way', () => {
  it('no lab WHEN verified THEN refused with the way to one, and nothing is made', async () => {
    const site = await makeSite();
    try {
      const { exit, stderr } = await site.run('verify');
      expect({ exit, stderr }).toEqual({
        exit: 2,
        stderr: 'no cluster of this lab: region-athens, region-hurup\n  build it first: npm run deploy\n',
      });
      expect(existsSync(site.file('.lab'))).toBe(false);
      expect(site.bench.calls()).toEqual([]);
    } finally {
      site.dispose();
    }
  });

  it('an image that cannot be had WHEN verified THEN each node is named, and nothing else is guessed', async () => {
    const site = copySite(living, { faults: [] });
    site.bench.edit((world) => ({
      ...world,
      containers: Object.fromEntries(
        Object.entries(world.containers).map(([name, container]) => [name, { ...container, images: [] }]),
      ),
    }));
    site.bench.setMachine({ registry: [] });
    const { exit, stdout } = await site.run('verify', '--region', 'region-hurup');
    expect(exit).toBe(1);
    expect(stdout).toContain('no probe is ready on region-hurup-control-plane (ImagePullBackOff)');
  });
});

describe('GIVEN a watch beside other runs', () => {
  /** Waits until a command has been called since so many calls. */
  async function until({ bench }: Site, from: number, match: RegExp): Promise<void> {
    for (let at = 0; at < 3000; at += 1) {
      if (
        bench
          .calls()
          .slice(from)
          .some(({ args }) => match.test(args.join(' ')))
      )
        return;
      await sleep(20);
    }
    throw new Error(`no ${match.source}`);
  }
  const probesIn = ({ bench }: Site): string[] =>
    Object.entries(bench.state().clusters).flatMap(([name, { namespaces }]) => (probes in namespaces ? [name] : []));

  it('WHEN it is stopped while another one asks THEN the probes of that one stay', async () => {
    const apply = { tool: 'kubectl', match: 'apply … probes.yaml' } as const;
    // those of the watch, then those of the other one
    const faults = [
      { ...apply, times: 2 },
      { ...apply, times: 2, delayMs: 10_000 },
    ];
    const site = copySite(living, { faults });
    const start = site.bench.calls().length;
    const watch = site.start('verify', '--watch');
    await until(site, start, /get --raw/);
    const from = site.bench.calls().length;
    const turn = async (): Promise<number | undefined> => {
      const { exit } = await site.run('verify');
      return exit === 1 ? (await sleep(300), turn()) : exit;
    };
    const other = turn();
    await until(site, from, /apply/);
    await sleep(500);
    watch.kill('SIGINT');
    const { exitCode, stderr } = await watch;

    expect(exitCode).toBe(130);
    expect(probesIn(site).toSorted()).toEqual(['region-athens', 'region-hurup']);
    expect(stderr).toContain(
      'the probes are left to the run at work, or to the next verify: another run works on this lab',
    );
    expect(await other).toBe(0);
    expect(probesIn(site)).toEqual([]);
  });

  it('WHEN another one has taken the probes away THEN they come again, and nothing is told of that', async () => {
    const site = copySite(living);
    const start = site.bench.calls().length;
    const watch = site.start('verify', '--watch');
    await until(site, start, /get --raw/);
    let other = await site.run('verify');
    for (let tries = 0; tries < 20 && other.exit !== 0; tries += 1) {
      await sleep(500);
      other = await site.run('verify');
    }
    await until(site, site.bench.calls().length, /get --raw/);
    watch.kill('SIGINT');
    const { stdout } = await watch;

    expect(stdout).not.toContain('no probe is ready');
    expect(probesIn(site)).toEqual([]);
  });
});
