import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { platformOf } from '../../scripts/tools/toolchain.ts';
import { ciliumByDigest, ciliumImage, nodeImage, probeByDigest, type Tool } from '../stand-ins/lab-bench.ts';
import { changes, find } from './calls.ts';
import { copySite, makeSite, type Site } from './drive.ts';

let site: Site;
beforeAll(async () => {
  site = await makeSite();
});
afterAll(() => {
  site.dispose();
});

const { os, arch } = platformOf(process.platform, process.arch);

/** A PATH with only these of the five programs. */
function pathWith(at: Site, tools: readonly Tool[]): string {
  const bin = at.file('..', 'bin');
  mkdirSync(bin);
  for (const tool of tools) symlinkSync(join(at.bench.programs, tool), join(bin, tool));
  for (const tool of ['node', 'ps', 'env', 'sh']) {
    symlinkSync(tool === 'node' ? process.execPath : join('/bin', tool), join(bin, tool));
  }
  return bin;
}

describe('GIVEN a machine that lacks programs', () => {
  it('WHEN it is deployed, and they cannot be downloaded THEN each is named with what to do, and exit is 1', async () => {
    const other = copySite(site);
    // nobody answers there
    const mirror = 'http://127.0.0.1:1';
    Object.assign(other.bench.env, {
      PATH: pathWith(other, ['docker', 'kubectl']),
      CLUSTERMESH_LAB_MIRROR: mirror,
    });
    const { exit, stdout, stderr } = await other.run('deploy');

    expect(exit).toBe(1);
    const urls = {
      'kind v0.20.0': `https://kind.sigs.k8s.io/dl/v0.20.0/kind-${os}-${arch}`,
      'helm v3.17.3': `https://get.helm.sh/helm-v3.17.3-${os}-${arch}.tar.gz`,
      'cilium v0.15.8': `https://github.com/cilium/cilium-cli/releases/download/v0.15.8/cilium-${os}-${arch}.tar.gz`,
    };
    const refusals = Object.entries(urls).map(
      ([name, url]) => `${name} is not on this machine: ${url.replace('https:/', mirror)} could not be downloaded: WHY
  check the network, or name a mirror (CLUSTERMESH_LAB_MIRROR); or install it (${url}), or name yours: CLUSTERMESH_LAB_${(name.split(' ')[0] ?? '').toUpperCase()}=PATH
`,
    );
    expect(stderr.replaceAll(/(downloaded: ).*/g, '$1WHY')).toBe(refusals.join(''));
    expect(stdout).toContain(`\nkind v0.20.0  … ${urls['kind v0.20.0']}\n`);
    expect(changes(other)).toEqual([]);
  });

  it('WHEN the user names one of another version THEN it is a warning', async () => {
    const other = copySite(site, { machine: { versions: { helm: 'v3.12.1' } } });
    Object.assign(other.bench.env, { CLUSTERMESH_LAB_HELM: other.bench.program('helm') });
    const { exit, stdout } = await other.run('plan');
    expect(exit).toBe(0);
    expect(stdout.split('\n')[0]).toBe(
      '! helm is v3.12.1 (CLUSTERMESH_LAB_HELM), the stack has v3.17.3; pin yours under versions: in lab.yaml',
    );
  });
});

describe('GIVEN a Docker Engine that does not answer', () => {
  it('WHEN the lab is deployed, planned, looked at or destroyed THEN it is said with cause and remedy, and exit is 1', async () => {
    const other = copySite(site, { machine: { docker: { running: false } } });
    for (const command of ['deploy', 'plan', 'status', 'destroy'] as const) {
      const { exit, stderr } = await other.run(command);
      expect({ command, exit }).toEqual({ command, exit: 1 });
      expect(stderr).toMatch(/^\n✗ docker failed: exit code 1\n\n {2}docker (info|ps|network|image|volume) /);
      expect(stderr).toContain(
        '  │ Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?\n',
      );
      expect(stderr).toContain(`
  cause   no Docker Engine answers
  remedy  start Docker (Linux: sudo systemctl start docker), then run this again
`);
    }
    expect(changes(other)).toEqual([]);
  });
});

describe('GIVEN a Docker Engine with the containerd image store', () => {
  it("WHEN it is deployed THEN the images are saved for this machine's platform alone, and load", async () => {
    const machine = { docker: { containerdImageStore: true, images: [nodeImage, ciliumByDigest, probeByDigest] } };
    const other = await makeSite(undefined, { machine });
    try {
      const { exit } = await other.run('deploy', '--skip-test');
      expect(exit).toBe(0);
      expect(find(changes(other), 'docker', 'save').map(({ args }) => args.slice(0, 3))).toEqual([
        ['save', '--platform', 'linux/amd64'],
        ['save', '--platform', 'linux/amd64'],
      ]);
      // they were pulled already
      expect(find(changes(other), 'docker', 'pull')).toEqual([]);
      expect(other.bench.state().containers['region-hurup-worker']?.images).toContain(ciliumImage);
    } finally {
      other.dispose();
    }
  });
});
