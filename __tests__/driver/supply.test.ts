import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { create } from 'tar';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { downloadSite } from '../stand-ins/download-site.ts';
import { ciliumByDigest, ciliumImage, nodeImage, probeByDigest } from '../stand-ins/lab-bench.ts';
import { changes, find } from './calls.ts';
import { copySite, makeDeployedSite, makeSite, running, type Site, twoRegions, withoutEvidence } from './drive.ts';

let fresh: Site;
let deployed: Site;
let requests: string[];
beforeAll(async () => {
  fresh = await makeSite();
  const { requests: asked } = await downloadSite();
  const before = asked.length;
  deployed = await makeDeployedSite(twoRegions);
  requests = asked.slice(before);
});
afterAll(() => {
  fresh.dispose();
  deployed.dispose();
});

/** The store has a folder for each digest, and the file in it. */
function stored({ bench }: Site): string[] {
  const folder = join(bench.cache, 'sha256');
  return readdirSync(folder)
    .map((digest) => join(folder, digest, readdirSync(join(folder, digest))[0] ?? ''))
    .toSorted((one) => (one.endsWith('.tgz') ? -1 : 1));
}

describe('GIVEN nothing WHEN the lab is deployed', () => {
  it('THEN chart and manifest are downloaded once, and each region is made of these files', () => {
    expect(requests.toSorted()).toEqual(['/cilium-1.14.2.tgz', '/metallb/v0.13.7/metallb-native.yaml']);
    const [chart = '', manifest = ''] = stored(deployed);
    const upgrades = find(changes(deployed), 'helm', 'upgrade').map(({ args }) => args[3]);
    expect(upgrades).toEqual([chart, chart]);
    expect(find(changes(deployed), 'kubectl', `apply --filename ${manifest}`)).toHaveLength(2);
    expect(stored(deployed)).toHaveLength(2);
  });

  it('THEN the archive of the image is gone, for every node has it', () => {
    expect(find(changes(deployed), 'docker', `pull ${ciliumByDigest}`)).toHaveLength(1);
    expect(deployed.bench.state().containers['region-hurup-worker']?.images).toContain(ciliumImage);
    expect(existsSync(deployed.file('.lab', 'test-lab', 'images'))).toBe(false);
  });
});

describe('GIVEN a deployed lab', () => {
  it('WHEN somebody edits what was downloaded THEN the next deploy that needs it brings it again', async () => {
    const site = copySite(deployed);
    const [, manifest = ''] = stored(site);
    const before = readFileSync(manifest, 'utf8');
    writeFileSync(manifest, '# another\n');
    expect((await site.run('plan')).stdout).toContain('fetch     lab            skip  no region needs them\n');

    site.writeLab(`${twoRegions}cilium: { values: { debug: { enabled: true } } }\n`);
    await site.synth();
    const { exit, events } = await site.events('deploy', '--skip-test');
    expect(exit).toBe(0);
    expect(running(events)[0]).toBe('fetch');
    expect(readFileSync(manifest, 'utf8')).toBe(before);
  });
});

