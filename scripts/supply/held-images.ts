import type { ImageUse } from './image-uses.ts';
import type { HeldManifest } from './registry-content.ts';

/** What a manifest is made of. */
export interface Shape {
  /** Digests of the manifests of single platforms; none of one that is itself such a manifest. */
  readonly children: readonly string[];
  /** Bytes of its configuration and its layers, by digest. */
  readonly blobs: ReadonlyMap<string, number>;
}

/** An image that a cache holds. */
export interface HeldImage {
  /** `quay.io/cilium/cilium:v1.14.2`, each of its tags; one that was only asked for by its digest has that. */
  readonly names: readonly string[];
  readonly repository: string;
  /** Its manifests, those of single platforms too, by digest. */
  readonly manifests: readonly string[];
  /** As of a shape: of all of its platforms that are there. */
  readonly blobs: ReadonlyMap<string, number>;
  /** Milliseconds since the epoch: when a lab asked for it last, or it came. */
  readonly usedAt: number;
}

/**
 * The images that the manifests of a cache are. Pure.
 * @param host of its registry: `quay.io`
 * @param shapes of the manifests, by digest; one that is damaged has none
 * @param uses of that cache
 */
export function heldImages(
  host: string,
  held: readonly HeldManifest[],
  shapes: ReadonlyMap<string, Shape>,
  uses: readonly ImageUse[],
): HeldImage[] {
  const keyOf = (repository: string, digest: string): string => `${repository}@${digest}`;
  const byKey = new Map(held.map((each) => [keyOf(each.repository, each.digest), each]));
  const childrenOf = ({ repository, digest }: HeldManifest): HeldManifest[] =>
    (shapes.get(digest)?.children ?? []).flatMap((child) => byKey.get(keyOf(repository, child)) ?? []);
  const inner = new Set(held.flatMap(childrenOf));
  return held
    .filter((manifest) => manifest.tags.length > 0 || !inner.has(manifest))
    .map((manifest) => {
      const { repository, digest, tags } = manifest;
      const all = [manifest, ...childrenOf(manifest)];
      const digests = new Set(all.map((each) => each.digest));
      const used = uses.filter(({ manifests }) => manifests.some((each) => digests.has(each)));
      const blobs = all.flatMap((each) => [...(shapes.get(each.digest)?.blobs ?? [])]);
      return {
        names: (tags.length === 0 ? [`@${digest}`] : tags.map((tag) => `:${tag}`)).map(
          (end) => `${host}/${repository}${end}`,
        ),
        repository,
        manifests: [...digests],
        blobs: new Map(blobs),
        usedAt: Math.max(...all.map(({ since }) => since), ...used.map(({ at }) => at)),
      };
    })
    .toSorted((one, other) => (one.names[0] ?? '').localeCompare(other.names[0] ?? ''));
}

/** Bytes of blobs, each counted once. Pure. */
export function bytesOf(images: readonly HeldImage[]): number {
  const all = new Map(images.flatMap(({ blobs }) => [...blobs]));
  return [...all.values()].reduce((sum, bytes) => sum + bytes, 0);
}

/**
 * What goes where images before that time are not needed any more: the manifests that no other image has too. Pure.
 * @param before milliseconds since the epoch
 */
export function outdated(
  images: readonly HeldImage[],
  before: number,
): { gone: readonly HeldImage[]; manifests: readonly { readonly repository: string; readonly digest: string }[] } {
  const gone = images.filter(({ usedAt }) => usedAt < before);
  const kept = images.filter((each) => !gone.includes(each));
  const isKept = (repository: string, digest: string): boolean =>
    kept.some((each) => each.repository === repository && each.manifests.includes(digest));
  const manifests = gone.flatMap(({ repository, manifests: digests }) =>
    digests.filter((digest) => !isKept(repository, digest)).map((digest) => ({ repository, digest })),
  );
  return { gone, manifests };
}
