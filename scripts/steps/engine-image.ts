import { bundledName } from '../../lab/image-name.ts';
import { loadImages, pull, tag } from '../tools/docker.ts';
import type { Work } from './step.ts';

/** Brings an image onto Docker: out of the bundle where that has it, else from its registry. @returns the name that it has there */
export async function bringImage({ bundle, run }: Pick<Work, 'bundle' | 'run'>, image: string): Promise<string> {
  const archive = bundle?.archiveOf(image);
  if (archive === undefined) {
    await run(pull(image));
    return image;
  }
  await run(loadImages(archive));
  // a digest cannot be given
  if (image.includes('@')) return bundledName(image);
  await run(tag(bundledName(image), image));
  return image;
}

/** The name by which Docker has an image, or will have it once it was brought. Pure. */
export function nameOnDocker({ bundle, observed }: Pick<Work, 'bundle' | 'observed'>, image: string): string {
  const isBundled = image.includes('@') && bundle?.archiveOf(image) !== undefined;
  return observed.images.get(image) ?? (isBundled ? bundledName(image) : image);
}