describe('GIVEN a site that has other bytes than lab.yaml pins', () => {
  it('WHEN the lab is deployed THEN both sums are told, and nothing is applied', async () => {
    const site = copySite(fresh);
    const wanted = 'f'.repeat(64);
    site.writeLab(twoRegions + site.sources.replace(/#sha256=\w+/, `#sha256=${wanted}`));
    await site.synth();
    const { exit, stdout } = await site.run('deploy');

    expect(exit).toBe(1);
    const text = withoutEvidence(site.plain(stdout));
    expect(text.slice(text.indexOf('\n✗ ') + 1).replace(/is [0-9a-f]{64}, wanted/, 'is DIGEST, wanted'))
      .toBe(`✗ fetch failed: http://SITE/cilium-1.14.2.tgz has other bytes than it must have: its SHA-256 is DIGEST, wanted is ${wanted}

  cause   what was downloaded is not what the lab pins: somebody has changed it on the way, or at its place; nothing of it was applied
  remedy  deploy again, from another network or a mirror; where the new bytes are wanted, give their digest in lab.yaml: sources.ciliumChart or sources.metallbManifest as URL#sha256=HEX
  log     .lab/test-lab/logs/fetch.log
`);
    expect(readFileSync(site.file('.lab', 'test-lab', 'logs', 'fetch.log'), 'utf8')).toContain('/cilium-1.14.2.tgz\n');
    expect(find(changes(site), 'helm', 'upgrade')).toEqual([]);
    expect(find(changes(site), 'kubectl', 'apply')).toEqual([]);
  });
});

/** A chart of a Cilium of which the project has no keys, on a site of this machine; its `sources:` for lab.yaml. */
async function serveChart(site: Site): Promise<string> {
  const folder = site.file('..', 'unknown', 'cilium');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'Chart.yaml'), 'name: cilium\nversion: 1.14.99\n');
  writeFileSync(join(folder, 'values.yaml'), 'debug:\n  enabled: false\n');
  const archive = site.file('..', 'unknown.tgz');
  await create({ gzip: true, file: archive, cwd: join(folder, '..') }, ['cilium']);
  const server = createServer((_, answer) => answer.end(readFileSync(archive)));
  onTestFinished(() => {
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/cilium-1.14.99.tgz`;
  return site.sources.replace(/ciliumChart: .*/, `ciliumChart: ${url}`);
}

describe('GIVEN a chart of the web of which the project has no keys, and a value that it does not know', () => {
  it('WHEN the lab is deployed THEN the chart is read once it is there, and Helm never runs', async () => {
    const site = copySite(fresh);
    const versions = 'versions: { cilium: 1.14.99 }\n';
    const sources = await serveChart(site);
    const more = (values: string): string => `${twoRegions}${versions}cilium: { values: ${values} }\n${sources}`;
    site.bench.setMachine({ registry: [nodeImage, 'quay.io/cilium/cilium:v1.14.99', probeByDigest] });
    site.writeLab(more('{ debgu: { enabled: true } }'));
    await site.synth();
    const { exit, stdout } = await site.run('deploy', '--skip-test');

    expect(exit).toBe(1);
    expect(site.plain(stdout)).toContain(`✗ fetch failed: lab.yaml gives Cilium values that its chart does not know

  │ cilium.values.debgu is not a value of the Cilium 1.14.99 chart. Did you mean debug?

  remedy  correct lab.yaml, then npm run synth, and deploy again
`);
    expect(find(changes(site), 'helm', 'upgrade')).toEqual([]);

    const plan = await site.run('plan');
    expect(plan.exit).toBe(2);
    expect(plan.stderr).toContain(
      'cilium.values.debgu is not a value of the Cilium 1.14.99 chart. Did you mean debug?\n',
    );

    site.writeLab(more('{ debug: { enabled: true } }'));
    await site.synth();
    expect((await site.run('plan')).exit).toBe(0);
  });
});

describe('GIVEN a machine whose Docker has another MTU', () => {
  it("WHEN the lab's network is made THEN it has the same", async () => {
    const site = copySite(fresh, { machine: { docker: { mtu: 1400 } } });
    site.bench.setFaults([{ tool: 'kind', match: 'create cluster', times: 2, exit: 1 }]);
    await site.run('deploy');
    expect(find(changes(site), 'docker', 'network create … com.docker.network.driver.mtu=1400')).toHaveLength(1);
  });
});

describe('GIVEN a docker network that goes while networks are looked at', () => {
  it('WHEN the lab is planned THEN it is not there, and nothing fails', async () => {
    const site = copySite(deployed, {
      faults: [{ tool: 'docker', match: 'network ls', times: 1, exit: 0, stdout: `${networkIds(deployed)}dead\n` }],
    });
    const { exit, stdout } = await site.run('plan');
    expect(exit).toBe(0);
    expect(stdout).toContain('\nnothing to do\n');
  });

  it('WHEN docker answers something odd THEN it is a sentence, and no stack trace', async () => {
    const site = copySite(deployed, {
      faults: [{ tool: 'docker', match: 'info', times: 1, exit: 0, stdout: '{"ServerVersion":' }],
    });
    const { exit, stderr } = await site.run('plan');
    expect({ exit, stderr }).toEqual({
      exit: 1,
      stderr: `docker info --format '{{json .}}' exited with 0 and printed something else than was asked for. Look at what it prints by hand.\n`,
    });
  });
});

const networkIds = ({ bench }: Site): string =>
  Object.values(bench.state().networks)
    .map(({ id }) => `${id}\n`)
    .join('');
