import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { execa } from 'execa';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import {
  type Bundle,
  BundleError,
  type BundleList,
  idOf,
  packBundle,
  unpackBundle,
} from '../../../scripts/supply/bundle.ts';
import { registryFiles } from '../../../scripts/supply/registry-files.ts';

const project = join(import.meta.dirname, '..', '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'bundle-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const signal = new AbortController().signal;
const sumOf = (text: string): string => createHash('sha256').update(text).digest('hex');

const texts = ['kind', 'an archive', 'manifest', 'config', 'layer'.repeat(200)];
const [program = '', archive = '', manifest = '', config = '', layer = ''] = texts.map(sumOf);
const kindUrl = 'https://kind.example/kind-linux-amd64?token=secret';
const list: BundleList = {
  ...{ bundle: 1, lab: 'athens', made: '2026-11-30T12:00:00.000Z', platform: 'linux/amd64' },
  files: [{ url: 'https://kind.example/kind-linux-amd64?…', of: idOf(kindUrl), sha256: program }],
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
    expect(readFileSync(bundle.fileOf(kindUrl) ?? '', 'utf8')).toBe('kind');
    expect(readFileSync(bundle.archiveOf('kindest/node:v1.27.3') ?? '', 'utf8')).toBe('an archive');
    expect(bundle.archiveOf('kindest/node:v1.28.0')).toBe(undefined);
    // another one, though people see the same of both
    expect(bundle.fileOf('https://kind.example/kind-linux-amd64?token=other')).toBe(undefined);
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
      writeFileSync(name, readFileSync(file));
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

  it('WHEN it has what its list does not name THEN that is told, AND none of it is written', async () => {
    const file = await packed();
    const by = join(file, '..');
    writeFileSync(join(by, 'other\u001b[31m'), 'x');
    writeFileSync(join(by, 'sha256', 'f'.repeat(64)), 'x');
    symlinkSync('/etc/passwd', join(by, 'sha256', 'e'.repeat(64)));
    const more = ['other\u001b[31m', `sha256/${'f'.repeat(64)}`, `sha256/${'e'.repeat(64)}`, `sha256/${layer}`];
    execFileSync('tar', ['--append', '--file', file, '--directory', by, ...more]);

    await expect(unpack(file)).rejects.toThrow(
      `it has what its list does not name: other [31m, sha256/${'f'.repeat(64)}, sha256/${'e'.repeat(64)}, and 1 more`,
    );
    expect(readdirSync(join(folder, 'out', 'sha256')).filter((name) => /^[ef]+$/.test(name))).toEqual([]);
  });

  it.each(['bundle.json', 'SHA256SUMS'])('WHEN another %s is far too large THEN it is not unpacked', async (name) => {
    const by = mkdtempSync(join(folder, 'large-'));
    const whole = await packed();
    execFileSync('tar', ['-xf', whole, '-C', by]);
    writeFileSync(join(by, name), `{\n  "bundle": 1,${' '.repeat(2 ** 24)}`);
    const names = name === 'bundle.json' ? [name] : ['bundle.json', name];
    execFileSync('tar', ['-cf', 'large.tar', ...names], { cwd: by });

    await expect(unpack(join(by, 'large.tar'))).rejects.toThrow(BundleError);
    expect(existsSync(join(folder, 'out', name))).toBe(false);
  });

  it('WHEN it was packed once more THEN it is none: nobody knows what it unpacks to', async () => {
    const file = await packed();
    writeFileSync(`${file}.gz`, gzipSync(readFileSync(file)));

    await expect(unpack(`${file}.gz`)).rejects.toThrow('it is no bundle');
  });

  it('WHEN its words would steer a terminal THEN it is refused', async () => {
    await expect(unpack(await packed({ platform: 'linux/\u001b[31marm' }))).rejects.toThrow(
      'bundle.json in it is damaged',
    );
  });

  it('WHEN two are packed to one place at once THEN one of them is there, whole', async () => {
    const [one, other] = await Promise.all([packed(), packed({ lab: 'hurup' })]);
    const to = join(one, '..', 'same.bundle');
    const run = (from: string): Promise<unknown> => {
      const parts = join(from, '..');
      const script = `import { packBundle } from '${project}/scripts/supply/bundle.ts'; import { readFileSync } from 'node:fs';
        await packBundle(JSON.parse(readFileSync('${parts}/bundle.json', 'utf8')), '${parts}', '${to}', new AbortController().signal);`;
      return execa(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], { cwd: project });
    };

    await Promise.all([run(one), run(other)]);

    expect(['athens', 'hurup']).toContain((await unpack(to)).list.lab);
    expect(readdirSync(join(to, '..')).filter((name) => name.includes('partial'))).toEqual([]);
  });

  it('WHEN somebody’s link lies where half of it would THEN it is not followed', async () => {
    const file = await packed();
    const mine = join(file, '..', 'thesis.txt');
    writeFileSync(mine, 'mine');
    symlinkSync(mine, `${file}.partial.${process.pid}`);

    await expect(packBundle(list, join(file, '..'), file, signal)).rejects.toThrow('EEXIST');
    expect(readFileSync(mine, 'utf8')).toBe('mine');
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
