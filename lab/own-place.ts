import {
  closeSync,
  type Dirent,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  realpathSync,
  type Stats,
} from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';

/** A place that a command may not write over or remove. Nothing was touched. */
export class OutputError extends Error {
  override readonly name = 'OutputError';
}

/** Where a command runs: what no output may ever be, or hold. Absolute paths. */
export interface Surroundings {
  readonly cwd: string;
  /** The user's home folder. */
  readonly home: string;
  readonly labFile: string;
}

/** A place as the user, or a default, names it. */
export interface Named {
  /** May be relative, with `..`, or a symbolic link. */
  readonly path: string;
  /** How it was named, for messages: `--out`. */
  readonly by: string;
  /** The command that takes over the place of another lab, for messages. */
  readonly adopt?: string;
}

/** What a place is for; its mark says so, so that no command takes another's place for its own. */
export type Purpose = 'dist' | 'state' | FilePurpose;

type FilePurpose = 'picture' | 'page' | 'bundle';

const made: Readonly<Record<Purpose, string>> = {
  dist: 'npm run synth made this folder and replaces it as a whole. Change lab.yaml instead.',
  state: 'npm run deploy made this folder; npm run destroy removes it as a whole.',
  picture: 'npm run draw made this file and replaces it.',
  page: 'npm run report made this file and replaces it.',
  bundle: 'npm run bundle made this file and replaces it.',
};

/** The command that makes a file. */
const maker: Readonly<Record<FilePurpose, string>> = { picture: 'draw', page: 'report', bundle: 'bundle' };

/** The file that is the first in a bundle. */
export const BUNDLE_LIST = 'bundle.json';

/** Name of the file that carries a folder's mark. */
export const MARK_FILE = '.clustermesh-lab';

/**
 * The mark of a place: the text of a folder's `.clustermesh-lab`, or what a line of a picture or a page says.
 * @param lab whose place it is, on a line of its own; undefined where the place's path says so
 */
export function mark(purpose: Purpose, lab?: string): string {
  return `clustermesh-lab ${purpose}: ${made[purpose]}${lab === undefined ? '' : `\nlab: ${lab}`}`;
}

/**
 * The one answer to "may this be written over or removed?": yes where nothing is, where an empty folder is, or one with nothing
 * but the begin of a mark, and where the lab's own mark is. A mark is proof; a look is none.
 * @param lab the name of the lab that asks: another's place is refused. A mark without a name is everybody's.
 * @returns the absolute path to work on from here on, links resolved
 * @throws OutputError for anything else: the empty path; the root, home or working folder; what is or holds the lab file
 *   or a `.git`; what carries no mark, or another lab's
 */
export function ownPlace(named: Named, purpose: Purpose, around: Surroundings, lab?: string): string {
  try {
    return checked(named, purpose, around, lab);
  } catch (error) {
    if (error instanceof OutputError) throw error;
    throw new OutputError(`cannot look at ${named.path}: ${(error as Error).message}. Nothing was touched.`, {
      cause: error,
    });
  }
}

function checked(named: Named, purpose: Purpose, around: Surroundings, lab: string | undefined): string {
  const refuse = (why: string): never => {
    throw new OutputError(`${why} Choose another place with ${named.by}. Nothing was touched.`);
  };
  if (named.path.trim() === '') return refuse(`${named.by} names no place: it is empty.`);
  const place = realPath(resolve(around.cwd, named.path));
  if (place === undefined) return refuse(`${named.path} is a symbolic link that leads nowhere.`);
  const kept = keptBy(place, around);
  if (kept !== undefined) return refuse(`${named.path} ${kept}.`);
  const there = statusOf(place);
  if (purpose !== 'dist' && purpose !== 'state') {
    if (there !== undefined && !there.isFile()) return refuse(`${named.path} is not a file.`);
    if (there !== undefined && !(purpose === 'bundle' ? isBundle(place) : isMarkedFile(place, purpose)))
      return refuse(`${named.path} is not the lab's to replace: it carries no mark of npm run ${maker[purpose]}.`);
    return place;
  }
  if (there !== undefined && !there.isDirectory()) return refuse(`${named.path} is not a folder.`);
  const entries = there === undefined ? [] : readdirSync(place);
  if (entries.length === 0 || (entries.length === 1 && isHalfMarked(place, purpose))) return place;
  if (!isMarked(place, purpose))
    return refuse(
      `${named.path} is not the lab's to replace: its mark ${join(named.path, MARK_FILE)} is missing. ` +
        `If it holds nothing of yours, remove it yourself: rm -r ${named.path}.`,
    );
  const whose = labOf(place);
  if (lab !== undefined && whose !== undefined && whose !== lab)
    return refuse(
      `${named.path} has the YAML of the lab ${whose}, and this is the lab ${lab}. ` +
        `If ${lab} is its new name, take the folder over, and regions keep their addresses: ${named.adopt ?? ''}.`,
    );
  if (holdsGit(place)) return refuse(`${named.path} holds a .git.`);
  return place;
}

