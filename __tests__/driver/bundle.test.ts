import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { bundledName } from '../../lab/image-name.ts';
import { packBundle, unpackBundle } from '../../scripts/supply/bundle.ts';
import { downloadSite } from '../stand-ins/download-site.ts';
import { nodeImage } from '../stand-ins/lab-bench.ts';
import { find } from './calls.ts';
import { copySite, makeSite, type Site, siteWith, twoRegions, untilHanging } from './drive.ts';

const cacheImage = 'registry:3.0.0';
const probe = 'my/probe:v1';
const sources = `  images: { by: cache, cache: "${cacheImage}", probe: "${probe}" }\n`;

/** A registry on this machine that has every image, but those whose path has this in it. @returns its port */
async function registry(lacks?: string): Promise<number> {
  const blobs = new Map<string, string>();
  const keep = (text: string): string => {
    const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`;
    blobs.set(digest, text);
    return digest;
  };
  const server = createServer((request, response) => {
    const { url = '' } = request;
    const [, repository = '', digest = ''] = /^\/v2\/(.+)\/(?:manifests|blobs)\/(.+)$/.exec(url) ?? [];
    if (lacks !== undefined && url.includes(lacks)) response.statusCode = 404;
    const own = { config: { digest: keep(repository) }, layers: [{ digest: keep('the base of all') }] };
    response.end(blobs.get(digest) ?? JSON.stringify(own));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** The programs are the user's: they are published nowhere. */
const own = (site: Site): Site =>
  siteWith(site, {
    CLUSTERMESH_LAB_KIND: site.bench.program('kind'),
    CLUSTERMESH_LAB_HELM: site.bench.program('helm'),
    CLUSTERMESH_LAB_KUBECTL: site.bench.program('kubectl'),
    CLUSTERMESH_LAB_CILIUM: site.bench.program('cilium'),
  });

let empty: Site;
let requests: readonly string[];
beforeAll(async () => {
  ({ requests } = await downloadSite());
  empty = await makeSite(undefined, { webhookFailures: 0 });
  empty.writeLab(`${twoRegions}${empty.sources.replace('sources:\n', `sources:\n${sources}`)}`);
  await empty.synth();
});
afterAll(() => {
  empty.dispose();
});

/** A machine with a network, on which nothing of the lab is. */
async function online(lacks?: string, faults: Parameters<typeof copySite>[1] = {}): Promise<Site> {
  const cachePort = await registry(lacks);
  return own(copySite(empty, { machine: { docker: { images: [cacheImage, probe], cachePort } }, ...faults }));
}

/** A machine without any: nothing can be pulled, and caches get nothing. @param bundle to be there */
async function offline(bundle: string): Promise<Site> {
  const cachePort = await registry('/manifests/');
  const site = own(copySite(empty, { machine: { registry: [], docker: { registryDown: true, cachePort } } }));
  copyFileSync(bundle, site.file('lab.bundle'));
  return site;
}

/** Images that were asked for, by a `pull` or by a question to the kernel out of one that is not there. */
const pulled = ({ bench }: Site) =>
  bench
    .calls()
    .filter(({ tool, args, exit }) => tool === 'docker' && (args[0] === 'pull' || (args[0] === 'run' && exit === 125)));

const filesIn = ({ bench }: Site): string[] => readdirSync(bench.lab).toSorted();

describe('GIVEN a lab whose images come through caches', () => {
  it('WHEN a bundle is asked for THEN it is written, told, AND nothing is left beside it', async () => {
    const site = await online();

    const { exit, stdout, stderr } = await site.run('bundle', 'lab.bundle');

    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    const [first, , , , , done] = site.plain(stdout).split('\n');
    expect([first, done?.replace(/^\d\d:\d\d/, 'CLOCK')]).toEqual([
      '! not in it, since you give them yourself: kind (CLUSTERMESH_LAB_KIND), helm (CLUSTERMESH_LAB_HELM), kubectl (CLUSTERMESH_LAB_KUBECTL), cilium (CLUSTERMESH_LAB_CILIUM)',
      'CLOCK  lab            bundle    ✓ T',
    ]);
    expect(site.plain(stdout).trimEnd().split('\n').slice(-2)).toEqual([
      'wrote lab.bundle: 7 images for linux/amd64, 0.0 MB',
      'where there is no network: npm run deploy -- --bundle lab.bundle',
    ]);
    expect(filesIn(site)).toEqual(['.lab', 'dist', 'lab.bundle', 'lab.yaml']);
    expect(readdirSync(site.file('.lab', 'test-lab', 'images'))).toEqual([]);
    expect(Object.keys(site.bench.state().images).toSorted()).toEqual([nodeImage, cacheImage, probe].toSorted());
  });

  it('WHEN it is deployed from that on a machine without a network THEN the lab is built AND nobody is asked', async () => {
    const from = await online();
    await from.run('bundle', 'lab.bundle');
    const site = await offline(from.file('lab.bundle'));
    const before = requests.length;

    const { exit, stdout, stderr } = await site.run('deploy', '--skip-test', '--bundle', 'lab.bundle');

    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    expect(stdout).toMatch(
      /^lab\.bundle: 7 images for linux\/amd64, 0\.0 MB, made for test-lab at \S+ \S+ UTC; each part is as it was written$/m,
    );
    expect(/lab +fill +✓ .*$/m.exec(stdout)?.[0]).toMatch(/: 4 of 4 images, out of the bundle$/);
    expect(requests.slice(before)).toEqual([]);
    expect(pulled(site)).toEqual([]);
    const made = find(site.bench.calls(), 'kind', 'create cluster').map(
      ({ args }) => args[args.indexOf('--image') + 1],
    );
    expect(made).toEqual([bundledName(nodeImage), bundledName(nodeImage)]);
    const held = Object.entries(site.bench.state().containers).flatMap(([name, { files = {} }]) =>
      Object.keys(files).map((file) => `${name}:${file}`),
    );
    expect(held).toContain(
      'clustermesh-lab-cache-quay-io:/var/lib/registry/docker/registry/v2/repositories/cilium/cilium/_manifests/tags/v1/current/link',
    );
    expect(existsSync(site.file('.lab', 'test-lab', 'images'))).toBe(false);

    // without it: all is there
    expect((await site.run('plan', '--skip-test', '--detailed-exitcode')).exit).toBe(0);
    // nor does the next lab need it
    expect((await site.run('destroy', '--yes')).exit).toBe(0);
    expect((await site.run('deploy', '--skip-test')).exit).toBe(0);
    expect(pulled(site)).toEqual([]);
  });

  it('WHEN an image cannot be had THEN it is named AND no file is written', async () => {
    const site = await online('/cilium/cilium/');

    const { exit, stdout } = await site.run('bundle', 'lab.bundle');

    expect(exit).toBe(1);
    expect(stdout).toContain('1 of 4 images cannot be had, so there is no bundle');
    expect(stdout).toMatch(/quay\.io\/cilium\/cilium:v1: http:\S+ answers 404/);
    expect(filesIn(site)).toEqual(['.lab', 'dist', 'lab.yaml']);
  });

  it('WHEN it is killed in the midst THEN there is no bundle, AND the next run writes it', async () => {
    const site = await online();
    site.bench.setFaults([{ tool: 'docker', match: 'save', times: 1, hangSeconds: 600, spawnGrandchild: true }]);
    const run = site.start('bundle', 'lab.bundle');
    await untilHanging(site);
    run.kill('SIGKILL');
    await run;

    expect(filesIn(site)).toEqual(['.lab', 'dist', 'lab.yaml']);
    const { exit } = await site.run('bundle', 'lab.bundle');
    expect(exit).toBe(0);
    expect(filesIn(site)).toEqual(['.lab', 'dist', 'lab.bundle', 'lab.yaml']);
  });

  it('WHEN the file is something else THEN it stays', async () => {
    const site = await online();
    writeFileSync(site.file('thesis.txt'), 'mine');

    const { exit, stderr } = await site.run('bundle', 'thesis.txt');

    expect({ exit, stderr }).toEqual({
      exit: 2,
      stderr:
        "thesis.txt is not the lab's to replace: it carries no mark of npm run bundle. Choose another place with npm run bundle -- FILE. Nothing was touched.\n",
    });
    expect(readFileSync(site.file('thesis.txt'), 'utf8')).toBe('mine');
  });

  it('WHEN the bundle is damaged THEN its part is named AND nothing is made', async () => {
    const from = await online();
    await from.run('bundle', 'lab.bundle');
    const site = await offline(from.file('lab.bundle'));
    const bytes = readFileSync(site.file('lab.bundle'), 'latin1');
    writeFileSync(site.file('lab.bundle'), bytes.replace('the base of all', 'The base of all'), 'latin1');

    const { exit, stderr } = await site.run('deploy', '--skip-test', '--bundle', 'lab.bundle');

    expect({ exit, stderr }).toEqual({
      exit: 2,
      stderr: expect.stringMatching(
        /^lab\.bundle: sha256\/[0-9a-f]{64}, of \S+, has other bytes\n {2}copy it here once more, or write it anew where the network is: npm run bundle -- FILE\n$/,
      ) as string,
    });
    expect(Object.keys(site.bench.state().images)).toEqual([]);
    expect(filesIn(site)).toEqual(['dist', 'lab.bundle', 'lab.yaml']);
  });

  it('WHEN it was made for a lab of other images THEN what it lacks is named', async () => {
    const from = await online();
    await from.run('bundle', 'lab.bundle');
    const site = await offline(from.file('lab.bundle'));
    const text = readFileSync(site.file('lab.yaml'), 'utf8');
    site.writeLab(text.replace('images: {', 'nodeImage: kindest/node:v1.27.9\n  images: {'));
    await site.synth();

    const { exit, stderr } = await site.run('deploy', '--skip-test', '--bundle', 'lab.bundle');

    expect({ exit, stderr }).toEqual({
      exit: 2,
      stderr:
        'lab.bundle, made for test-lab, lacks what this lab needs: kindest/node:v1.27.9\n  write it for this lab, on a machine of that kind: npm run bundle -- lab.bundle\n',
    });
  });

  it('WHEN its images are for another platform THEN that is said AND nothing is made', async () => {
    const site = await online();
    const parts = site.file('parts');
    mkdirSync(`${parts}/sha256`, { recursive: true });
    const list = { bundle: 1, lab: 'other', made: '2026-11-30T12:00:00.000Z', platform: 'linux/s390x' } as const;
    await packBundle(
      { ...list, files: [], archives: [], images: [] },
      parts,
      site.file('s390x.bundle'),
      new AbortController().signal,
    );

    expect(await site.run('deploy', '--bundle', 's390x.bundle')).toMatchObject({
      exit: 2,
      stderr:
        's390x.bundle has images for linux/s390x, and Docker wants linux/amd64\n  write it for this lab, on a machine of that kind: npm run bundle -- s390x.bundle\n',
    });
    expect(existsSync(site.file('.lab'))).toBe(false);
  });

  it('WHEN it lacks an image of this lab, which the cache lacks too THEN the deploy fails, and names it', async () => {
    const from = await online();
    await from.run('bundle', 'lab.bundle');
    const site = await offline(from.file('lab.bundle'));
    const bundle = await unpackBundle(site.file('lab.bundle'), site.file('parts'), new AbortController().signal);
    const images = bundle.list.images.filter(({ image }) => !image.includes('/cilium/cilium:'));
    await packBundle(
      { ...bundle.list, images },
      site.file('parts'),
      site.file('less.bundle'),
      new AbortController().signal,
    );

    const { exit, stdout } = await site.run('deploy', '--skip-test', '--bundle', 'less.bundle');

    expect(exit).toBe(1);
    expect(stdout).toContain('✗ fill failed: the bundle lacks images of this lab, and so do the caches\n');
    expect(stdout).toMatch(/quay\.io\/cilium\/cilium:v1/);
  });

  it('WHEN putting it into a cache is cut off THEN that cache is made anew: half of a file would be served for ever', async () => {
    const from = await online();
    await from.run('bundle', 'lab.bundle');
    const site = await offline(from.file('lab.bundle'));
    site.bench.setFaults([{ tool: 'docker', match: 'cp', times: 1, hangSeconds: 600, spawnGrandchild: true }]);
    const run = site.start('deploy', '--skip-test', '--bundle', 'lab.bundle');
    await untilHanging(site);
    run.kill('SIGKILL');
    await run;
    const half = readdirSync(join(site.bench.cache, 'half-copied'));
    expect(half).toHaveLength(1);

    // as long as it cannot be made anew it stays known as half
    site.bench.setFaults([
      { tool: 'docker', match: `volume rm ${half[0] ?? ''}`, times: 2, exit: 1, stderr: 'in use' },
    ]);
    expect(await site.run('deploy', '--skip-test', '--bundle', 'lab.bundle')).toMatchObject({
      ...{ exit: 1, stdout: expect.stringContaining('has half of what was put into it') as string },
    });
    expect(readdirSync(join(site.bench.cache, 'half-copied'))).toEqual(half);
    site.bench.setFaults([]);

    expect((await site.run('deploy', '--skip-test', '--bundle', 'lab.bundle')).exit).toBe(0);

    const removed = find(site.bench.calls(), 'docker', 'volume rm').flatMap(({ args, exit }) =>
      exit === 0 ? [args.at(-1)] : [],
    );
    expect(removed.filter((name) => half.includes(name ?? ''))).toEqual(half);
    expect(readdirSync(join(site.bench.cache, 'half-copied'))).toEqual([]);
  });

  it.each([
    ['dist/lab.bundle', 'lies in the synthesized YAML, which synth replaces as a whole'],
    ['.lab/test-lab/images/lab.bundle', 'lies in .lab/, which goes with the lab'],
    ['new/', 'names a folder'],
    ['lab.yaml', 'is or holds the lab file'],
  ])('WHEN it is to be written to %s THEN that is refused', async (place, why) => {
    const site = await online();

    const { exit, stderr } = await site.run('bundle', place);

    expect({ exit, stderr }).toMatchObject({ exit: 2, stderr: expect.stringContaining(why) as string });
    expect(existsSync(site.file('.lab'))).toBe(false);
  });

  it('WHEN an archive of the user’s begins with a bundle.json THEN it stays', async () => {
    const site = await online();
    writeFileSync(site.file('bundle.json'), '{ "name": "mine" }');
    execFileSync('tar', ['-cf', 'backup.tar', 'bundle.json'], { cwd: site.bench.lab });

    expect((await site.run('bundle', 'backup.tar')).exit).toBe(2);
  });

  it('WHEN there is no such file THEN that is said', async () => {
    const site = await online();

    expect(await site.run('deploy', '--bundle', 'other.bundle')).toEqual({
      ...{
        exit: 2,
        stdout: '',
        stderr: '--bundle other.bundle: there is no such file. Name what npm run bundle -- FILE wrote.\n',
      },
    });
  });
});

describe('GIVEN a lab whose images do not', () => {
  it.each([['bundle', ['lab.bundle'], 'bundle'] as const, ['deploy', ['--bundle', 'x'], '--bundle'] as const])(
    'WHEN %s is asked for THEN it says what to write',
    async (command, args, asked) => {
      const site = await makeSite();
      onTestFinished(() => {
        site.dispose();
      });

      expect(await site.run(command, ...args)).toEqual({
        exit: 2,
        stdout: '',
        stderr: `${asked}: what comes out of a bundle comes through caches, and sources.images.by is preload\n  write sources: { images: { by: cache } } in lab.yaml, then npm run synth\n`,
      });
      expect(existsSync(site.file('.lab'))).toBe(false);
    },
  );
});
