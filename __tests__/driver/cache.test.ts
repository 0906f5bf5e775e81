import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { find } from './calls.ts';
import { ImageUses } from '../../scripts/supply/image-uses.ts';
import {
  copySite,
  makeNeighbour,
  makeSite,
  put,
  type Site,
  siteWith,
  tree,
  twoRegions,
  untilHanging,
} from './drive.ts';

/** A lab whose images come through caches, of an image that the machine has. */
const labText = `${twoRegions}mirrors: {}\n`;
const sources = '  images: { by: cache, cache: "registry:3.0.0" }\n  mirrors: { quay.io: "https://quay.example" }\n';

/** A registry on this machine that has every image but one. @returns its port, and what it was asked for */
async function registry(lacks?: string): Promise<{ port: number; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const { url = '' } = request;
    if (url !== '/v2/') asked.push(url);
    if (lacks !== undefined && url !== '/v2/' && url.includes(lacks)) response.statusCode = 404;
    const blobs = { config: { digest: `sha256:${url.split('/')[3] ?? ''}` }, layers: [{ digest: 'sha256:base' }] };
    response.end(url.includes('/manifests/') ? JSON.stringify(blobs) : 'x'.repeat(1000));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, asked };
}

/** Another lab of the same machine. */
const neighbour = (text: string): string =>
  text
    .replaceAll('test-lab', 'other-lab')
    .replaceAll('region-', 'other-')
    .replace('mirrors: {}', 'network: { subnet: 172.30.0.0/16 }');

const caches = ({ bench }: Site) =>
  Object.entries(bench.state().containers).filter(([name]) => name.startsWith('clustermesh-lab-cache-'));

let empty: Site;
beforeAll(async () => {
  empty = await makeSite(undefined, { webhookFailures: 0 });
  empty.writeLab(`${labText}${empty.sources.replace('sources:\n', `sources:\n${sources}`)}`);
  await empty.synth();
});
afterAll(() => {
  empty.dispose();
});

/** @param more of the machine */
async function site(more: { registryDown?: boolean } = {}, lacks?: string) {
  const { port, asked } = await registry(lacks);
  const own = copySite(empty, { machine: { docker: { images: ['registry:3.0.0'], cachePort: port, ...more } } });
  return { own, asked };
}

