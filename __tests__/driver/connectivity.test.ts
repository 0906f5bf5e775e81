import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changes, find } from './calls.ts';
import { copySite, makeDeployedSite, running, type Site, twoRegions, withoutEvidence } from './drive.ts';
import { forgetTest } from './kills.ts';

let untested: Site;
const junit = (site: Site, name = 'region-athens--region-hurup.xml'): string =>
  site.file('.lab', 'test-lab', 'test', name);

beforeAll(async () => {
  untested = await makeDeployedSite();
  expect(existsSync(junit(untested))).toBe(true);
  forgetTest(untested);
});
afterAll(() => {
  untested.dispose();
});

describe('GIVEN a connected lab whose mesh is not tested', () => {
  it('WHEN it is deployed THEN only the test runs, its JUnit file is kept and its namespaces are removed', async () => {
    const site = copySite(untested);
    const { exit, events } = await site.events('deploy');

    expect({ exit, running: running(events) }).toEqual({ exit: 0, running: ['test'] });
    const xml = readFileSync(junit(site), 'utf8');
    expect(xml).toContain('<testsuite name="connectivity test"');
    expect(xml).toMatch(/<property name="mesh" value="[\w-]+@3\+[\w-]+@3\+[0-9a-f]{12}">/);
    expect(existsSync(junit(site, 'region-athens--region-hurup.xml.partial'))).toBe(false);
    for (const { namespaces } of Object.values(site.bench.state().clusters)) {
      expect(Object.keys(namespaces).filter((name) => name.startsWith('cilium-test'))).toEqual([]);
    }
  });

  it('WHEN it is deployed with --skip-test THEN nothing runs', async () => {
    const site = copySite(untested);
    const before = changes(site).length;
    const { stdout } = await site.run('plan', '--skip-test');
    expect(stdout).toContain('\n= test      lab            skip  --skip-test\n');
    expect((await site.run('deploy', '--skip-test')).exit).toBe(0);
    expect(changes(site).slice(before)).toEqual([]);
    expect(existsSync(junit(site))).toBe(false);
  });

  it('WHEN test.only names tests THEN the CLI is given them', async () => {
    const site = copySite(untested);
    site.writeLab(`${twoRegions}test: { only: [no-policies/pod-to-pod, no-policies/pod-to-service] }\n`);
    await site.synth();
    const { exit } = await site.run('deploy');
    const args = find(changes(site), 'cilium', 'connectivity test').at(-1)?.args ?? [];

    expect(exit).toBe(0);
    expect(args.slice(-4)).toEqual(['--test', 'no-policies/pod-to-pod', '--test', 'no-policies/pod-to-service']);
  });

  it('WHEN test.only matches no test THEN it is a failure, told as such, though the CLI calls it a success', async () => {
    const site = copySite(untested);
    site.writeLab(`${twoRegions}test: { only: [no-such-test] }\n`);
    await site.synth();
    const { exit, stdout } = await site.run('deploy');

    expect(exit).toBe(1);
    expect(withoutEvidence(stdout.slice(stdout.indexOf('\n✗ ') + 1)))
      .toBe(`✗ test failed: cilium connectivity test ran 0 tests: test.only [no-such-test] matches none

  cause   no test of the Cilium CLI matches; it matches \`test/scenario\`, so \`^name$\` never does
  remedy  correct test.only in lab.yaml, such as no-policies/pod-to-pod
  log     .lab/test-lab/logs/test.log
`);
    expect(existsSync(junit(site))).toBe(false);
    const { stdout: plan } = await site.run('plan');
    expect(plan).toContain('\n+ test      lab            run   1 of 1 pairs not tested since the last change\n');
  });

  it('WHEN the test fails THEN its namespaces stay as evidence until the next test, and it counts as not tested', async () => {
    // this CLI makes three of them
    const site = copySite(untested, {
      machine: { versions: { cilium: 'v0.19.7' } },
      faults: [
        { tool: 'cilium', match: 'connectivity test', times: 1, hangSeconds: 0.1, exit: 1, stderr: '1 tests failed\n' },
      ],
    });
    Object.assign(site.bench.env, { CLUSTERMESH_LAB_CILIUM: site.bench.program('cilium') });
    const left = (): Record<string, string[]> =>
      Object.fromEntries(
        Object.entries(site.bench.state().clusters).map(([name, { namespaces }]) => [
          name,
          Object.keys(namespaces).filter((namespace) => namespace.startsWith('cilium-test')),
        ]),
      );
    expect((await site.run('deploy')).exit).toBe(1);
    expect(left()).toEqual({
      'region-athens': ['cilium-test-1', 'cilium-test-ccnp1', 'cilium-test-ccnp2'],
      'region-hurup': ['cilium-test-1'],
    });
    expect(existsSync(junit(site))).toBe(false);

    const before = changes(site).length;
    expect((await site.run('deploy')).exit).toBe(0);
    expect(left()).toEqual({ 'region-athens': [], 'region-hurup': [] });
    const calls = changes(site).slice(before);
    expect(calls.map(({ tool }) => tool)).toEqual(['kubectl', 'kubectl', 'cilium', 'kubectl', 'kubectl']);
  });
});
