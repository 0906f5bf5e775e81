import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { Bundle, BundleError, type BundleList, packBundle, unpackBundle } from '../../../scripts/supply/bundle.ts';
import { registryFiles } from '../../../scripts/supply/registry-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'bundle-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const signal = new AbortController().signal;
const sumOf = (text: string): string => createHash('sha256').update(text).digest('hex');

const texts = ['kind', 'an archive', 'manifest', 'config', 'layer'.repeat(200)];
const [program = '', archive = '', manifest = '', config = '', layer = ''] = texts.map(sumOf);
const list: BundleList = {
  ...{ bundle: 1, lab: 'athens', made: '2026-11-30T12:00:00.000Z', platform: 'linux/amd64' },
  files: [{ url: 'https://kind.example/kind-linux-amd64', sha256: program }],
  archives: [{ image: 'kindest/node:v1.27.3', sha256: archive }],
  images: [{ image: 'quay.io/cilium/cilium:v1.14.2', manifests: [manifest], blobs: [config, layer] }],
};

/** Packs one. @param changes of its list @param lacks a part that is not there */
async function packed(changes: Partial<BundleList> = {}): Promise<string> {
  const parts = mkdtempSync(join(folder, 'parts-'));
  mkdirSync(join(parts, 'sha256'));
  for (const text of texts) writeFileSync(join(parts, 'sha256', sumOf(text)), text);
  const file = join(parts, 'lab.bundle');
  await packBundle({ ...list, ...changes }, parts, file, signal);
  expect(readdirSync(parts).filter((name) => name.includes('partial'))).toEqual([]);
  return file;
}

const unpack = (file: string): Promise<Bundle> => unpackBundle(file, join(folder, 'out'), signal);

