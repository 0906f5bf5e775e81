import {
  type Dirent,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isMarked, mark, MARK_FILE, type Named, OutputError, ownPlace, type Surroundings } from '../lab/own-place.ts';
import { type Comparison, isSame } from './comparison.ts';
import { isGenerated, isRegionFile } from '../lab/generated.ts';

/** What a synth makes of a lab. */
export interface Synthesized {
  /** Name of the lab: the mark of the output folder keeps it. */
  readonly lab: string;
  /** Path below the output folder, with `/`, to text. */
  readonly files: ReadonlyMap<string, string>;
  /** Take over the folder of another lab. @default false */
  readonly adopt?: boolean;
}

/**
 * Compares what was synthesized with the output folder, which need not exist.
 *
 * @throws OutputError where it is not this lab's to replace, or holds anything that synth did not write
 */
export function compare(out: Named, made: Synthesized, around: Surroundings): Comparison {
  return comparison(out, placeOf(out, made, around), made);
}

/**
 * Makes the output folder hold exactly these files: they are written into a temporary folder beside it, which then takes its
 * place by rename. Whatever fails before that leaves the old folder whole; where nothing differs nothing is written.
 *
 * @returns what was different before
 * @throws OutputError where it is not this lab's to replace, or holds anything that synth did not write
 */
export function write(out: Named, made: Synthesized, around: Surroundings): Comparison {
  recover(out, around);
  const target = placeOf(out, made, around);
  const different = comparison(out, target, made);
  if (!isSame(different)) replace(out, target, made);
  return different;
}

function placeOf(out: Named, { lab, adopt = false }: Synthesized, around: Surroundings): string {
  return ownPlace(out, 'dist', around, adopt ? undefined : lab);
}

/** The mark goes without saying where the folder is new. */
function comparison(out: Named, target: string, { lab, files }: Synthesized): Comparison {
  const present = readOwnFiles(out, target);
  const paths = [...files.keys()].sort();
  const marked = join(target, MARK_FILE);
  const isMarkedOtherwise = existsSync(marked) && readText(marked) !== markText(lab);
  return {
    changed: [
      ...(isMarkedOtherwise ? [MARK_FILE] : []),
      ...paths.filter((path) => present.has(path) && present.get(path) !== files.get(path)),
    ],
    added: paths.filter((path) => !present.has(path)),
    removed: [...present.keys()].filter((path) => !files.has(path)).sort(),
  };
}

function replace(out: Named, target: string, { lab, files }: Synthesized): void {
  try {
    mkdirSync(dirname(target), { recursive: true });
    const staging = mkdtempSync(`${stagingPrefix(target)}${process.pid}-`);
    try {
      writeMark(staging, lab);
      writeMark(join(staging, 'next'), lab);
      fill(join(staging, 'next'), files);
      swap(target, join(staging, 'next'), join(staging, 'previous'));
    } finally {
      rmSync(staging, { recursive: true, force: true });
    }
  } catch (error) {
    throw new OutputError(`cannot write ${out.path}: ${(error as Error).message}. It is as it was.`, { cause: error });
  }
}

function fill(folder: string, files: ReadonlyMap<string, string>): void {
  for (const [path, text] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

const markText = (lab: string): string => `${mark('dist', lab)}\n`;

function writeMark(folder: string, lab: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, MARK_FILE), markText(lab));
}

function swap(target: string, next: string, previous: string): void {
  if (!existsSync(target)) {
    renameSync(next, target);
    return;
  }
  renameSync(target, previous);
  try {
    renameSync(next, target);
  } catch (error) {
    renameSync(previous, target);
    throw error;
  }
}

/** `.dist-`, behind which stand the pid of the synth and six letters of chance. */
function stagingPrefix(target: string): string {
  return join(dirname(target), `.${basename(target)}-`);
}

/**
 * Puts right what synths that were killed left beside the output folder: one that was killed between its two renames gives
 * the old folder back, all others are removed. Only folders with the mark, and only of processes that are gone.
 * To be done before the lab is loaded, which remembers what is in the old folder.
 *
 * @returns the absolute path of the output folder
 * @throws OutputError where it is not synth's to replace
 */
export function recover(out: Named, around: Surroundings): string {
  const target = ownPlace(out, 'dist', around);
  try {
    removeLeftovers(target);
  } catch (error) {
    throw new OutputError(`cannot write ${out.path}: ${(error as Error).message}. It is as it was.`, { cause: error });
  }
  return target;
}

function removeLeftovers(target: string): void {
  const prefix = basename(stagingPrefix(target));
  const beside = existsSync(dirname(target)) ? readdirSync(dirname(target)) : [];
  for (const name of beside) {
    const [, pid] = name.startsWith(prefix) ? (/^(\d+)-\w{6}$/.exec(name.slice(prefix.length)) ?? []) : [];
    const staging = join(dirname(target), name);
    if (pid === undefined || isAlive(Number(pid)) || !isOwn(staging)) continue;
    const previous = join(staging, 'previous');
    if (!existsSync(target) && isMarked(previous, 'dist')) renameSync(previous, target);
    rmSync(staging, { recursive: true, force: true });
  }
}

/** With the mark, or killed before it could write one. */
function isOwn(staging: string): boolean {
  return isMarked(staging, 'dist') || readdirSync(staging).length === 0;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** The files in the output folder, all of them synth's own: path below it, with `/`, to text. Reads no deeper than regions go. */
function readOwnFiles(out: Named, target: string): ReadonlyMap<string, string> {
  const own = new Map<string, string>();
  const foreign: string[] = [];
  for (const region of listFolder(target)) {
    if (region.name === MARK_FILE) continue;
    if (!region.isDirectory()) foreign.push(region.name);
    else
      for (const file of listFolder(join(target, region.name))) {
        const path = `${region.name}/${file.name}`;
        const text = file.isFile() && isRegionFile(file.name) ? readText(join(target, path)) : '';
        if (isGenerated(text)) own.set(path, text);
        else foreign.push(path);
      }
  }
  if (foreign.length > 0) throw new OutputError(foreignFiles(out, foreign.sort()));
  return own;
}

function listFolder(folder: string): readonly Dirent[] {
  if (!existsSync(folder)) return [];
  return reading(() => readdirSync(folder, { withFileTypes: true }));
}

function readText(file: string): string {
  return reading(() => readFileSync(file, 'utf8'));
}

function reading<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new OutputError(`cannot read the output folder: ${(error as Error).message}. Nothing was touched.`, {
      cause: error,
    });
  }
}

function foreignFiles(out: Named, foreign: readonly string[]): string {
  const named = foreign.slice(0, 10).map((path) => `  ${join(out.path, path)}`);
  const more = foreign.length > 10 ? [`  and ${foreign.length - 10} more`] : [];
  return [
    `synth replaces the whole folder ${out.path}, but did not write this in it:`,
    ...named,
    ...more,
    `Move it elsewhere, or choose another folder with ${out.by}. Nothing was touched.`,
  ].join('\n');
}
