import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { bytesOf, heldImages, outdated, type Shape } from '../../../scripts/supply/held-images.ts';
import { ImageUses } from '../../../scripts/supply/image-uses.ts';
import { type HeldManifest, heldManifests } from '../../../scripts/supply/registry-content.ts';

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'held-'));
  onTestFinished(() => {
    rmSync(made, { recursive: true });
  });
  return made;
}

const [a, b, c] = ['a', 'b', 'c'].map((letter) => `sha256:${letter.repeat(64)}`) as [string, string, string];

describe('the manifests of a registry', () => {
  it('GIVEN its small files THEN each of them, with its tags and when it came', () => {
    const root = folder();
    const put = (path: string, text: string): void => {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
      utimesSync(join(root, path), 1000, 1000);
    };
    put(`cilium/cilium/_manifests/revisions/sha256/${'a'.repeat(64)}/link`, a);
    put(`cilium/cilium/_manifests/tags/v1/current/link`, a);
    put(`cilium/cilium/_manifests/tags/v1/index/sha256/${'a'.repeat(64)}/link`, a);
    put(`cilium/cilium/_layers/sha256/${'c'.repeat(64)}/link`, c);
    put(`pause/_manifests/revisions/sha256/${'b'.repeat(64)}/link`, b);

    expect(heldManifests(root).toSorted((one, other) => one.digest.localeCompare(other.digest))).toEqual([
      { repository: 'cilium/cilium', digest: a, tags: ['v1'], since: 1_000_000 },
      { repository: 'pause', digest: b, tags: [], since: 1_000_000 },
    ]);
    expect(heldManifests(join(root, 'none'))).toEqual([]);
  });
});

describe('when labs have asked for an image', () => {
  it('WHEN it is noted, and read again THEN it is there, once; WHEN it is forgotten THEN not', () => {
    const uses = new ImageUses(folder());
    uses.note('cache', 'quay.io/x:1', [a]);
    uses.note('cache', 'quay.io/x:1', [a, b]);

    const [use, ...others] = uses.all();
    expect(others).toEqual([]);
    expect(use).toMatchObject({ cache: 'cache', image: 'quay.io/x:1', manifests: [a, b] });
    expect(Date.now() - (use?.at ?? 0)).toBeLessThan(60_000);
    uses.forget({ cache: 'cache', image: 'quay.io/x:1' });
    expect(uses.all()).toEqual([]);
  });

  it('WHEN something is put into a cache THEN it is half until that has ended', () => {
    const root = folder();
    new ImageUses(root).beginCopy('a');

    expect([new ImageUses(root).isHalf('a'), new ImageUses(root).isHalf('b')]).toEqual([true, false]);
    new ImageUses(root).endCopy('a');
    expect(new ImageUses(root).isHalf('a')).toBe(false);
  });

  it('GIVEN a place that cannot be written, or nonsense in it THEN that is none', () => {
    const root = folder();
    writeFileSync(join(root, 'images'), '');
    new ImageUses(root).note('cache', 'x', [a]);
    const other = folder();
    mkdirSync(join(other, 'images'));
    writeFileSync(join(other, 'images', 'half.json'), '{"cache":');

    expect(new ImageUses(other).all()).toEqual([]);
  });
});

const held = (digest: string, tags: string[] = [], since = 100, repository = 'x'): HeldManifest => ({
  ...{ repository, digest, tags, since },
});
const shapes = new Map<string, Shape>([
  [a, { children: [b, c], blobs: new Map() }],
  [
    b,
    {
      children: [],
      blobs: new Map([
        ['l1', 10],
        ['l2', 5],
      ]),
    },
  ],
]);

describe('images that a cache holds', () => {
  it('GIVEN one of many platforms of which one is there THEN it is one image, with the bytes of that', () => {
    const images = heldImages('quay.io', [held(a, ['v1', 'v2']), held(b)], shapes, []);

    expect(images).toEqual([
      {
        ...{ names: ['quay.io/x:v1', 'quay.io/x:v2'], repository: 'x', manifests: [a, b], usedAt: 100 },
        blobs: new Map([
          ['l1', 10],
          ['l2', 5],
        ]),
      },
    ]);
    expect(bytesOf(images)).toBe(15);
  });

  it('GIVEN one that has no tag, AND a later use THEN it has its digest, and the time of that', () => {
    const use = { cache: 'c', image: 'i', manifests: [b], at: 500 };

    expect(heldImages('quay.io', [held(b)], shapes, [use])).toMatchObject([{ names: [`quay.io/x@${b}`], usedAt: 500 }]);
  });

  it('LAW: what goes was used by nobody since, AND no manifest of what stays goes', () => {
    const digest = fc.constantFrom(a, b, c);
    const manifests = fc.uniqueArray(
      fc.record({
        digest,
        repository: fc.constantFrom('x', 'y'),
        tags: fc.uniqueArray(fc.constantFrom('1', '2'), { maxLength: 1 }),
        since: fc.nat(100),
      }),
      { selector: (each) => `${each.repository}${each.digest}` },
    );
    const uses = fc.array(
      fc.record({ cache: fc.constant('c'), image: fc.constant('i'), manifests: fc.array(digest), at: fc.nat(100) }),
    );
    fc.assert(
      fc.property(manifests, uses, fc.nat(100), (all, used, before) => {
        const images = heldImages('h', all, shapes, used);
        const { gone, manifests: out } = outdated(images, before);
        const kept = images.filter((each) => !gone.includes(each));
        for (const { usedAt } of gone) expect(usedAt).toBeLessThan(before);
        for (const { usedAt } of kept) expect(usedAt).toBeGreaterThanOrEqual(before);
        for (const each of out)
          expect(kept.some((one) => one.repository === each.repository && one.manifests.includes(each.digest))).toBe(
            false,
          );
      }),
    );
  });
});