describe('a bundle', () => {
  it('WHEN it is packed and unpacked THEN it has what was put into it', async () => {
    const bundle = await unpack(await packed());

    expect(bundle.list).toEqual(list);
    expect(readFileSync(bundle.fileOf('https://kind.example/kind-linux-amd64') ?? '', 'utf8')).toBe('kind');
    expect(readFileSync(bundle.archiveOf('kindest/node:v1.27.3') ?? '', 'utf8')).toBe('an archive');
    expect(bundle.archiveOf('kindest/node:v1.28.0')).toBe(undefined);
    expect(readFileSync(bundle.part(layer), 'utf8')).toBe('layer'.repeat(200));
  });

  it('THEN anybody can look into it and check it by hand', async () => {
    const file = await packed();
    const by = mkdtempSync(join(folder, 'by-hand-'));
    execFileSync('tar', ['-xf', file, '-C', by]);

    expect(readdirSync(by).toSorted()).toEqual(['SHA256SUMS', 'bundle.json', 'sha256']);
    const lines = readFileSync(join(by, 'SHA256SUMS'), 'utf8').trim().split('\n');
    // as sha256sum --check reads them
    expect(
      lines
        .map((line) => line.split('  '))
        .filter(([sum, name = '']) => sum !== sumOf(readFileSync(join(by, name), 'utf8'))),
    ).toEqual([]);
    expect(lines).toHaveLength(6);
  });

  it('WHEN runs that are gone have left half of one THEN that goes, AND what is somebody else’s stays', async () => {
    const file = await packed();
    const gone = 2 ** 22 - 1;
    for (const name of [`${file}.partial.${gone}`, `${file}.partial.${process.ppid}`])
      writeFileSync(name, 'bundle.json\0');
    writeFileSync(`${file}.partial.${gone - 1}`, 'my thesis');

    await packBundle(list, join(file, '..'), file, signal);

    expect(
      readdirSync(join(file, '..'))
        .filter((name) => name.includes('partial'))
        .toSorted(),
    ).toEqual([`lab.bundle.partial.${process.ppid}`, `lab.bundle.partial.${gone - 1}`].toSorted());
  });

  it('WHEN it is stopped THEN there is none, and nothing beside', async () => {
    const file = await packed();
    const before = readFileSync(file);

    await expect(packBundle({ ...list, lab: 'other' }, join(file, '..'), file, AbortSignal.abort())).rejects.toThrow();

    expect(readFileSync(file).equals(before)).toBe(true);
    expect(readdirSync(join(file, '..')).filter((name) => name.includes('partial'))).toEqual([]);
  });

  it('WHEN any byte of it is another, or it ends anywhere THEN it is refused, or it is whole', async () => {
    const bytes = readFileSync(await packed());
    const file = join(folder, 'damaged.bundle');
    const damage = fc.oneof(
      fc.record({ at: fc.nat(bytes.length - 1), by: fc.integer({ min: 1, max: 255 }) }),
      fc.record({ end: fc.nat(bytes.length - 1) }),
    );
    await fc.assert(
      fc.asyncProperty(damage, async (how) => {
        const copy = Buffer.from('end' in how ? bytes.subarray(0, how.end) : bytes);
        if ('at' in how) copy[how.at] = (copy[how.at] ?? 0) ^ how.by;
        writeFileSync(file, copy);
        try {
          const bundle = await unpack(file);
          expect(bundle.list).toEqual(list);
          for (const text of texts) expect(readFileSync(bundle.part(sumOf(text)), 'utf8')).toBe(text);
        } catch (error) {
          if (!(error instanceof BundleError)) throw error;
        }
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['a part', 'layerlayer', 'layerLayer', `sha256/${layer}, of quay.io/cilium/cilium:v1.14.2, has other bytes`],
    ['its list', '"lab": "athens"', '"lab": "hurup!"', 'bundle.json in it is damaged'],
    ['its sums', `${layer}  sha256/`, `${layer}  sha265/`, 'SHA256SUMS in it is damaged'],
  ])('WHEN %s was changed THEN that is named', async (_, from, to, says) => {
    const file = await packed();
    writeFileSync(file, readFileSync(file, 'latin1').replace(from, to), 'latin1');

    await expect(unpack(file)).rejects.toThrow(says);
  });

  it('WHEN it was cut off THEN it says where', async () => {
    const file = await packed();
    writeFileSync(file, readFileSync(file).subarray(0, -4096));

    await expect(unpack(file)).rejects.toThrow(/^it is damaged, or ends, in or after sha256\/[0-9a-f]{64}, of \S+: /);
  });

  it.each(['', 'hello\n', 'x'.repeat(5000)])('WHEN it is some other file THEN that is said', async (text) => {
    const file = join(folder, 'other');
    writeFileSync(file, text);

    await expect(unpack(file)).rejects.toThrow('it is no bundle');
  });

  it('WHEN it is of a later form THEN that is said', async () => {
    await expect(unpack(await packed({ bundle: 2 as 1 }))).rejects.toThrow('it is of a later form of bundles');
  });

  it.each(['../../../etc/x', 'quay.io/../../x', '/etc/x'])(
    'WHEN it names %s as an image THEN it is refused',
    async (image) => {
      const images = [{ image, manifests: [manifest], blobs: [] }];

      await expect(unpack(await packed({ images }))).rejects.toThrow(BundleError);
    },
  );

  it('WHEN an archive has other files THEN none of them is written', async () => {
    const by = mkdtempSync(join(folder, 'odd-'));
    writeFileSync(join(by, 'bundle.json'), '{}');
    writeFileSync(join(by, 'other'), 'x');
    execFileSync('tar', ['-cf', 'odd.tar', 'bundle.json', 'other'], { cwd: by });

    await expect(unpack(join(by, 'odd.tar'))).rejects.toThrow('it has what no bundle has: other');
    expect(existsSync(join(folder, 'out', 'other'))).toBe(false);
  });
});

describe('the files of a registry', () => {
  it('GIVEN an image with a tag THEN blobs, layers, revisions and the tag, as distribution has them', () => {
    const files = registryFiles([{ image: 'quay.io/cilium/cilium:v1', manifests: ['aa1', 'bb2'], blobs: ['cc3'] }]);

    const root = 'docker/registry/v2';
    const own = `${root}/repositories/cilium/cilium`;
    expect(Object.fromEntries(files)).toEqual({
      [`${root}/blobs/sha256/aa/aa1/data`]: { data: 'aa1' },
      [`${root}/blobs/sha256/bb/bb2/data`]: { data: 'bb2' },
      [`${root}/blobs/sha256/cc/cc3/data`]: { data: 'cc3' },
      [`${own}/_layers/sha256/cc3/link`]: { link: 'sha256:cc3' },
      [`${own}/_manifests/revisions/sha256/aa1/link`]: { link: 'sha256:aa1' },
      [`${own}/_manifests/revisions/sha256/bb2/link`]: { link: 'sha256:bb2' },
      [`${own}/_manifests/tags/v1/current/link`]: { link: 'sha256:aa1' },
      [`${own}/_manifests/tags/v1/index/sha256/aa1/link`]: { link: 'sha256:aa1' },
    });
  });

  it('GIVEN one by digest alone THEN it has no tag; of Docker Hub THEN it is the library’s', () => {
    const files = registryFiles([{ image: `busybox@sha256:${manifest}`, manifests: [manifest], blobs: [] }]);

    expect([...files.keys()].filter((path) => path.includes('/tags/'))).toEqual([]);
    expect([...files.keys()]).toContain(
      `docker/registry/v2/repositories/library/busybox/_manifests/revisions/sha256/${manifest}/link`,
    );
  });
});