/**
 * The line of a file that carries its mark: the first of a picture, the second of a page. It counts there and nowhere else,
 * since a file of the user's may hold a picture.
 */
export const markLine = (purpose: 'picture' | 'page'): string => `<!-- ${mark(purpose)} -->`;

function isMarkedFile(file: string, purpose: 'picture' | 'page'): boolean {
  const lines = readFileSync(file, 'utf8').split(/\r?\n/, 2);
  return lines[purpose === 'picture' ? 0 : 1] === markLine(purpose);
}

/** So the list of a bundle begins: its mark. */
const BUNDLE_MARK = '{\n  "bundle": ';

/** Bytes of a header in a tar archive, after which the file that it is of begins. */
const TAR_HEADER = 512;

/** Is a file a bundle, by the list that it begins with? It is large. */
export function isBundle(file: string): boolean {
  const first = Buffer.alloc(TAR_HEADER + BUNDLE_MARK.length);
  const open = openSync(file, 'r');
  try {
    readSync(open, first);
  } finally {
    closeSync(open);
  }
  const text = first.toString('latin1');
  return text.startsWith(`${BUNDLE_LIST}\0`) && text.endsWith(BUNDLE_MARK);
}

/** Whether the folder carries the mark of that purpose. */
export function isMarked(folder: string, purpose: Purpose): boolean {
  const file = join(folder, MARK_FILE);
  return statusOf(file)?.isFile() === true && readFileSync(file, 'utf8').startsWith(`clustermesh-lab ${purpose}:`);
}

/** Whether its mark was begun, and is not whole: whoever wrote it was killed. */
function isHalfMarked(folder: string, purpose: Purpose): boolean {
  const file = join(folder, MARK_FILE);
  return statusOf(file)?.isFile() === true && mark(purpose).startsWith(readFileSync(file, 'utf8'));
}

/** The lab that a folder's mark names; undefined where it names none, as earlier versions did. */
function labOf(folder: string): string | undefined {
  return /^lab: ([a-z0-9-]{1,63})\r?$/m.exec(readFileSync(join(folder, MARK_FILE), 'utf8'))?.[1];
}

/** Why nobody may replace or remove this place, whatever it carries. */
function keptBy(place: string, { cwd, home, labFile }: Surroundings): string | undefined {
  const holds = (path: string): boolean => {
    const real = realPath(path) ?? path;
    return real === place || real.startsWith(place.endsWith(sep) ? place : place + sep);
  };
  if (dirname(place) === place) return 'is the root folder';
  if (holds(home)) return 'is or holds your home folder';
  if (holds(cwd)) return 'is or holds the working folder';
  if (holds(labFile)) return 'is or holds the lab file';
  return place.split(sep).includes('.git') ? 'is or lies in a .git' : undefined;
}

function holdsGit(folder: string): boolean {
  const entries: readonly Dirent[] = readdirSync(folder, { withFileTypes: true });
  return entries.some((entry) => entry.name === '.git' || (entry.isDirectory() && holdsGit(join(folder, entry.name))));
}

/** The path with every link in it resolved, as far as it exists; undefined where it is a link to nothing. */
function realPath(path: string): string | undefined {
  try {
    return realpathSync.native(path);
  } catch {
    if (statusOf(path)?.isSymbolicLink() === true) return undefined;
    const parent = dirname(path);
    const real = parent === path ? path : realPath(parent);
    return real === undefined ? undefined : join(real, basename(path));
  }
}

function statusOf(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}
