import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changes, find, shown } from './calls.ts';
import { copySite, makeDeployedSite, running, type Site, twoRegions, untilHanging } from './drive.ts';
import { links, releaseValues } from './world.ts';

const changed = `${twoRegions}cilium: { values: { debug: { enabled: true } } }\n`;
const meshed = { 'region-athens': ['region-hurup'], 'region-hurup': ['region-athens'] };

let living: Site;
beforeAll(async () => {
  living = await makeDeployedSite();
});
afterAll(() => {
  living.dispose();
});

/** The living lab, with a value of Cilium changed in lab.yaml that restarts all agents. */
async function changedSite(): Promise<Site> {
  const site = copySite(living);
  site.writeLab(changed);
  await site.synth();
  return site;
}

/** Whether a region's release has the changed value. */
const isChanged = ({ bench }: Site, region: string): boolean =>
  (releaseValues(bench.state(), region).debug as object | undefined) !== undefined;

function expectNoProbes({ bench }: Site): void {
  for (const { namespaces = {} } of Object.values(bench.state().clusters))
    expect(Object.keys(namespaces)).not.toContain('clustermesh-lab-probes');
}

describe('GIVEN a living mesh whose agents are all to restart', () => {
  it('WHEN planned THEN it says so of each region, with the way back', async () => {
    const site = await changedSite();
    const { stdout } = await site.run('plan');

    for (const region of ['region-athens', 'region-hurup']) {
      expect(stdout).toMatch(
        new RegExp(
          `upgrade +${region} +run +values differ at debug; one region at a time, under load; back: helm rollback cilium \\d+\\n`,
        ),
      );
    }
  });

  it('WHEN planned for all regions at once THEN the line that lets deploy do it says so too', async () => {
    const site = await changedSite();
    const { stdout } = await site.run('plan', '--at-once');

    expect(stdout).toContain('upgrade   region-athens  skip  all regions at once (--at-once)\n');
    expect(stdout).toContain('cilium    region-hurup   run   values differ at debug\n');
    expect(stdout).toMatch(/ steps to run: npm run deploy -- .*--at-once\n/);
  });

  it('WHEN deployed THEN one region at a time, every path asked before, meanwhile and after', async () => {
    const site = await changedSite();
    const { exit, events } = await site.events('deploy', '--skip-test');

    expect({ exit, running: running(events) }).toEqual({
      exit: 0,
      running: ['region-athens/upgrade', 'region-hurup/upgrade'],
    });
    const course = events.flatMap((event) =>
      (event.event === 'step-started' || event.event === 'step-done') && event.step === 'upgrade'
        ? [`${event.event} ${event.region ?? ''}`]
        : [],
    );
    expect(course).toEqual([
      'step-started region-athens',
      'step-done region-athens',
      'step-started region-hurup',
      'step-done region-hurup',
    ]);
    const loads = events.flatMap((event) =>
      event.event === 'step-done' && event.step === 'upgrade' ? [event.result] : [],
    );
    expect(loads).toHaveLength(2);
    for (const line of loads) expect(line).toMatch(/^\d+ requests, none lost, the slowest 2 ms$/);
    expect(links(site.bench.state())).toEqual(meshed);
    expect(find(changes(site), 'helm', 'cilium-preflight')).toEqual([]);
    expectNoProbes(site);

    expect(running((await site.events('deploy', '--skip-test')).events)).toEqual([]);
  });

  it('WHEN packets are lost meanwhile THEN it stops after the first region, and says how to go back', async () => {
    const site = await changedSite();
    site.bench.edit((world) => ({
      ...world,
      clusters: Object.fromEntries(
        Object.entries(world.clusters).map(([name, cluster]) => [name, { ...cluster, forgets: true as const }]),
      ),
    }));
    const { exit, stdout } = await site.run('deploy', '--skip-test');

    expect(exit).toBe(1);
    const text = site.plain(stdout);
    expect(text).toMatch(
      /✗ region-athens: upgrade failed: region-athens is changed, and not without loss \(\d+ requests, \d+ lost, the slowest 2 ms\); none after it was touched\n/,
    );
    expect(text).toMatch(/ {2}│ pod region-\S+ → region-\S+: \d+ of \d+ requests lost; seen: no answer\n/);
    expect(text).toMatch(
      / {2}remedy {2}go on: deploy again; or back: put the former value in lab\.yaml, and deploy again, or helm rollback cilium \d+ --namespace kube-system --kubeconfig LAB\/\.lab\/test-lab\/kubeconfig\/region-athens --kube-context kind-region-athens\n/,
    );
    expect([isChanged(site, 'region-athens'), isChanged(site, 'region-hurup')]).toEqual([true, false]);

    // deployed again, it goes on with the other one
    const again = await site.events('deploy', '--skip-test', '--at-once');
    expect(again.exit).toBe(0);
    expect(isChanged(site, 'region-hurup')).toBe(true);
  });

  it('WHEN the probes of a region cannot be asked meanwhile THEN it does not pass for a change without loss', async () => {
    const site = await changedSite();
    const stderr = 'Error from server (NotFound): pods "probe" not found\n';
    site.bench.setFaults([
      { tool: 'kubectl', match: 'kind-region-hurup exec … "rounds"', times: 1000, exit: 1, stderr },
    ]);
    const { exit, stdout } = await site.run('deploy', '--skip-test');

    expect(exit).toBe(1);
    expect(stdout).toMatch(
      /region-athens is changed, and not without loss \(\d+ requests, none lost, the slowest 2 ms; of \d+ nothing is known, since a probe did not come to its end\); none after it was touched\n/,
    );
    expect(stdout).toContain(
      'nothing is known of service from region-hurup-control-plane: kubectl exec: Error from server (NotFound): pods "probe" not found\n',
    );
    expect(isChanged(site, 'region-hurup')).toBe(false);
  });

  it('WHEN a path was not as it should be before THEN nothing is changed', async () => {
    const site = await changedSite();
    site.bench.edit((world) => ({
      ...world,
      drops: [{ from: 'region-athens-worker', to: 'region-hurup-worker' }],
    }));
    const { exit, stdout } = await site.run('deploy', '--skip-test');

    expect(exit).toBe(1);
    const text = site.plain(stdout);
    expect(text).toContain(
      'upgrade failed: not every path between the regions was as it should be before, and nothing was changed\n',
    );
    expect(text).toContain(
      '  remedy  mend these first; or change all regions at once, with nothing asked meanwhile: deploy --at-once\n',
    );
    expect([isChanged(site, 'region-athens'), isChanged(site, 'region-hurup')]).toEqual([false, false]);
  });

  it('WHEN deployed at once THEN side by side, and nothing is asked meanwhile', async () => {
    const site = await changedSite();
    const { exit, events } = await site.events('deploy', '--skip-test', '--at-once');

    expect(exit).toBe(0);
    expect(running(events).filter((id) => id.startsWith('region-hurup'))).toEqual(
      ['cilium', 'ready'].map((step) => `region-hurup/${step}`),
    );
  });

  it('WHEN stopped in the middle of a region THEN no probe is left AND the next deploy ends it', async () => {
    const site = await changedSite();
    site.bench.setFaults([{ tool: 'helm', match: 'upgrade', times: 1, hangSeconds: 60, spawnGrandchild: true }]);
    const run = site.start('deploy', '--skip-test');
    await untilHanging(site);
    run.kill('SIGINT');
    expect((await run).exitCode).toBe(130);
    expectNoProbes(site);
    site.bench.setFaults([]);

    const { exit } = await site.events('deploy', '--skip-test');
    expect(exit).toBe(0);
    expect([isChanged(site, 'region-athens'), isChanged(site, 'region-hurup')]).toEqual([true, true]);
    expectNoProbes(site);
  });
});

