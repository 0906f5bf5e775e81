import { copyFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Lab } from '../../lab/lab.ts';
import { mark, MARK_FILE, ownPlace, type Surroundings } from '../../lab/own-place.ts';
import { manifestFiles, type Paths } from './paths.ts';

/**
 * Copies the reviewed YAML of a lab to `.lab/NAME/applied/`, so that a synth in the middle of a deploy changes nothing of what
 * is applied. The copy takes the place of an earlier one as a whole.
 * @returns paths that read from the copy
 * @throws OutputError where something else lies in that place
 */
export function copyApplied(lab: Lab, paths: Paths, around: Surroundings): Paths {
  const applied = paths.withApplied();
  const place = ownPlace({ path: applied.manifests, by: '--lab' }, 'state', around);
  const fresh = `${place}.new`;
  rmSync(fresh, { recursive: true, force: true });
  for (const { name } of lab.regions) {
    for (const file of manifestFiles) {
      const copy = join(fresh, name, `${file}.yaml`);
      mkdirSync(dirname(copy), { recursive: true });
      copyFileSync(paths.manifest(name, file), copy);
    }
  }
  writeFileSync(join(fresh, MARK_FILE), `${mark('state')}\n`);
  rmSync(place, { recursive: true, force: true });
  renameSync(fresh, place);
  return applied;
}
