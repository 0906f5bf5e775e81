import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { MARK_FILE } from '../../lab/own-place.ts';
import { readJson } from '../tools/json.ts';
import { OWNER_FILE, type Paths } from './paths.ts';
import { replaceFile } from './replace-file.ts';

/** `.lab/NAME/owner`: which of all labs of this name the folder's is, as written on its docker network. */
const ownerFile = z.object({
  id: z.string(),
  /** The folder that it was drawn for, without symbolic links: in a copy of that folder it counts for nothing. */
  folder: z.string(),
  /** ID of the Docker Engine that the lab is on, or was begun on; none where that engine has none. */
  engine: z.string().optional(),
});

type Owner = Readonly<z.infer<typeof ownerFile>>;

/** What `.lab/` tells of a lab. */
export interface LabRecord {
  /** The lab's name. */
  readonly lab: string;
  /** The owner's id, as written on the lab's docker network. */
  readonly id: string;
  /** It was drawn for this folder; false where `.lab/` was copied or moved here with another one. */
  readonly here: boolean;
  /** ID of the Docker Engine that the lab is on; undefined where it is not known. */
  readonly engine: string | undefined;
}

/** Of all labs in this folder's `.lab/`: this one, and those of other names. */
export function readRecords(paths: Paths): LabRecord[] {
  return namesIn(dirname(paths.state)).flatMap((lab) => readRecord(paths, lab) ?? []);
}

/** Of one of them. @param lab its name; this lab's unless given */
export function readRecord(paths: Paths, lab = basename(paths.state)): LabRecord | undefined {
  const owner = read(join(dirname(paths.state), lab, OWNER_FILE));
  return owner && { lab, id: owner.id, here: owner.folder === realFolder(paths), engine: owner.engine };
}

/** The folder's id; undefined where none was drawn yet, or where `.lab/` was copied or moved here with another folder. */
export function readOwner(paths: Paths): string | undefined {
  const record = readRecord(paths);
  return record?.here === true ? record.id : undefined;
}

/**
 * Takes over the lab of a docker network: the id that is written there becomes the folder's. What `.lab/` keeps of a lab of
 * another id goes first: kubeconfigs, keys, records and traces of running programs are that lab's.
 * @param engine ID of the engine that the network is on
 */
export function adoptOwner(paths: Paths, id: string, engine?: string): void {
  const before = readRecord(paths);
  if (before !== undefined && before.id !== id) removeKept(paths);
  const owner: Owner = { id, folder: realFolder(paths), engine };
  mkdirSync(paths.state, { recursive: true });
  replaceFile(paths.owner, JSON.stringify(owner));
}

/**
 * The folder's id, drawn where there is none, or where `.lab/` came here with another folder's; with the engine that is worked
 * on put on record.
 * @param engine ID of that engine
 */
export function drawOwner(paths: Paths, engine?: string): string {
  const id = readOwner(paths) ?? randomUUID();
  adoptOwner(paths, id, engine);
  return id;
}

/** All but logs, the mark, and the owner: while it is there, a run after one that was cut off goes on removing. */
function removeKept({ state }: Paths): void {
  const kept = ['logs', MARK_FILE, OWNER_FILE];
  for (const name of readdirSync(state).filter((each) => !kept.includes(each)))
    rmSync(join(state, name), { recursive: true });
}

const realFolder = (paths: Paths): string => realpathSync(dirname(paths.labFile));

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // nothing was made here
  }
}

function read(file: string): Owner | undefined {
  try {
    return readJson(ownerFile, readFileSync(file, 'utf8'));
  } catch {
    return undefined; // none yet
  }
}
