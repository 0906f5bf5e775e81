import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Paths } from './paths.ts';

/** `.lab/NAME/owner`: which of all labs of this name the folder's is, as written on its docker network. */
interface Owner {
  readonly id: string;
  /** The folder that it was drawn for, without symbolic links: in a copy of that folder it counts for nothing. */
  readonly folder: string;
}

/** The folder's id; undefined where none was drawn yet, or where `.lab/` was copied or moved here with another folder. */
export function readOwner(paths: Paths): string | undefined {
  const owner = read(paths);
  return owner?.folder === realFolder(paths) ? owner.id : undefined;
}

/** Takes over the lab of a docker network: the id that is written there becomes the folder's. */
export function adoptOwner(paths: Paths, id: string): void {
  const owner: Owner = { id, folder: realFolder(paths) };
  mkdirSync(paths.state, { recursive: true });
  writeFileSync(`${paths.owner}.new`, JSON.stringify(owner));
  renameSync(`${paths.owner}.new`, paths.owner);
}

/**
 * The folder's id, drawn where there is none. What was copied here with another folder's `.lab/` goes first: kubeconfigs, marks
 * and traces of running programs are that lab's.
 */
export function drawOwner(paths: Paths): string {
  const known = readOwner(paths);
  if (known !== undefined) return known;
  if (read(paths) !== undefined) {
    const others = readdirSync(paths.state).filter((name) => name !== 'logs');
    for (const name of others) rmSync(join(paths.state, name), { recursive: true });
  }
  const id = randomUUID();
  adoptOwner(paths, id);
  return id;
}

const realFolder = (paths: Paths): string => realpathSync(dirname(paths.labFile));

function read(paths: Paths): Owner | undefined {
  try {
    const { id, folder } = JSON.parse(readFileSync(paths.owner, 'utf8')) as Partial<Owner>;
    return typeof id === 'string' && typeof folder === 'string' ? { id, folder } : undefined;
  } catch {
    return undefined; // none yet
  }
}
