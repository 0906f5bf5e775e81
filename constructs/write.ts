import {
  type Dirent,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { type Comparison, isSame } from './comparison.ts';
import { isGenerated, isRegionFile } from './generated.ts';

/** The output folder cannot be replaced without loss. Nothing was written. */
export class OutputError extends Error {}

/**
 * Compares synthesized files with the output folder, which need not exist.
 *
 * @param out the output folder
 * @param files path below it, with `/`, to text
 * @throws OutputError if it is no folder, or holds anything that synth did not write
 */
export function compare(out: string, files: ReadonlyMap<string, string>): Comparison {
  const present = readOwnFiles(out);
  const paths = [...files.keys()].sort();
  return {
    changed: paths.filter((path) => present.has(path) && present.get(path) !== files.get(path)),
    added: paths.filter((path) => !present.has(path)),
    removed: [...present.keys()].filter((path) => !files.has(path)).sort(),
  };
}

/**
 * Makes the output folder hold exactly these files: they are written into a temporary folder beside it, which then takes its
 * place by rename. Whatever fails before that leaves the old folder whole; where nothing differs nothing is written.
 *
 * @returns what was different before
 * @throws OutputError if it is no folder, or holds anything that synth did not write
 */
export function write(out: string, files: ReadonlyMap<string, string>): Comparison {
  const comparison = compare(out, files);
  if (!isSame(comparison)) replace(out, files);
  return comparison;
}

function replace(out: string, files: ReadonlyMap<string, string>): void {
  try {
    const target = existsSync(out) ? realpathSync(out) : resolve(out);
    mkdirSync(dirname(target), { recursive: true });
    const staging = mkdtempSync(join(dirname(target), `.${basename(target)}-`));
    try {
      fill(join(staging, 'next'), files);
      swap(target, join(staging, 'next'), join(staging, 'previous'));
    } finally {
      rmSync(staging, { recursive: true, force: true });
    }
  } catch (error) {
    throw new OutputError(`cannot write ${out}: ${(error as Error).message}. It is as it was.`, { cause: error });
  }
}

function fill(folder: string, files: ReadonlyMap<string, string>): void {
  for (const [path, text] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
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

/** The files in the output folder, all of them synth's own: path below it, with `/`, to text. Reads no deeper than regions go. */
function readOwnFiles(out: string): ReadonlyMap<string, string> {
  const own = new Map<string, string>();
  const foreign: string[] = [];
  for (const region of listFolder(out)) {
    if (!region.isDirectory()) foreign.push(region.name);
    else
      for (const file of listFolder(join(out, region.name))) {
        const path = `${region.name}/${file.name}`;
        const text = file.isFile() && isRegionFile(file.name) ? readFileSync(join(out, path), 'utf8') : '';
        if (isGenerated(text)) own.set(path, text);
        else foreign.push(path);
      }
  }
  if (foreign.length > 0) throw new OutputError(foreignFiles(out, foreign.sort()));
  return own;
}

function listFolder(folder: string): readonly Dirent[] {
  if (!existsSync(folder)) return [];
  if (!statSync(folder).isDirectory()) {
    throw new OutputError(`${folder} is not a folder. Choose another with --out. Nothing was written.`);
  }
  return readdirSync(folder, { withFileTypes: true });
}

function foreignFiles(out: string, foreign: readonly string[]): string {
  const named = foreign.slice(0, 10).map((path) => `  ${join(out, path)}`);
  const more = foreign.length > 10 ? [`  and ${foreign.length - 10} more`] : [];
  return [
    `synth replaces the whole folder ${out}, but did not write this in it:`,
    ...named,
    ...more,
    'Move it elsewhere, or choose another folder with --out. Nothing was written.',
  ].join('\n');
}
