import { closeSync, existsSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeSecret } from '../../scripts/files/secret.ts';
import { changes, find, shown } from './calls.ts';
import { copySite, makeDeployedSite, running, type Site, tree, twoRegions } from './drive.ts';
import { endState, links, meshOf, releaseValues } from './world.ts';

let living: Site;
beforeAll(async () => {
  living = await makeDeployedSite();
});
afterAll(() => {
  living.dispose();
});

/** Those of the changing calls that came after the first so many. */
const since = (site: Site, count: number): string[] =>
  changes(site)
    .slice(count)
    .map((call) => shown(site, call));

const kyoto = '  - { name: region-kyoto, workers: 1 }\n';

describe('GIVEN a connected lab', () => {
  it('WHEN a value of Cilium changes THEN Helm runs again, keeps the mesh, and the regions stay connected', async () => {
    const site = copySite(living);
    const before = changes(site).length;
    const mesh = meshOf(site.bench.state(), 'region-athens');
    expect(mesh).toMatchObject({ useAPIServer: true, config: { clusters: [{ name: 'region-hurup' }] } });

    site.writeLab(`${twoRegions}cilium: { values: { debug: { enabled: true } } }\n`);
    await site.synth();
    const { exit, events } = await site.events('deploy');

    expect(exit).toBe(0);
    expect(running(events)).toEqual(['region-athens/upgrade', 'region-hurup/upgrade', 'test']);
    const world = site.bench.state();
    expect(releaseValues(world, 'region-athens').debug).toEqual({ enabled: true });
    expect(meshOf(world, 'region-athens')).toEqual(mesh);
    expect(links(world)).toEqual({ 'region-athens': ['region-hurup'], 'region-hurup': ['region-athens'] });
    // nothing is enabled or connected anew
    expect(since(site, before).filter((call) => /clustermesh (enable|connect)/.test(call))).toEqual([]);
  });

  it('WHEN the validity of the shared CA is given THEN Helm runs once for it, and the key stays', async () => {
    const site = copySite(living);
    const { tls } = releaseValues(site.bench.state(), 'region-athens') as { tls: { ca: object } };
    site.writeLab(`${twoRegions}cilium: { values: { tls: { ca: { certValidityDuration: 3650 } } } }\n`);
    await site.synth();
    const first = await site.events('deploy', '--skip-test');
    expect(running(first.events)).toContain('region-athens/upgrade');
    expect(releaseValues(site.bench.state(), 'region-athens').tls).toEqual({
      ca: { ...tls.ca, certValidityDuration: 3650 },
    });

    const second = await site.events('deploy', '--skip-test');
    expect(running(second.events)).toEqual([]);
  }, 120_000);

  it('WHEN someone drops the mesh by a helm upgrade of their own THEN it is enabled and connected again', async () => {
    const site = copySite(living);
    site.bench.edit((world) => {
      const athens = world.clusters['region-athens'] as unknown as Record<string, unknown>;
      const without = (config: object): object => ({ ...config, clustermesh: undefined, externalWorkloads: undefined });
      const releases = (athens.releases as { config: object }[]).map((each) => ({
        ...each,
        config: without(each.config),
      }));
      const changed = { ...athens, releases, live: without(athens.live as object), connected: [] };
      return { ...world, clusters: { ...world.clusters, 'region-athens': changed } } as unknown as typeof world;
    });
    const { exit, events } = await site.events('deploy');

    expect(exit).toBe(0);
    expect(running(events)).toEqual(['region-athens/enable', 'region-athens/ready', 'connect', 'test']);
    expect(endState(site.bench.state())).toEqual(endState(living.bench.state()));
  });

  it('WHEN a region is added THEN it alone is built, and only the links that it needs are made', async () => {
    const site = copySite(living);
    const before = changes(site).length;
    site.writeLab(twoRegions + kyoto);
    await site.synth();
    const { exit, events } = await site.events('deploy');
    const calls = since(site, before);

    expect(exit).toBe(0);
    const own = ['cluster', 'load', 'cilium', 'enable', 'metallb', 'pool', 'ready'].map(
      (step) => `region-kyoto/${step}`,
    );
    expect(running(events)).toEqual(['image', ...own, 'connect', 'test']);
    expect(existsSync(site.file('.lab', 'test-lab', 'logs', 'connect-region-athens--region-kyoto.log'))).toBe(true);
    expect(
      calls
        .filter((call) => call.includes('clustermesh connect'))
        .map((call) => call.split(' --context ')[1])
        .toSorted(),
    ).toEqual([
      'kind-region-athens --destination-context kind-region-kyoto',
      'kind-region-hurup --destination-context kind-region-kyoto',
    ]);
    expect(links(site.bench.state())).toEqual({
      'region-athens': ['region-hurup', 'region-kyoto'],
      'region-hurup': ['region-athens', 'region-kyoto'],
      'region-kyoto': ['region-athens', 'region-hurup'],
    });

    // WHEN it is taken out of lab.yaml again THEN it is named and stays
    site.writeLab(twoRegions);
    await site.synth();
    const after = changes(site).length;
    const { stdout } = await site.run('deploy', '--skip-test');
    expect(stdout).toContain(
      "! the kind cluster region-kyoto is on the lab's network but not in lab.yaml: npm run destroy -- --region region-kyoto\n",
    );
    expect(since(site, after).filter((call) => call.includes('region-kyoto'))).toEqual([]);
    expect(Object.keys(site.bench.state().clusters)).toContain('region-kyoto');
    // AND the others' releases no longer name it
    expect(meshOf(site.bench.state(), 'region-athens')).toEqual(meshOf(living.bench.state(), 'region-athens'));

    // AND the command that was named removes exactly it
    const destroyed = await site.run('destroy', '--region', 'region-kyoto', '--yes');
    expect(destroyed.exit).toBe(0);
    expect(Object.keys(site.bench.state().clusters).toSorted()).toEqual(['region-athens', 'region-hurup']);
    expect(Object.keys(site.bench.state().networks)).toContain('test-lab');
  });
});

