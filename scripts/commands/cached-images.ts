import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { urlOf } from '../observe/caches.ts';
import { type HeldImage, heldImages, type Shape } from '../supply/held-images.ts';
import { heldManifests, REPOSITORIES } from '../supply/registry-content.ts';
import { isAnswering, shapeOf } from '../supply/registry-image.ts';
import { CommandError } from '../tools/command-error.ts';
import { type Cache, copyOut, DATA } from '../tools/docker-cache.ts';
import type { Session } from './session.ts';

/** The images of a cache; undefined where it does not answer on this machine. */
export async function imagesOf(
  { runner, queries, uses }: Session,
  cache: Cache,
): Promise<readonly HeldImage[] | undefined> {
  const { name, host } = cache;
  const base = urlOf(cache);
  if (cache.port === undefined || (await isAnswering(base)) !== true) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'clustermesh-lab-'));
  try {
    const outcome = await queries.attempt(copyOut(name, `${DATA}/${REPOSITORIES}`, folder));
    // one that holds nothing yet has no such folder
    if (outcome.exitCode !== 0 && !/could not find the file/i.test(outcome.stderr)) throw new CommandError(outcome);
    const held = heldManifests(join(folder, 'repositories'));
    const limit = pLimit(AT_ONCE);
    const shapes = await Promise.all(
      held.map(({ repository, digest }) =>
        limit(async (): Promise<[string, Shape][]> => {
          const shape = await shapeOf(base, repository, digest, runner.signal);
          return shape === undefined ? [] : [[digest, shape]];
        }),
      ),
    );
    return heldImages(
      host,
      held,
      new Map(shapes.flat()),
      uses.all().filter((use) => use.cache === name),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Manifests that are asked for at once. */
const AT_ONCE = 8;
