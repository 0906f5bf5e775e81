import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isMarked, mark, MARK_FILE, OutputError, ownPlace, type Surroundings } from '../../lab/own-place.ts';
import { UserError } from '../events/errors.ts';
import { quote } from '../tools/command.ts';
import { runProcess } from '../tools/process.ts';
import type { Paths } from './paths.ts';
import { replaceFile } from './replace-file.ts';

/** What it takes to judge a state folder. */
export interface StateFolderOptions {
  readonly paths: Pick<Paths, 'state' | 'labFile'>;
  readonly around: Surroundings;
  /** In which git is asked. */
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/**
 * Before anything in `.lab/NAME` is read: it holds keys and kubeconfigs, which can name programs to be executed, so it must
 * be this machine's own. A repository can bring one along: .gitignore keeps nobody from committing `.lab/`.
 * @throws UserError where `.lab` or `.lab/NAME` is a link or no folder, is tracked by git, carries no mark, or holds a link
 */
export async function checkStateFolder({ paths, around, env, signal }: StateFolderOptions): Promise<void> {
  const all = dirname(paths.state);
  for (const folder of [all, paths.state])
    explained(paths.state, () => {
      refuseOtherThanFolder(folder);
    });
  if (existsSync(all) && (await isTracked(all, env, signal))) {
    throw new UserError(
      `git tracks files in ${all}, which holds keys and is of one machine alone: they may be anybody's. ` +
        `Remove them: git rm -r --cached ${quote(all)}, then rm -r ${quote(all)} unless this machine wrote them. Nothing was touched.`,
    );
  }
  const state = own(paths, around);
  explained(state, () => {
    refuseLinks(state);
  });
}

/**
 * The same, and makes it ready to be written: there, marked as the lab's, for the user alone.
 * @throws UserError where that cannot be done
 */
export async function openStateFolder(options: StateFolderOptions): Promise<void> {
  await checkStateFolder(options);
  const { state } = options.paths;
  explained(state, () => {
    mkdirSync(state, { recursive: true, mode: 0o700 });
    chmodSync(state, 0o700);
    const [file, text] = [join(state, MARK_FILE), `${mark('state')}\n`];
    // the first thing there, and nothing else beside it: of a run that is killed here the next one sees a folder without a mark
    if (!isMarked(state, 'state')) writeFileSync(file, text, { mode: 0o600 });
    // written each time: a full disk shows when something is written, and not before
    else replaceFile(file, text, 0o600);
  });
}

/** Removes `.lab/NAME` as a whole. @throws UserError where it is not the lab's */
export function removeStateFolder({ paths, around }: Pick<StateFolderOptions, 'paths' | 'around'>): void {
  rmSync(own(paths, around), { recursive: true, force: true });
}

/** Why a file system refuses, and what to do. */
export function stateFolderProblem(state: string, error: NodeJS.ErrnoException): UserError {
  const code = error.code ?? 'unknown';
  return new UserError(`${state} cannot be written: ${(problems[code] ?? error.message).replace('CODE', code)}`);
}

const noFolder =
  'something on the way to it is no folder (CODE). Move that away, or remove it if it is nothing of yours.';
const noRight =
  'permission denied (CODE). Give yourself the right to write there, or copy the lab to a folder of yours.';
const full = 'the disk is full (CODE). Make room, then run this again.';

const problems: Readonly<Record<string, string>> = {
  ENOTDIR: noFolder,
  EEXIST: noFolder,
  ELOOP: noFolder,
  EACCES: noRight,
  EPERM: noRight,
  EROFS: 'the file system is read-only (CODE). Copy the lab to one that can be written.',
  ENOSPC: full,
  EDQUOT: full,
};

function explained(state: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    throw error instanceof UserError ? error : stateFolderProblem(state, error as NodeJS.ErrnoException);
  }
}

function refuseOtherThanFolder(path: string): void {
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there === undefined || there.isDirectory()) return;
  const what = there.isSymbolicLink() ? 'a symbolic link' : 'not a folder';
  throw new UserError(
    `${path} is ${what}. A deploy keeps its keys there, in a folder of its own. ` +
      `Move it away, or remove it if it is nothing of yours: rm ${quote(path)}. Nothing was touched.`,
  );
}

/** However deep: nothing that is read, written or removed below the folder may lie outside it. */
function refuseLinks(folder: string): void {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isSymbolicLink())
      throw new UserError(
        `${path} is a symbolic link, and what a deploy keeps there would lie elsewhere. Remove it: rm ${quote(path)}. Nothing was touched.`,
      );
    if (entry.isDirectory()) refuseLinks(path);
  }
}

function own({ state }: Pick<Paths, 'state'>, around: Surroundings): string {
  try {
    return ownPlace({ path: state, by: '--lab' }, 'state', around);
  } catch (error) {
    throw error instanceof OutputError ? new UserError(error.message) : error;
  }
}

/**
 * Asks git: its index comes in four formats, split, sparse, in worktrees and submodules. Where there is no git, or no
 * repository, nothing is tracked. The repository's own settings cannot make it start anything.
 */
async function isTracked(folder: string, env: Readonly<Record<string, string>>, signal: AbortSignal): Promise<boolean> {
  const config = ['core.fsmonitor=false', 'safe.directory=*'].flatMap((setting) => ['-c', setting]);
  // a file system may not tell .LAB from .lab
  const args = [...config, '-C', dirname(folder), 'ls-files', '--cached', '-z', '--', ':(icase).lab'];
  const clean = Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('GIT_')));
  const { exitCode, stdout } = await runProcess('git', args, { env: clean, signal, timeoutSeconds: 10 });
  return exitCode === 0 && stdout !== '';
}
