import { copyFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { regionFilesOf } from '../../lab/generated.ts';
import type { Lab } from '../../lab/lab.ts';
import { mark, MARK_FILE, ownPlace, type Surroundings } from '../../lab/own-place.ts';
import type { Paths } from './paths.ts';

/**
 * Copies the reviewed YAML of a lab to `.lab/NAME/applied/`, so that a synth in the middle of a deploy changes nothing of what
 * is applied. The copy takes the place of an earlier one as a whole.
 * @returns paths that read from the copy
 * @throws OutputError where something else lies in that place, or where the copy is made
 */
export function copyApplied(lab: Lab, paths: Paths, around: Surroundings): Paths {
  const applied = paths.withApplied();
  const own = (path: string): string => ownPlace({ path, by: '--lab' }, 'state', around);
  const [place, fresh] = [own(applied.manifests), own(`${applied.manifests}.new`)];
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  // first of all: a copy that is killed half-way can be told from anything else
  writeFileSync(join(fresh, MARK_FILE), `${mark('state')}\n`);
  for (const { name } of lab.regions) {
    for (const file of regionFilesOf(lab)) {
      const copy = join(fresh, name, file);
      mkdirSync(dirname(copy), { recursive: true });
      copyFileSync(paths.manifest(name, file), copy);
    }
  }
  rmSync(place, { recursive: true, force: true });
  renameSync(fresh, place);
  return applied;
}