describe('GIVEN a lab whose images come through caches', () => {
  it('THEN dist/ says whom the nodes ask: the cache, the mirror, the registry itself', () => {
    const folder = empty.file('dist', 'region-athens', 'registries');

    expect(readdirSync(folder).toSorted()).toEqual(['docker.io.toml', 'quay.io.toml', 'registry.k8s.io.toml']);
    const text = readFileSync(`${folder}/quay.io.toml`, 'utf8');
    expect([...text.matchAll(/"(https?:[^"]+)"/g)].map(([, url]) => url)).toEqual([
      'https://quay.io',
      expect.stringMatching(/^http:\/\/clustermesh-lab-cache-quay-io-[0-9a-f]{8}:5000$/),
      'https://quay.example',
    ]);
  });

  it('WHEN it is deployed THEN caches are there, filled, AND every node knows; a second deploy finds nothing to do', async () => {
    const { own, asked } = await site();

    const { exit, stdout } = await own.run('deploy', '--skip-test');

    expect(exit).toBe(0);
    expect(stdout).toMatch(/lab +fill +✓ \d+\.\d s: (\d+) of \1 images, \d+ MB fetched\n/);
    expect(caches(own).map(([, { network, running }]) => ({ network, running }))).toEqual(
      [1, 2, 3].map(() => ({ network: 'test-lab', running: true })),
    );
    const files = Object.values(own.bench.state().containers).flatMap((each) => Object.keys(each.files ?? {}));
    expect(files.filter((file) => file === '/etc/containerd/certs.d/quay.io/hosts.toml')).toHaveLength(4);
    // of a cache that says it has all, each blob of each image once
    expect(new Set(asked).size).toBe(asked.length);
    expect(asked).toContain('/v2/cilium/cilium/manifests/v1');
    const plan = await own.run('plan', '--skip-test', '--detailed-exitcode');
    expect({ exit: plan.exit, fill: /^. fill.*$/m.exec(plan.stdout)?.[0] }).toEqual({
      exit: 0,
      fill: expect.stringMatching(/skip +nothing new is asked for/) as string,
    });
  });

  it('WHEN a registry has no such image THEN that is named, AND the nodes are left to ask', async () => {
    const { own } = await site({}, '/cilium/cilium/');

    const { exit, stdout } = await own.run('deploy', '--skip-test');

    expect(exit).toBe(0);
    expect(/lab +fill +✓ .*$/m.exec(stdout)?.[0]).toMatch(
      /: 4 of 5 images, \d+ MB fetched; not quay\.io\/cilium\/cilium:v1$/,
    );
  });

  it('WHEN no cache can get anything THEN that is said, AND the lab is built: nodes ask the registries themselves', async () => {
    const { own } = await site({}, '/v2/');

    const { exit, stdout } = await own.run('deploy', '--skip-test');

    expect(exit).toBe(0);
    expect(/lab +fill +✓ .*$/m.exec(stdout)?.[0]).toMatch(
      /: 0 of 5 images, nothing fetched; not (?:\S+, ){3}and 2 more$/,
    );
  });

  it('WHEN it is destroyed THEN the caches stay, AND the next lab takes them up again', async () => {
    const { own } = await site();
    await own.run('deploy', '--skip-test');

    expect((await own.run('destroy', '--yes')).exit).toBe(0);
    expect(own.bench.state().networks['test-lab']).toBe(undefined);
    expect(caches(own)).toHaveLength(3);

    const before = find(own.bench.calls(), 'docker', 'run --detach').length;
    expect((await own.run('deploy', '--skip-test')).exit).toBe(0);
    expect(find(own.bench.calls(), 'docker', 'run --detach')).toHaveLength(before);
    expect(find(own.bench.calls(), 'docker', 'network connect')).toHaveLength(3);
  });

  it('WHEN no registry answers THEN caches give what they have, and that is said', async () => {
    const { own } = await site({ registryDown: true });

    const { exit, stdout } = await own.run('deploy', '--skip-test');

    expect(exit).toBe(0);
    expect(stdout).toMatch(
      /lab +cache +✓ .*: docker\.io, quay\.io, registry\.k8s\.io: no answer from there, so what the cache has is all there is\n/,
    );
    const labels = caches(own).map(([, each]) => each.labels['clustermesh-lab.cache.upstream']);
    expect(labels).toEqual([undefined, undefined, undefined]);
  });

  it.each([
    ['registries answer', {}],
    ['no registry answers', { registryDown: true }],
  ])('WHEN two labs begin at once, and %s THEN both use the same caches', async (_, more) => {
    const { own } = await site(more);
    const other = await makeNeighbour(own, neighbour(readFileSync(own.file('lab.yaml'), 'utf8')));

    const [one, two] = await Promise.all([own.run('deploy', '--skip-test'), other.run('deploy', '--skip-test')]);

    expect([one.exit, two.exit], `${one.stdout}${one.stderr}${two.stdout}${two.stderr}`).toEqual([0, 0]);
    const networks = caches(own).map(([, { network, also = [] }]) => [network, ...also].toSorted());
    expect(networks).toEqual([1, 2, 3].map(() => ['other-lab', 'test-lab']));
  });

  it('WHEN no registry answers, and another lab comes later THEN the caches stay with the first too', async () => {
    const { own } = await site({ registryDown: true });
    await own.run('deploy', '--skip-test');
    own.bench.edit((world) => ({
      ...world,
      containers: Object.fromEntries(
        Object.entries(world.containers).map(([name, each]) => [name, { ...each, status: 'Up 2 hours' }]),
      ),
    }));
    const other = await makeNeighbour(own, neighbour(readFileSync(own.file('lab.yaml'), 'utf8')));

    expect((await other.run('deploy', '--skip-test')).exit).toBe(0);

    const networks = caches(own).map(([, { network, also = [] }]) => [network, ...also].toSorted());
    expect(networks).toEqual([1, 2, 3].map(() => ['other-lab', 'test-lab']));
  });

  it('WHEN a node lost what it was told, or a cache was removed THEN the next deploy puts that right, and no more', async () => {
    const { own } = await site();
    await own.run('deploy', '--skip-test');
    own.bench.edit((world) => {
      const { 'clustermesh-lab-cache-docker-io': _, ...containers } = world.containers;
      const worker = containers['region-hurup-worker'];
      if (worker === undefined) throw new Error('no worker');
      return { ...world, containers: { ...containers, 'region-hurup-worker': { ...worker, files: {} } } };
    });

    const { stdout } = await own.run('plan', '--skip-test');

    const rows = stdout.split('\n').filter((line) => line.startsWith('+'));
    expect(rows.map((row) => row.replaceAll(/\s+/g, ' '))).toEqual([
      '+ cache lab run docker.io has none',
      '+ hosts region-hurup run 1 of 2 nodes do not',
      '+ verify lab run at the end of every deploy',
    ]);
    expect((await own.run('deploy', '--skip-test')).exit).toBe(0);
    expect((await own.run('plan', '--skip-test', '--detailed-exitcode')).exit).toBe(0);
  });

  it('WHEN docker login has kept a password for the mirror THEN its cache has it, AND it is shown and kept nowhere', async () => {
    const { own } = await site();
    put(
      own.file('docker', 'config.json'),
      JSON.stringify({ auths: { 'quay.example': { auth: btoa('ann:s3cr3t-w0rd') } } }),
    );

    const { exit, stdout, stderr } = await siteWith(own, { DOCKER_CONFIG: own.file('docker') }).run(
      'deploy',
      '--skip-test',
    );

    expect(exit).toBe(0);
    const given = caches(own).map(([, { env }]) => env?.REGISTRY_PROXY_PASSWORD);
    expect(given.filter((each) => each !== undefined)).toEqual([JSON.stringify('s3cr3t-w0rd')]);
    const all = [stdout, stderr, JSON.stringify(own.bench.calls()), ...Object.values(tree(own.file('.lab')))];
    expect(all.filter((text) => text.includes('s3cr3t-w0rd'))).toEqual([]);
  });
});

