import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { agentDigest } from '../../lab/published.ts';
import { stacks } from '../../lab/stacks.ts';
import { downloadSite } from '../stand-ins/download-site.ts';
import { probeByDigest } from '../stand-ins/lab-bench.ts';
import { changes, find, shown } from './calls.ts';
import { copySite, makeDeployedSite, running, type Site } from './drive.ts';
import { links, meshOf } from './world.ts';

/** A hub in the middle of the list, so that it is neither the first nor the last of anything. */
const three = `name: test-lab
regions:
  - { name: region-athens, workers: 0 }
  - { name: region-hub, workers: 0 }
  - { name: region-kyoto, workers: 0 }
`;
const hub = 'topology: hub, hub: region-hub';
const star = {
  'region-athens': ['region-hub'],
  'region-hub': ['region-athens', 'region-kyoto'],
  'region-kyoto': ['region-hub'],
};
const full = {
  'region-athens': ['region-hub', 'region-kyoto'],
  'region-hub': ['region-athens', 'region-kyoto'],
  'region-kyoto': ['region-athens', 'region-hub'],
};

/** The calls of the mesh's making, after the first so many. */
const connects = (site: Site, from = 0): string[] =>
  find(changes(site).slice(from), 'cilium', 'clustermesh connect').map((call) =>
    shown(site, call).replace(/^.* --context /, ''),
  );

describe('GIVEN three regions around a hub, meshed by the CLI', () => {
  let site: Site;
  beforeAll(async () => {
    site = await makeDeployedSite(`${three}mesh: { ${hub} }\n`);
  });
  afterAll(() => {
    site.dispose();
  });

  it('THEN the hub is connected to each of the others, and they are tested with it alone', () => {
    expect(links(site.bench.state())).toEqual(star);
    expect(connects(site)).toEqual([
      'kind-region-hub --destination-context kind-region-kyoto',
      'kind-region-athens --destination-context kind-region-hub',
    ]);
    const tests = find(changes(site), 'cilium', 'connectivity test');
    expect(tests.map(({ args }) => [args[3], args[5]])).toEqual([
      ['kind-region-athens', 'kind-region-hub'],
      ['kind-region-hub', 'kind-region-kyoto'],
    ]);
  });

  it('THEN a status shows no link where there is to be none, and all is well', async () => {
    const { exit, stdout } = await site.run('status', '--check');

    expect(exit).toBe(0);
    expect(
      stdout
        .split('\n')
        .filter((line) => /^(connected|region-)/.test(line))
        .slice(-4),
    ).toEqual([
      'connected to   region-athens  region-hub  region-kyoto',
      'region-athens  ·              1/1         ·',
      'region-hub     1/1            ·           1/1',
      'region-kyoto   ·              1/1         ·',
    ]);
  });

  it('WHEN all are to be connected THEN the link that is missing is made, and nothing else', async () => {
    const other = copySite(site);
    other.writeLab(`${three}mesh: { topology: full }\n`);
    await other.synth();
    const before = changes(other).length;
    const { exit, events } = await other.events('deploy', '--skip-test');

    expect(exit).toBe(0);
    expect(running(events)).toEqual(['connect']);
    expect(connects(other, before)).toEqual(['kind-region-athens --destination-context kind-region-kyoto']);
    expect(links(other.bench.state())).toEqual(full);

    // and back again: Helm runs without it at both of its ends, and the hub is left alone
    other.writeLab(`${three}mesh: { ${hub} }\n`);
    await other.synth();
    const back = await other.events('deploy', '--skip-test');

    expect(back.exit).toBe(0);
    expect(running(back.events).filter((id) => id.endsWith('/cilium'))).toEqual([
      'region-athens/cilium',
      'region-kyoto/cilium',
    ]);
    expect(links(other.bench.state())).toEqual(star);
  });

  it('WHEN somebody connects two others by hand THEN the next deploy parts them', async () => {
    const other = copySite(site);
    const kubeconfigs = ['region-athens', 'region-kyoto'].map((name) =>
      other.file('.lab', 'test-lab', 'kubeconfig', name),
    );
    execFileSync(
      other.bench.program('cilium'),
      ['clustermesh', 'connect', '--context', 'kind-region-athens', '--destination-context', 'kind-region-kyoto'],
      { env: { ...other.bench.env, KUBECONFIG: kubeconfigs.join(':') } },
    );
    expect(meshOf(other.bench.state(), 'region-kyoto').config?.clusters?.map(({ name }) => name)).toEqual([
      'region-hub',
      'region-athens',
    ]);
    const { exit } = await other.events('deploy', '--skip-test');

    expect(exit).toBe(0);
    expect(links(other.bench.state())).toEqual(star);
  });
});

describe('GIVEN the same, as part of the Helm install', () => {
  it('THEN each region dials those that it is connected to, and no other; a region without links none', async () => {
    const site = await makeDeployedSite(`${three}mesh: { method: install, pairs: [[region-hub, region-kyoto]] }\n`);
    try {
      const world = site.bench.state();
      expect(meshOf(world, 'region-hub').config?.clusters?.map(({ name }) => name)).toEqual(['region-kyoto']);
      expect(meshOf(world, 'region-athens').config?.clusters).toEqual([]);
      expect(links(world)).toEqual({
        ...full,
        'region-athens': [],
        'region-hub': ['region-kyoto'],
        'region-kyoto': ['region-hub'],
      });

      site.writeLab(`${three}mesh: { method: install, ${hub} }\n`);
      await site.synth();
      const { exit } = await site.events('deploy', '--skip-test');
      expect(exit).toBe(0);
      expect(links(site.bench.state())).toEqual(star);
    } finally {
      site.dispose();
    }
  });
});

describe('GIVEN a CLI that connects several at once', () => {
  it('THEN one call makes all links of the hub', async () => {
    const { versions, nodeImage } = stacks.current;
    const agent = `quay.io/cilium/cilium:v${versions.cilium}@${agentDigest(versions.cilium) ?? ''}`;
    const { currentSources } = await downloadSite();
    const site = await makeDeployedSite(`${three}stack: current\nmesh: { ${hub} }\n${currentSources}`, {
      machine: { versions: { ...versions, cilium: versions.ciliumCli }, registry: [nodeImage, agent, probeByDigest] },
    });
    try {
      expect(connects(site)).toEqual([
        'kind-region-hub --destination-context kind-region-athens,kind-region-kyoto --parallel 2',
      ]);
      expect(links(site.bench.state())).toEqual(star);
    } finally {
      site.dispose();
    }
  });
});
