import { readFileSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { agentDigest } from '../../lab/published.ts';
import { stacks } from '../../lab/stacks.ts';
import { downloadSite } from '../stand-ins/download-site.ts';
import { probeByDigest } from '../stand-ins/lab-bench.ts';
import { changes, find } from './calls.ts';
import { copySite, makeDeployedSite, makeSite, running, type Site, tree, twoRegions } from './drive.ts';
import { links, meshOf, releaseValues } from './world.ts';

const meshed = { 'region-athens': ['region-hurup'], 'region-hurup': ['region-athens'] };

describe('GIVEN a lab without Hubble and with KVStoreMesh, its mesh by a CLI that turns it off', () => {
  let site: Site;
  beforeAll(async () => {
    site = await makeDeployedSite(`${twoRegions}cilium: { hubble: false, kvstoremesh: true }\n`);
  });
  afterAll(() => {
    site.dispose();
  });

  const kvstoremesh = () =>
    ['region-athens', 'region-hurup'].map((region) => {
      const { apiserver } = meshOf(site.bench.state(), region) as { apiserver?: { kvstoremesh?: unknown } };
      return apiserver?.kvstoremesh;
    });

  it('THEN the CLI is asked for it, no UI is shown, and a second deploy runs nothing', async () => {
    expect(find(changes(site), 'cilium', 'clustermesh enable … --enable-kvstoremesh')).toHaveLength(2);
    expect(kvstoremesh()).toEqual([{ enabled: true }, { enabled: true }]);
    expect(releaseValues(site.bench.state(), 'region-athens').hubble).toEqual({ enabled: false });

    const { exit, stdout } = await site.run('deploy');
    expect(exit).toBe(0);
    expect(stdout).toContain('nothing to do');
    expect(stdout).not.toContain('Hubble UI');
    expect((await site.run('status')).stdout).not.toContain('hubble ui');
  });

  it('WHEN it is left to the chart again THEN what the CLI had written follows, and the mesh stays', async () => {
    site.writeLab(twoRegions);
    await site.synth();
    const { exit, events } = await site.events('deploy', '--skip-test');

    expect(exit).toBe(0);
    expect(running(events)).toContain('region-athens/upgrade');
    expect(kvstoremesh()).toEqual([{ enabled: false }, { enabled: false }]);
    expect(links(site.bench.state())).toEqual(meshed);
    expect(running((await site.events('deploy', '--skip-test')).events)).toEqual([]);
  });
});

describe('GIVEN a lab that encrypts by IPsec', () => {
  const { versions, nodeImage } = stacks.current;
  const agent = `quay.io/cilium/cilium:v${versions.cilium}@${agentDigest(versions.cilium) ?? ''}`;
  const regions = ['region-athens', 'region-hurup'];
  let living: Site;
  beforeAll(async () => {
    const { currentSources } = await downloadSite();
    const text = `${twoRegions}stack: current\ncilium: { encryption: ipsec }\nmesh: { method: install }\n${currentSources}`;
    const machine = {
      versions: { ...versions, cilium: versions.ciliumCli },
      registry: [nodeImage, agent, probeByDigest],
    };
    living = await makeDeployedSite(text, { machine });
  });
  afterAll(() => {
    living.dispose();
  });

  const deploy = (site: Site, ...options: string[]) => site.events('deploy', ...options);
  const secretName = 'Secret/kube-system/cilium-ipsec-keys';
  const keys = (site: Site) =>
    regions.map((region) => {
      const secret = site.bench.state().clusters[region]?.objects[secretName] as
        { data?: { keys?: string } } | undefined;
      return Buffer.from(secret?.data?.keys ?? '', 'base64').toString();
    });
  const kept = (site: Site) => readFileSync(site.file('.lab', 'test-lab', 'ca', 'ipsec.key'), 'utf8').trim();

  it('THEN every region has the one key before Helm installs the agents, and a second deploy runs nothing', async () => {
    const key = kept(living);
    expect(keys(living)).toEqual([key, key]);
    for (const region of regions) {
      const calls = changes(living).filter(({ args }) => args.includes(`kind-${region}`));
      const names = calls.map(({ tool, args }) => `${tool} ${args.slice(0, 12).join(' ')}`);
      const applied = names.findIndex((name) => name.includes('cilium-ipsec-keys.yaml'));
      expect(applied).toBeGreaterThan(-1);
      expect(applied).toBeLessThan(names.findIndex((name) => name.startsWith('helm upgrade')));
    }
    const { exit, events } = await deploy(copySite(living));
    expect({ exit, running: running(events) }).toEqual({ exit: 0, running: [] });
  });

  it('THEN the key is in no log, no command line, and not in dist/', () => {
    const [, secret = ''] = /\) (\w{40}) 128$/.exec(kept(living)) ?? [];
    expect(secret).toHaveLength(40);
    const all = [
      ...Object.values(tree(living.file('.lab', 'test-lab', 'logs'))),
      ...Object.values(tree(living.file('dist'))),
      ...living.bench.calls().map(({ args, env }) => JSON.stringify([args, env])),
    ].join('\n');
    expect(all).toContain('cilium-ipsec-keys');
    expect([secret, Buffer.from(kept(living)).toString('base64')].filter((text) => all.includes(text))).toEqual([]);
  });

  it("WHEN a region has lost its Secret, and the folder its key, THEN the other region's key comes back", async () => {
    const site = copySite(living);
    const key = kept(site);
    site.bench.edit((world) => {
      const { 'region-athens': athens, ...others } = world.clusters;
      if (athens === undefined) throw new Error('no region-athens');
      const { [secretName]: _lost, ...objects } = athens.objects;
      return { ...world, clusters: { 'region-athens': { ...athens, objects }, ...others } };
    });
    rmSync(site.file('.lab', 'test-lab', 'ca', 'ipsec.key'));
    const { exit, events } = await deploy(site, '--skip-test');

    expect(exit).toBe(0);
    expect(running(events)).toContain('region-athens/cilium');
    expect(running(events)).not.toContain('region-hurup/cilium');
    expect(keys(site)).toEqual([key, key]);
    expect(kept(site)).toBe(key);
  });
});

it('GIVEN a kernel without WireGuard WHEN a lab asks for it THEN nothing is touched', async () => {
  const site = await makeSite(`${twoRegions}cilium: { encryption: wireguard }\n`, {
    machine: { docker: { kernelLacks: ['wireguard'], images: [stacks.article.nodeImage] } },
  });
  onTestFinished(() => {
    site.dispose();
  });

  const { exit, stderr } = await site.run('deploy');

  expect(exit).toBe(2);
  expect(stderr).toContain('the kernel has no WireGuard; lab.yaml says `encryption: wireguard`');
  expect(changes(site)).toEqual([]);
});
