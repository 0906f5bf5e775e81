import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { cacheFolder } from '../../../scripts/supply/cache-folder.ts';
import { placesOf } from '../../../scripts/supply/mirrors.ts';
import { LearnedSums } from '../../../scripts/supply/sums.ts';

describe('the folder of downloads', () => {
  const home = (): string => '/home/anna';

  it.each([
    { env: {}, platform: 'linux', folder: '/home/anna/.cache/clustermesh-lab' },
    { env: {}, platform: 'darwin', folder: '/home/anna/Library/Caches/clustermesh-lab' },
    { env: { XDG_CACHE_HOME: '/var/cache' }, platform: 'linux', folder: '/var/cache/clustermesh-lab' },
    { env: { XDG_CACHE_HOME: '/var/cache' }, platform: 'darwin', folder: '/var/cache/clustermesh-lab' },
    { env: { XDG_CACHE_HOME: 'cache' }, platform: 'linux', folder: '/home/anna/.cache/clustermesh-lab' },
    { env: { XDG_CACHE_HOME: '' }, platform: 'linux', folder: '/home/anna/.cache/clustermesh-lab' },
    { env: { CLUSTERMESH_LAB_CACHE: '/big' }, platform: 'linux', folder: '/big' },
    { env: { CLUSTERMESH_LAB_CACHE: 'big' }, platform: 'linux', folder: '/home/anna/lab/big' },
    { env: { CLUSTERMESH_LAB_CACHE: '' }, platform: 'linux', folder: '/home/anna/.cache/clustermesh-lab' },
  ])('GIVEN $env on $platform THEN it is $folder', ({ env, platform, folder }) => {
    expect(cacheFolder(env, platform, '/home/anna/lab', home)).toBe(folder);
  });

  it('GIVEN a folder of the user THEN nobody asks for a home, which there may be none of', () => {
    const none = (): string => {
      throw new Error('no home');
    };
    expect(cacheFolder({ CLUSTERMESH_LAB_CACHE: '/big' }, 'linux', '/', none)).toBe('/big');
  });
});

describe('the places that are asked for a URL', () => {
  const url = 'https://get.helm.sh/helm-v3.17.3-linux-amd64.tar.gz';

  it.each([
    { mirrors: {}, prefix: undefined, places: [url] },
    { mirrors: {}, prefix: '', places: [url] },
    {
      mirrors: { 'get.helm.sh': 'https://files.m.daocloud.io/get.helm.sh' },
      prefix: undefined,
      places: ['https://files.m.daocloud.io/get.helm.sh/helm-v3.17.3-linux-amd64.tar.gz', url],
    },
    { mirrors: { 'dl.k8s.io': 'https://mirror.example' }, prefix: undefined, places: [url] },
    {
      mirrors: { 'get.helm.sh': 'https://mirror.example/helm/' },
      prefix: 'http://127.0.0.1:8000/',
      // and nobody else
      places: ['http://127.0.0.1:8000/get.helm.sh/helm-v3.17.3-linux-amd64.tar.gz'],
    },
  ])('GIVEN mirrors $mirrors and the prefix $prefix THEN $places', ({ mirrors, prefix, places }) => {
    expect(placesOf(url, mirrors, prefix)).toEqual(places);
  });

  it('GIVEN a query and a port THEN they are asked for too', () => {
    expect(placesOf('http://127.0.0.1:81/c.tgz?v=1', {}, 'https://mirror.example')[0]).toBe(
      'https://mirror.example/127.0.0.1:81/c.tgz?v=1',
    );
  });
});

describe('sums that were learned', () => {
  const url = 'https://kind.sigs.k8s.io/dl/v0.21.0/kind-linux-amd64';
  const sum = 'a'.repeat(64);

  it('GIVEN one that was learned THEN it is known from then on; of others nothing is', () => {
    const root = mkdtempSync(join(tmpdir(), 'sums-'));
    onTestFinished(() => {
      rmSync(root, { recursive: true });
    });
    const sums = new LearnedSums(root);
    expect(sums.of(url)).toBeUndefined();
    sums.learn(url, sum);

    expect([new LearnedSums(root).of(url), sums.of(`${url}?`)]).toEqual([sum, undefined]);
    const [file = ''] = readdirSync(root);
    for (const damaged of ['', '{', `{"url":"${url}","sha256":"short"}`]) {
      writeFileSync(join(root, file), damaged);
      expect(sums.of(url)).toBeUndefined();
    }
  });
});
