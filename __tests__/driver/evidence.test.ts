import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { extract } from 'tar';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { find } from './calls.ts';
import { copySite, makeDeployedSite, type Site, twoRegions } from './drive.ts';
import { forgetPool, trouble } from './world.ts';

const CANARY = 'canary-of-a-value-that-nobody-may-see';

let living: Site;
beforeAll(async () => {
  // passwords in values, as users may write them
  living = await makeDeployedSite(`${twoRegions}cilium:
  values:
    extraConfig:
      registry-password: ${CANARY}
      api-passphrase: correct horse ${CANARY}
      db-password: |
        ${CANARY}
    extraEnv:
      - name: REGISTRY_TOKEN
        value: ${CANARY}
`);
});
afterAll(() => {
  living.dispose();
});

/** What lies in the bundles of a site, by file. */
async function unpacked(site: Site): Promise<Map<string, string>[]> {
  const folder = site.file('.lab', 'test-lab', 'evidence');
  const files = readdirSync(folder).filter((name) => name.endsWith('.tar.gz'));
  return Promise.all(
    files.map(async (name) => {
      const to = site.file(`unpacked-${name}`);
      mkdirSync(to);
      await extract({ file: join(folder, name), cwd: to });
      const [top = ''] = readdirSync(to);
      const all = readdirSync(join(to, top), { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
      return new Map(
        all.map((each) => {
          const file = join(each.parentPath, each.name);
          return [file.slice(join(to, top).length + 1), readFileSync(file, 'utf8')];
        }),
      );
    }),
  );
}

const failing = {
  tool: 'kubectl',
  match: 'region-athens/ipaddresspool.yaml',
  times: 9,
  exit: 1,
  stderr: 'error: no\n',
} as const;

describe('GIVEN a deploy that fails', () => {
  it('THEN one file has all that tells of it, AND nothing secret, AND its path is the last line', async () => {
    const site = copySite(living);
    site.bench.edit((world) => forgetPool(world, 'region-athens'));
    const status = { phase: 'Pending', containerStatuses: [{ name: 'ui', restartCount: 1, state: { waiting: {} } }] };
    site.bench.edit((world) => trouble(world, 'region-athens', 'Deployment/hubble-ui', status));
    site.bench.setFaults([failing]);

    const { exit, stdout } = await site.run('deploy', '--skip-test');

    expect(exit).toBe(1);
    const [, file = ''] = /\n {2}evidence {2}(\S+) \(\d+ kB, secrets hidden\)\n$/.exec(stdout) ?? [];
    expect(statSync(site.file(file)).mode & 0o777).toBe(0o600);
    const [bundle = new Map<string, string>()] = await unpacked(site);
    expect([...bundle.keys()].toSorted()).toEqual(
      expect.arrayContaining([
        ...['docker/containers.txt', 'docker/network.json', 'docker/nodes.json', 'docker/version.txt'],
        ...['docker/region-athens-control-plane.log', 'events.jsonl', 'lab.yaml', 'logs/region-athens-pool.log'],
        ...['events.txt', 'objects.txt', 'releases.txt', 'cilium-status.txt'].map((name) => `region-hurup/${name}`),
        ...['describe.txt', 'previous.log', 'log'].map((end) => `region-athens/hubble-ui-1.${end}`),
        ...['versions.txt', 'doctor.txt', 'region-athens/sysdump.txt', 'region-athens/sysdump/k8s-pods.yaml'],
      ]),
    );
    // of the region where it failed, and without what has keys in it
    expect([...bundle.keys()].filter((name) => /hurup\/sysdump|helm-values|\.zip|\.gz/.test(name))).toEqual([]);
    expect(bundle.get('versions.txt')).toMatch(/^Node\.js v\d+.*\n\nprogram +wanted +found.*\ndocker /);
    expect(bundle.get('doctor.txt')).toMatch(/^. docker .*\n/);
    expect(bundle.get('events.jsonl')).toContain('"event":"step-failed"');
    expect(bundle.get('docker/nodes.json')).toMatch(/^\$ docker container inspect region-athens-control-plane /);

    // what may not be seen is there to be found, and nowhere in the bundle
    const key = readFileSync(site.file('.lab', 'test-lab', 'ca', 'ca.key'), 'utf8');
    const lines = key.split('\n').filter((line) => line.length > 40);
    expect(lines.length).toBeGreaterThan(0);
    expect(readFileSync(site.file('lab.yaml'), 'utf8')).toContain(CANARY);
    for (const [name, text] of bundle)
      for (const secret of [CANARY, ...lines]) expect(text.includes(secret) ? name : '').toBe('');
    expect(bundle.get('lab.yaml')).toContain('registry-password: [hidden]');
    for (const line of (bundle.get('events.jsonl') ?? '').trim().split('\n'))
      expect(JSON.parse(line)).toHaveProperty('event');
  });

  it('GIVEN a program that prints what is secret THEN nobody sees it: not on the terminal, in no record, on no page', async () => {
    const site = copySite(living);
    const release = { tool: 'helm', match: 'upgrade', times: 9, exit: 1 } as const;
    const stderr = `Error: UPGRADE FAILED: The order in patch list:\n[map[name:REGISTRY_TOKEN value:${CANARY}]]\n`;
    site.bench.setFaults([{ ...release, stderr }]);
    const before = readFileSync(site.file('lab.yaml'), 'utf8');
    site.writeLab(before.replace('  values:', '  values:\n    debug: { enabled: true }'));
    await site.synth();
    const run = site.start('deploy', '--skip-test');
    // the file is another one by the time it fails
    await expect.poll(() => find(site.bench.calls(), 'helm', 'upgrade').length, { timeout: 60_000 }).toBeGreaterThan(2);
    site.writeLab(twoRegions);

    const { exitCode, stdout, stderr: beside } = await run;

    expect(exitCode).toBe(1);
    expect(stdout).toContain('[map[name:REGISTRY_TOKEN value:[hidden]]]');
    site.writeLab(before);
    await site.synth();
    await site.run('report', '--no-look');
    const kept = [
      'report.html',
      ...readdirSync(site.file('.lab', 'test-lab', 'runs')).map((name) => join('runs', name)),
    ];
    const texts = kept.map((name) => readFileSync(site.file('.lab', 'test-lab', name), 'utf8'));
    const bundles = (await unpacked(site)).flatMap((bundle) => [...bundle.values()]);
    for (const text of [stdout, beside, ...texts, ...bundles]) expect(text).not.toContain(CANARY);
  });

  it('GIVEN many failures THEN the newest five are kept', async () => {
    const site = copySite(living);
    site.bench.edit((world) => forgetPool(world, 'region-athens'));
    site.bench.setFaults([{ ...failing, times: 99 }]);

    for (let run = 1; run <= 6; run++) expect((await site.run('deploy', '--skip-test')).exit).toBe(1);

    expect(readdirSync(site.file('.lab', 'test-lab', 'evidence'))).toHaveLength(5);
  });

  const sysdump = { tool: 'cilium', match: 'sysdump', times: 1, hangSeconds: 60 } as const;
  /** A deploy that has failed, and asks for a sysdump. */
  async function gathering() {
    const site = copySite(living);
    site.bench.edit((world) => forgetPool(world, 'region-athens'));
    site.bench.setFaults([failing, sysdump]);
    const from = site.bench.calls().length;
    const run = site.start('deploy', '--skip-test');
    const asks = (): number => find(site.bench.calls().slice(from), 'cilium', 'sysdump').length;
    await expect.poll(asks, { timeout: 60_000 }).toBeGreaterThan(0);
    return { site, run };
  }
  /** What lies in the folder of the bundles. */
  const inEvidence = (site: Site): string[] => readdirSync(site.file('.lab', 'test-lab', 'evidence'));

  it('WHEN the driver is killed while it gathers THEN the next one takes away what was not hidden yet', async () => {
    const { site, run } = await gathering();
    run.kill('SIGKILL');
    await run;
    expect(inEvidence(site)).toHaveLength(1);

    site.bench.setFaults([]);
    expect((await site.run('deploy', '--skip-test')).exit).toBe(0);
    expect(inEvidence(site)).toEqual([]);
  });

  it('WHEN it is stopped by Ctrl-C while it gathers THEN it is stopped, and half a bundle is none', async () => {
    const { site, run } = await gathering();
    run.kill('SIGINT');

    const { exitCode, stdout } = await run;
    expect(exitCode).toBe(130);
    expect(stdout).toContain('\nstopped; what exists: ');
    expect(inEvidence(site)).toEqual([]);
  });

  it('WHEN it is stopped by Ctrl-C THEN nothing is gathered', async () => {
    const site = copySite(living);
    site.bench.edit((world) => forgetPool(world, 'region-athens'));
    site.bench.setFaults([{ ...failing, hangSeconds: 60, stage: 'half' }]);
    const pools = (): number => find(site.bench.calls(), 'kubectl', 'region-athens/ipaddresspool.yaml').length;
    const before = pools();
    const run = site.start('deploy', '--skip-test');
    await expect.poll(pools, { timeout: 30_000 }).toBeGreaterThan(before);
    run.kill('SIGINT');

    expect((await run).exitCode).toBe(130);
    expect(readdirSync(site.file('.lab', 'test-lab'))).not.toContain('evidence');
  });
});
