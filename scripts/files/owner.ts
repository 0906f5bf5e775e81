import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { MARK_FILE } from '../../lab/own-place.ts';
import { readJson } from '../tools/json.ts';
import type { Paths } from './paths.ts';
import { replaceFile } from './replace-file.ts';

/** `.lab/NAME/owner`: which of all labs of this name the folder's is, as written on its docker network. */
const ownerFile = z.object({
  id: z.string(),
  /** The folder that it was drawn for, without symbolic links: in a copy of that folder it counts for nothing. */
  folder: z.string(),
  /** IDs of the Docker Engines on which the lab is, or was begun; none on record before this was kept. */
  engines: z.array(z.string()).default([]),
});

type Owner = Readonly<z.infer<typeof ownerFile>>;

/** The folder's id; undefined where none was drawn yet, or where `.lab/` was copied or moved here with another folder. */
export function readOwner(paths: Paths): string | undefined {
  const owner = read(paths);
  return owner?.folder === realFolder(paths) ? owner.id : undefined;
}

/**
 * The Docker Engines other than this one that `.lab/` tells of, whosever it is; undefined where it tells of no engine.
 * @param engine ID of the engine that Docker points to
 */
export function otherEngines(paths: Paths, engine: string | undefined): readonly string[] | undefined {
  const engines = read(paths)?.engines ?? [];
  return engines.length === 0 ? undefined : engines.filter((each) => each !== engine);
}

/** The lab is gone from that engine. */
export function forgetEngine(paths: Paths, engine: string | undefined): void {
  const owner = read(paths);
  if (owner !== undefined) write(paths, { ...owner, engines: owner.engines.filter((each) => each !== engine) });
}

/**
 * Takes over the lab of a docker network: the id that is written there becomes the folder's.
 * @param engine ID of the engine that the network is on
 */
export function adoptOwner(paths: Paths, id: string, engine?: string): void {
  const before = read(paths);
  const engines = new Set([...(before?.id === id ? before.engines : []), ...(engine === undefined ? [] : [engine])]);
  write(paths, { id, folder: realFolder(paths), engines: [...engines] });
}

/**
 * The folder's id, drawn where there is none, with the engine that is worked on put on record. What was copied here with another
 * folder's `.lab/` goes first: kubeconfigs, keys, records and traces of running programs are that lab's.
 * @param engine ID of that engine
 */
export function drawOwner(paths: Paths, engine?: string): string {
  const known = readOwner(paths);
  if (known === undefined && read(paths) !== undefined) {
    const others = readdirSync(paths.state).filter((name) => name !== 'logs' && name !== MARK_FILE);
    for (const name of others) rmSync(join(paths.state, name), { recursive: true });
  }
  const id = known ?? randomUUID();
  adoptOwner(paths, id, engine);
  return id;
}

const realFolder = (paths: Paths): string => realpathSync(dirname(paths.labFile));

function read(paths: Paths): Owner | undefined {
  try {
    return readJson(ownerFile, readFileSync(paths.owner, 'utf8'));
  } catch {
    return undefined; // none yet
  }
}

function write(paths: Paths, owner: Owner): void {
  mkdirSync(paths.state, { recursive: true });
  replaceFile(paths.owner, JSON.stringify(owner));
}
