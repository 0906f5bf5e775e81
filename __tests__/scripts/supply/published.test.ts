import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { stacks } from '../../../lab/stacks.ts';
import { publishedAt, type PublishedProgram, publishedPrograms, sumIn } from '../../../scripts/supply/published.ts';
import { pinnedSum } from '../../../scripts/supply/sums.ts';

type Lock = Record<string, Record<string, Record<string, { url: string; sha256: string }>>>;
const lock = JSON.parse(
  readFileSync(new URL('../../../scripts/supply/programs.lock.json', import.meta.url), 'utf8'),
) as Lock;
const entries = Object.entries(lock).flatMap(([program, versions]) =>
  Object.entries(versions).flatMap(([version, platforms]) =>
    Object.entries(platforms).map(([platform, entry]) => ({ program, version, platform, ...entry })),
  ),
);
const [sum, other] = ['a'.repeat(64), 'b'.repeat(64)];

describe('the lock of programs', () => {
  it.each(entries)('has $program $version for $platform by the URL at which it is published', (entry) => {
    const [os = '', arch = ''] = entry.platform.split('-');
    const { url } = publishedAt(entry.program as PublishedProgram, entry.version, { os, arch });

    expect(entry.url).toBe(url);
    expect(pinnedSum(entry.program as PublishedProgram, entry.version, { os, arch })).toBe(entry.sha256);
    expect(entry.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it('has no sum twice', () => {
    expect(new Set(entries.map(({ sha256 }) => sha256)).size).toBe(entries.length);
  });

  it('has what the stacks want on Linux; on macOS the Cilium CLI alone is published with sums that nobody has on record', () => {
    const missing = Object.values(stacks).flatMap(({ name, versions: { kind, helm, kubectl, ciliumCli: cilium } }) =>
      publishedPrograms.flatMap((program) =>
        (['linux', 'darwin'] as const).flatMap((os) =>
          (['amd64', 'arm64'] as const)
            .filter((arch) => pinnedSum(program, { kind, helm, kubectl, cilium }[program], { os, arch }) === undefined)
            .map((arch) => `${name}: ${program} ${os}-${arch}`),
        ),
      ),
    );

    expect(missing).toEqual([
      'article: cilium darwin-amd64',
      'article: cilium darwin-arm64',
      'current: cilium darwin-amd64',
      'current: cilium darwin-arm64',
    ]);
  });

  it('GIVEN a version or a platform that it lacks THEN it has no sum', () => {
    expect(pinnedSum('kind', 'v0.21.0', { os: 'linux', arch: 'amd64' })).toBeUndefined();
    expect(pinnedSum('kind', 'v0.20.0', { os: 'linux', arch: 'riscv64' })).toBeUndefined();
    expect(pinnedSum('kind', 'constructor', { os: 'linux', arch: 'amd64' })).toBeUndefined();
  });
});

describe('a list of sums', () => {
  it.each([
    { of: 'sha256sum', list: `${sum}  kind-linux-amd64\n`, found: sum },
    { of: 'sha256sum --binary', list: `${sum} *kind-linux-amd64\n`, found: sum },
    { of: 'several files', list: `${other}  kind-darwin-amd64\n${sum}  ./kind-linux-amd64\n`, found: sum },
    { of: 'the sum alone, as dl.k8s.io has it', list: sum, found: sum },
    { of: 'capitals', list: `${sum.toUpperCase()}\r\n`, found: sum },
    { of: 'another file', list: `${sum}  kind-darwin-amd64\n`, found: undefined },
    { of: 'several sums without names', list: `${sum}\n${other}\n`, found: undefined },
    { of: 'something else', list: '<html>not found</html>', found: undefined },
    { of: 'nothing', list: '', found: undefined },
  ])('GIVEN one of $of THEN the sum of kind-linux-amd64 is $found', ({ list, found }) => {
    expect(sumIn(list, 'kind-linux-amd64')).toBe(found);
  });
});
