import { constants, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { imageName } from '../../lab/image-name.ts';
import type { Bundle, BundledImage } from './bundle.ts';

/** Below the folder of a registry (distribution's registry/storage/paths.go). */
const ROOT = 'docker/registry/v2';

/** A file of a registry: the digest that it refers to, or what is under a digest. */
type RegistryFile = { readonly link: string } | { readonly data: string };

/**
 * The files by which a registry of CNCF distribution has images, by their paths below its folder. Pure.
 * @param images of that registry
 */
export function registryFiles(images: readonly BundledImage[]): ReadonlyMap<string, RegistryFile> {
  return new Map(
    images.flatMap(({ image, manifests, blobs }) => {
      const { repository, tag, digest } = imageName(image);
      const own = `${ROOT}/repositories/${repository}`;
      const link = (place: string, sha256: string): [string, RegistryFile] => [
        `${own}/${place}/link`,
        { link: `sha256:${sha256}` },
      ];
      const [asked = ''] = manifests;
      const tagged = digest === undefined || tag !== undefined ? (tag ?? 'latest') : undefined;
      return [
        ...[...manifests, ...blobs].map((sha256): [string, RegistryFile] => [
          `${ROOT}/blobs/sha256/${sha256.slice(0, 2)}/${sha256}/data`,
          { data: sha256 },
        ]),
        ...blobs.map((sha256) => link(`_layers/sha256/${sha256}`, sha256)),
        ...manifests.map((sha256) => link(`_manifests/revisions/sha256/${sha256}`, sha256)),
        ...(tagged === undefined
          ? []
          : [
              link(`_manifests/tags/${tagged}/current`, asked),
              link(`_manifests/tags/${tagged}/index/sha256/${asked}`, asked),
            ]),
      ];
    }),
  );
}

/** Lays the files of a registry into a folder. */
export function writeRegistryFiles(bundle: Bundle, images: readonly BundledImage[], folder: string): void {
  for (const [path, file] of registryFiles(images)) {
    const place = join(folder, path);
    mkdirSync(dirname(place), { recursive: true });
    if ('link' in file) writeFileSync(place, file.link);
    else copyFileSync(bundle.part(file.data), place, constants.COPYFILE_FICLONE);
  }
}