describe('GIVEN the shared CA', () => {
  const key = (site: Site): string => readFileSync(site.file('.lab', 'test-lab', 'ca', 'ca.key'), 'utf8');

  it('THEN both releases hold it', () => {
    const world = living.bench.state();
    const { tls } = releaseValues(world, 'region-athens') as { tls: { ca: { cert: string; key: string } } };
    expect(Buffer.from(tls.ca.key, 'base64').toString()).toBe(key(living));
    expect(releaseValues(world, 'region-hurup').tls).toEqual(tls);
  });

  it('THEN only the user can read its files', () => {
    const folder = living.file('.lab', 'test-lab', 'ca');
    const modes = Object.keys(tree(folder)).map((name) => [
      name,
      (statSync(`${folder}/${name}`).mode & 0o777).toString(8),
    ]);
    expect(Object.fromEntries(modes)).toEqual({
      'ca.crt': '600',
      'ca.key': '600',
      'shared-ca.yaml': '600',
    });
    expect((statSync(folder).mode & 0o777).toString(8)).toBe('700');
  });

  it('WHEN its values are written again THEN who is reading them sees them whole: regions share the file', () => {
    const site = copySite(living);
    const file = site.file('.lab', 'test-lab', 'ca', 'shared-ca.yaml');
    const text = readFileSync(file, 'utf8');
    const reader = openSync(file, 'r');
    writeSecret(file, 'tls: {}\n');
    expect(readFileSync(reader, 'utf8')).toBe(text);
    expect(readFileSync(file, 'utf8')).toBe('tls: {}\n');
    closeSync(reader);
  });

  it('THEN no log and no argument holds a private key, of the CA or of the mesh', () => {
    const logs = Object.values(tree(living.file('.lab', 'test-lab', 'logs'))).join('\n');
    const line = key(living).split('\n')[1] ?? '';
    const secrets = ['PRIVATE KEY', line, Buffer.from(key(living)).toString('base64').slice(0, 200)];
    // the beginning of every PEM key in base64, which the JSON of `clustermesh status` holds
    secrets.push(Buffer.from('-----BEGIN PRIVATE KEY-----').toString('base64').slice(0, 32));
    const said =
      logs +
      living.bench
        .calls()
        .map(({ args }) => args.join(' '))
        .join('\n');
    expect(logs).toContain('clustermesh status --context kind-region-athens --output json');
    expect(secrets.filter((secret) => said.includes(secret))).toEqual([]);
  });

  it('WHEN .lab/ is deleted THEN it is adopted: the kubeconfigs are exported again, the CA is that of the living releases, and nothing else runs', async () => {
    const site = copySite(living);
    const before = [changes(site).length, key(site)] as const;
    rmSync(site.file('.lab'), { recursive: true });
    expect((await site.run('deploy', '--skip-test')).exit).toBe(2);
    expect(since(site, before[0])).toEqual([]);
    const { exit, events } = await site.events('deploy', '--adopt', '--skip-test');

    expect(exit).toBe(0);
    expect(running(events)).toEqual(['region-athens/cluster', 'region-hurup/cluster']);
    expect(since(site, before[0]).toSorted()).toEqual(
      ['region-athens', 'region-hurup'].map(
        (name) => `kind export kubeconfig --name ${name} --kubeconfig LAB/.lab/test-lab/kubeconfig/${name}`,
      ),
    );
    expect(key(site)).toBe(before[1]);
    expect(existsSync(site.file('.lab', 'test-lab', 'kubeconfig', 'region-hurup'))).toBe(true);
    expect(find(changes(site).slice(before[0]), 'helm', 'upgrade')).toEqual([]);
  });
});
