import { bundledName } from '../../lab/image-name.ts';
import { inspectImage } from '../tools/docker.ts';
import type { Queries } from './queries.ts';

/** The name by which the Docker Engine holds an image: its own, or one with a digest by that of a bundle. Undefined where it does not. */
export async function nameHere(queries: Queries, image: string): Promise<string | undefined> {
  for (const name of [image, ...(image.includes('@') ? [bundledName(image)] : [])])
    if ((await queries.attempt(inspectImage(name))).exitCode === 0) return name;
  return undefined;
}