describe('GIVEN a living mesh whose Cilium gets another version', () => {
  it('WHEN deployed THEN the chart is checked in each region before it is changed, and the check taken away', async () => {
    const site = copySite(living);
    site.writeLab(`${twoRegions}versions: { cilium: 1.14.3 }\n`);
    await site.synth();
    site.bench.setMachine({ registry: ['quay.io/cilium/cilium:v1.14.3'] });
    const before = changes(site).length;
    const { exit, stdout } = await site.run('deploy', '--skip-test');

    expect({ exit, stdout: exit === 0 ? '' : stdout }).toEqual({ exit: 0, stdout: '' });
    const helm = changes(site)
      .slice(before)
      .map((call) => shown(site, call))
      .flatMap(
        (call) => /^helm (upgrade --install \S+|uninstall \S+).*--kube-context (\S+)/.exec(call)?.slice(1) ?? [],
      );
    const order = (region: string): string[] =>
      ['upgrade --install cilium-preflight', 'uninstall cilium-preflight', 'upgrade --install cilium'].flatMap(
        (call) => [call, `kind-${region}`],
      );
    // the one first whose images were loaded first
    const regions = ['region-athens', 'region-hurup'];
    const inOrder = helm[1] === `kind-${regions[0]}` ? regions : regions.toReversed();
    expect(helm).toEqual(inOrder.flatMap((region) => order(region)));
    for (const { preflight } of Object.values(site.bench.state().clusters)) expect(preflight).toBeUndefined();
  });

  it('WHEN stopped in the middle of the check THEN neither the check nor a probe is left, and nothing is changed', async () => {
    const site = copySite(living);
    site.writeLab(`${twoRegions}versions: { cilium: 1.14.3 }\n`);
    await site.synth();
    site.bench.setMachine({ registry: ['quay.io/cilium/cilium:v1.14.3'] });
    site.bench.setFaults([
      { tool: 'helm', match: 'upgrade --install cilium-preflight', times: 1, hangSeconds: 60, spawnGrandchild: true },
    ]);
    const run = site.start('deploy', '--skip-test');
    await untilHanging(site);
    run.kill('SIGINT');

    expect((await run).exitCode).toBe(130);
    for (const { preflight, releases } of Object.values(site.bench.state().clusters))
      expect([preflight, releases.at(-1)?.version]).toEqual([undefined, '1.14.2']);
    expectNoProbes(site);
  });
});
