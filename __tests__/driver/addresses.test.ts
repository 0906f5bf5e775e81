import { renameSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copySite, makeDeployedSite, running, type Site } from './drive.ts';
import { meshOf } from './world.ts';

/** A lab of these regions, with some more lines for each. */
const labOf = (regions: Readonly<Record<string, readonly string[]>>): string =>
  [
    'name: test-lab',
    'regions:',
    ...Object.entries(regions).flatMap(([name, more]) => [`  - name: ${name}`, '    workers: 1', ...more]),
    '',
  ].join('\n');

let living: Site;
beforeAll(async () => {
  living = await makeDeployedSite(labOf({ 'region-a': [], 'region-b': [], 'region-c': [] }));
}, 120_000);
afterAll(() => {
  living.dispose();
});

const departed =
  "! the kind cluster region-a is on the lab's network but not in lab.yaml: npm run destroy -- --region region-a\n";

/** Those of a plan's steps that would make or move something: clusters, images, pools. */
const built = (plan: string): string[] =>
  plan.split('\n').filter((line) => /^\+ (image|cluster|load|metallb|pool) .* run {3}/.test(line));

/** The others' releases lose the region that left. */
const forgetting = ['region-b', 'region-c'].map(
  (region) => `+ cilium    ${region}  run   values differ at clustermesh.config.clusters`,
);

describe('GIVEN a deployed lab of three regions', () => {
  it('WHEN the first leaves lab.yaml THEN the others keep their addresses, and lose it from their mesh; it is named', async () => {
    const site = copySite(living);
    site.writeLab(labOf({ 'region-b': [], 'region-c': [] }));
    await site.synth();
    const { exit, stdout, stderr } = await site.run('plan');

    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    expect(stdout.startsWith(departed), stdout).toBe(true);
    expect(built(stdout)).toEqual([]);
    expect(stdout.split('\n').filter((line) => line.startsWith('+ cilium'))).toEqual(forgetting);

    // AND once they have forgotten the departed, nothing is left of it
    expect((await site.run('deploy', '--skip-test')).exit).toBe(0);
    expect(meshOf(site.bench.state(), 'region-b').config?.clusters?.map(({ name }) => name)).toEqual(['region-c']);

    // AND wherever dist/ lies, as long as it is named
    renameSync(site.file('dist'), site.file('yaml'));
    expect((await site.run('plan', '--dist', 'yaml')).exit).toBe(0);
  });

  it('WHEN one is inserted in front THEN it alone is built', async () => {
    const site = copySite(living);
    site.writeLab(labOf({ 'region-new': [], 'region-a': [], 'region-b': [], 'region-c': [] }));
    await site.synth();
    const { exit, events } = await site.events('plan');

    expect(exit).toBe(0);
    const own = ['cluster', 'load', 'cilium', 'enable', 'metallb', 'pool', 'ready'].map((step) => `region-new/${step}`);
    expect(running(events).toSorted()).toEqual(['image', ...own, 'connect', 'test'].toSorted());
  });

  it('WHEN dist/ was lost, and with it the addresses THEN they are told, and the lines that are told put them back', async () => {
    const site = copySite(living);
    const regions = ['region-b', 'region-c'];
    rmSync(site.file('dist'), { recursive: true });
    site.writeLab(labOf({ 'region-b': [], 'region-c': [] }));
    await site.synth();
    const { exit, stderr } = await site.run('plan');

    expect({ exit, stderr }).toEqual({
      exit: 2,
      stderr: `region-b lives with podSubnet 10.2.0.0/16, lab.yaml says 10.0.0.0/16
region-b lives with serviceSubnet 10.3.0.0/16, lab.yaml says 10.1.0.0/16
region-b lives with cluster id 2, lab.yaml says 1
  this cannot be changed in place: npm run destroy -- --region region-b, then deploy again; or keep what lives: give region-b in lab.yaml
    id: 2
    podSubnet: 10.2.0.0/16
    serviceSubnet: 10.3.0.0/16
    pool: 172.19.255.101-172.19.255.200
region-c lives with podSubnet 10.4.0.0/16, lab.yaml says 10.2.0.0/16
region-c lives with serviceSubnet 10.5.0.0/16, lab.yaml says 10.3.0.0/16
region-c lives with cluster id 3, lab.yaml says 2
  this cannot be changed in place: npm run destroy -- --region region-c, then deploy again; or keep what lives: give region-c in lab.yaml
    id: 3
    podSubnet: 10.4.0.0/16
    serviceSubnet: 10.5.0.0/16
    pool: 172.19.254.1-172.19.254.100
`,
    });

    const pasted = stderr.split('\n').filter((line) => line.startsWith('    '));
    site.writeLab(labOf(Object.fromEntries(regions.map((name, at) => [name, pasted.slice(4 * at, 4 * at + 4)]))));
    await site.synth();
    const { stdout, ...again } = await site.run('plan');
    expect(again).toEqual({ exit: 0, stderr: '' });
    expect(built(stdout)).toEqual([]);

    // AND once they are in dist/ again, lab.yaml needs them no longer
    site.writeLab(labOf({ 'region-b': [], 'region-c': [] }));
    await site.synth();
    expect((await site.run('plan')).stdout).toBe(stdout);
  }, 120_000);
});