describe('GIVEN caches', () => {
  const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
  const manifestOf = (text: string) => ({
    config: { digest: `sha256:${digest(text)}`, size: 100 },
    layers: [{ digest: 'sha256:base', size: 1_000_000 }],
  });

  /** The cache of quay.io holds an old image, and one that came today. */
  async function held(image = 'registry:3.0.0'): Promise<{ own: Site; asked: string[]; meanwhile: string[] }> {
    const asked: string[] = [];
    const meanwhile: string[] = [];
    const server = createServer(({ url = '', method }, response) => {
      if (method === 'DELETE') {
        asked.push(url);
        // one that asks a registry refuses: who runs now?
        meanwhile.push(...caches(own).flatMap(([name, { running }]) => (running ? [name] : [])));
      }
      response.statusCode = method === 'DELETE' ? 202 : 200;
      response.end(url === '/v2/' ? '{}' : JSON.stringify(manifestOf(url)));
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const cachePort = (server.address() as AddressInfo).port;
    const own = copySite(empty, { machine: { docker: { images: [image], cachePort } } });
    const root = '/var/lib/registry/docker/registry/v2/repositories/cilium/cilium/_manifests';
    const old = `${root}/revisions/sha256/${'a'.repeat(64)}/link`;
    const name = 'clustermesh-lab-cache-quay-io';
    const labels = ['clustermesh-lab.cache=quay.io', 'clustermesh-lab.cache.upstream=https://quay.io'];
    const made = ['run', '--detach', '--name', name, ...labels.flatMap((label) => ['--label', label]), image];
    execFileSync(own.bench.program('docker'), made, { env: own.bench.env });
    own.bench.edit((world) => {
      const { [name]: there, ...others } = world.containers;
      if (there === undefined) throw new Error('no cache');
      const files = {
        [old]: `sha256:${'a'.repeat(64)}`,
        [`${root}/tags/v1/current/link`]: `sha256:${'a'.repeat(64)}`,
        [`${root}/revisions/sha256/${'b'.repeat(64)}/link`]: `sha256:${'b'.repeat(64)}`,
      };
      const times = { [old]: Date.parse('2026-01-02T03:04:05Z') / 1000 };
      return { ...world, containers: { ...others, [name]: { ...there, files, times } } };
    });
    return { own, asked, meanwhile };
  }

  it('WHEN they are asked for THEN what each holds, its size, and when it was used last', async () => {
    const { own } = await held();

    const { exit, stdout, stderr } = await own.run('cache');

    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    expect(stdout.replaceAll(/20\d\d-(?!01-02)[\d-]+ [\d:]+ UTC/g, 'TODAY').split('\n')).toEqual([
      'registry  asks             state  networks  images  size',
      'quay.io   https://quay.io  runs   -         2       1.0 MB',
      '',
      'image                                      size    last used',
      'quay.io/cilium/cilium:v1                   1.0 MB  2026-01-02 03:04:05 UTC',
      'quay.io/cilium/cilium@sha256:bbbbbbbbbbbb  1.0 MB  TODAY',
      '',
    ]);
  });

  it('WHEN what is older than a month is to go THEN that goes, what it shares stays, AND the cache runs again', async () => {
    const { own, asked, meanwhile } = await held();

    expect(await own.run('cache', '--prune', '30')).toEqual({
      ...{ exit: 0, stderr: '' },
      stdout: 'removed quay.io/cilium/cilium:v1\n1 image removed, 0.0 MB freed\n',
    });
    expect(asked).toEqual([`/v2/cilium/cilium/manifests/sha256:${'a'.repeat(64)}`]);
    expect(meanwhile).toEqual(['clustermesh-lab-cache-quay-io-prune']);
    expect(find(own.bench.calls(), 'docker', 'run --rm').at(-1)?.args.join(' ')).toMatch(
      / --volume clustermesh-lab-cache-quay-io:\S+ .* registry:3\.0\.0 garbage-collect \/etc\/distribution\/config\.yml$/,
    );
    expect(caches(own).map(([name, { running }]) => [name, running])).toEqual([
      ['clustermesh-lab-cache-quay-io', true],
    ]);
    expect(Object.keys(own.bench.state().containers)).toHaveLength(1);
  });

  it('WHEN a lab has asked for it since THEN it stays', async () => {
    const { own, asked } = await held();
    new ImageUses(own.bench.cache).note('clustermesh-lab-cache-quay-io', 'quay.io/cilium/cilium:v1', [
      `sha256:${'a'.repeat(64)}`,
    ]);

    expect((await own.run('cache', '--prune', '30')).stdout).toBe('nothing removed: nothing is older than 30 days\n');
    expect(asked).toEqual([]);
  });

  it('WHEN two prunes begin at once THEN one says that the other is at work', async () => {
    const { own, asked } = await held();
    own.bench.setFaults([
      { tool: 'docker', match: 'garbage-collect … /etc/distribution/config.yml', times: 1, delayMs: 3000 },
    ]);

    const both = await Promise.all([own.run('cache', '--prune', '30'), own.run('cache', '--prune', '30')]);

    expect(both.map(({ exit }) => exit).toSorted()).toEqual([0, 1]);
    expect(both.map(({ stderr }) => stderr).join('')).toMatch(/another run works on/);
    expect(asked).toHaveLength(1);
  });

  it('WHEN a prune is killed THEN the next one puts that right, and does its work', async () => {
    const { own } = await held();
    own.bench.setFaults([{ tool: 'docker', match: 'port', times: 1, hangSeconds: 600, spawnGrandchild: true }]);
    const run = own.start('cache', '--prune', '30');
    await untilHanging(own);
    run.kill('SIGKILL');
    await run;
    expect(caches(own).map(([name, { running }]) => [name, running])).toEqual([
      ['clustermesh-lab-cache-quay-io', false],
      ['clustermesh-lab-cache-quay-io-prune', true],
    ]);

    expect((await own.run('cache', '--prune', '30')).stdout).toContain('1 image removed');
    expect(caches(own).map(([name, { running }]) => [name, running])).toEqual([
      ['clustermesh-lab-cache-quay-io', true],
    ]);
  });

  it('WHEN what a cache holds cannot be read THEN that is said, AND nothing goes', async () => {
    const { own, asked } = await held();
    own.bench.setFaults([{ tool: 'docker', match: 'cp', times: 2, exit: 1, stderr: 'no space left on device' }]);

    expect((await own.run('cache')).exit).toBe(1);
    expect((await own.run('cache', '--prune', '0')).exit).toBe(1);
    expect(asked).toEqual([]);
  });

  it('WHEN its image is of an older kind THEN its configuration is found, before anything goes', async () => {
    const { own, asked } = await held('registry:2');

    expect((await own.run('cache', '--prune', '30')).exit).toBe(0);
    expect(asked).toHaveLength(1);
    const collected = find(own.bench.calls(), 'docker', 'run --rm').map(({ args }) => args.at(-1));
    expect(collected.at(-1)).toBe('/etc/docker/registry/config.yml');
  });

  it('WHEN its image has its configuration elsewhere THEN that is told, AND nothing goes', async () => {
    const { own, asked } = await held('my/registry:1');

    const { exit, stderr } = await own.run('cache', '--prune', '30');

    expect(exit).toBe(1);
    expect(stderr).toContain('configuration error: open /etc/distribution/config.yml: no such file or directory');
    expect(asked).toEqual([]);
    expect(caches(own).map(([, { running }]) => running)).toEqual([true]);
  });

  it('WHEN a cache does not answer THEN it is not said that it has nothing to remove', async () => {
    const { own } = await held();
    own.bench.setMachine({ docker: { images: ['registry:3.0.0'] } });

    expect(await own.run('cache', '--prune', '30')).toEqual({
      ...{ exit: 1, stderr: '' },
      stdout:
        'nothing removed\nclustermesh-lab-cache-quay-io does not answer on this machine, and stays as it is: docker logs clustermesh-lab-cache-quay-io\n',
    });
  });

  it('WHEN removing fails THEN the cache runs again, as before', async () => {
    const { own } = await held();
    own.bench.setFaults([
      { tool: 'docker', match: 'garbage-collect', times: 9, exit: 1, stderr: 'no space left on device' },
    ]);

    const { exit, stderr } = await own.run('cache', '--prune', '0');

    expect(exit).toBe(1);
    expect(stderr).toContain('no space left on device');
    expect(caches(own).map(([name, { running }]) => [name, running])).toEqual([
      ['clustermesh-lab-cache-quay-io', true],
    ]);
  });

  it('GIVEN none WHEN they are asked for THEN it says who makes them', async () => {
    const own = copySite(empty);

    expect(await own.run('cache')).toEqual({
      ...{ exit: 0, stderr: '' },
      stdout: 'no caches: a lab with sources: { images: { by: cache } } in its lab.yaml makes them\n',
    });
  });
});
