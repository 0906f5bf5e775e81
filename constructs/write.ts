import { type Dirent, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { mark, MARK_FILE, type Named, OutputError, ownPlace, type Surroundings } from '../lab/own-place.ts';
import { alone, previousIn, type Waiting } from './alone.ts';
import { type Comparison, isSame } from './comparison.ts';
import { isGenerated, isRegionFile, SUBFOLDERS } from '../lab/generated.ts';

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

/** What a synth has written. */
export interface Written {
  readonly made: Synthesized;
  /** What was different before. */
  readonly different: Comparison;
}

/**
 * Makes the output folder hold exactly what is synthesized: it is written into a temporary folder beside it, which then takes
 * its place by rename. Whatever fails before that leaves the old folder whole; where nothing differs it stays as it is.
 *
 * @param make synthesizes, while no other synth works on the folder: what it remembers of the old one is still true when
 *   that is replaced
 * @throws OutputError where it is not this lab's to replace, holds anything that synth did not write, or cannot be written
 */
export function write(out: Named, make: () => Synthesized, around: Surroundings, waiting: Waiting = {}): Written {
  try {
    return alone(ownPlace(out, 'dist', around), waiting, (staging) => {
      const made = make();
      const target = placeOf(out, made, around);
      const different = comparison(out, target, made);
      if (!isSame(different)) replace(target, staging, made);
      return { made, different };
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw new OutputError(`cannot write ${out.path}: ${(error as Error).message}. It is as it was.`, { cause: error });
  }
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

function replace(target: string, staging: string, { lab, files }: Synthesized): void {
  const next = join(staging, 'next');
  mkdirSync(next);
  writeFileSync(join(next, MARK_FILE), markText(lab));
  fill(next, files);
  swap(target, next, staging);
}

function fill(folder: string, files: ReadonlyMap<string, string>): void {
  for (const [path, text] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

const markText = (lab: string): string => `${mark('dist', lab)}\n`;

function swap(target: string, next: string, staging: string): void {
  if (!existsSync(target)) {
    renameSync(next, target);
    return;
  }
  const previous = previousIn(staging);
  renameSync(target, previous);
  try {
    renameSync(next, target);
  } catch (error) {
    giveBack(previous, target);
    throw error;
  }
  renameSync(previous, join(staging, 'replaced'));
}

function giveBack(previous: string, target: string): void {
  try {
    renameSync(previous, target);
  } catch (error) {
    throw new OutputError(
      `cannot write ${target}: ${(error as Error).message}. What it held lies in ${previous}: move it back.`,
      { cause: error },
    );
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
      for (const file of filesOf(join(target, region.name))) {
        const path = `${region.name}/${file.name}`;
        const text = file.isFile && isRegionFile(file.name) ? readText(join(target, path)) : '';
        if (isGenerated(text)) own.set(path, text);
        else foreign.push(path);
      }
  }
  if (foreign.length > 0) throw new OutputError(foreignFiles(out, foreign.sort()));
  return own;
}

/** What a region's folder holds, by its path below it; a folder that synth does not make is one thing. */
function filesOf(region: string, within = ''): { readonly name: string; readonly isFile: boolean }[] {
  return listFolder(join(region, within)).flatMap((entry) => {
    const name = `${within}${entry.name}`;
    const isOwn = entry.isDirectory() && SUBFOLDERS.includes(name);
    return isOwn ? filesOf(region, `${name}/`) : [{ name, isFile: entry.isFile() }];
  });
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
