import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fingerprint } from '../../bin/fingerprint.mjs';
import { readText } from '../../lab/text-file.ts';
import type { Paths } from './paths.ts';
import { replaceFile } from './replace-file.ts';

/** The project's folder. */
const project = fileURLToPath(new URL('../../', import.meta.url));

/** Bytes: more than the largest dist/, of 511 regions, has in one file. */
const LARGEST = 2 ** 25;

/**
 * One sum of all that decides whether dist/ is what synth would write: `lab.yaml`, all of dist/, the chart if it is a file, and
 * the program itself. The same sum, the same answer.
 * @returns undefined where something is no plain file: then synth has to be asked
 */
export function distSum({ labFile, dist }: Paths, chart: string | undefined): string | undefined {
  const sum = createHash('sha256');
  const add = (...words: (string | number)[]): void => void sum.update(`${JSON.stringify(words)}\n`);
  try {
    add(fingerprint(project), process.version, labFile, dist);
    for (const file of [labFile, ...filesIn(dist)]) {
      const { size } = plain(file);
      add(file, size);
      sum.update(readFileSync(file));
    }
    if (chart !== undefined) {
      const { size, mtimeMs, ino } = plain(chart);
      add(chart, size, mtimeMs, ino);
    }
  } catch {
    return undefined;
  }
  return sum.digest('hex');
}

/** Sorted; folders of folders too. @throws for what is neither file nor folder */
function filesIn(folder: string): string[] {
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const path = join(folder, name);
      return lstatSync(path).isDirectory() ? filesIn(path) : [path];
    });
}

/** @throws for a link, a folder, a device, and what is too large */
function plain(file: string) {
  const stat = lstatSync(file);
  if (!stat.isFile() || stat.size > LARGEST) throw new Error(`${file} is no plain file`);
  return stat;
}

/** Has synth been asked about the very same, and said yes? */
export const isChecked = ({ checked }: Paths, sum: string): boolean =>
  readText(checked, sum.length + 1).text === `${sum}\n`;

/** Keeps that it has, where `.lab/NAME` is there. */
export function keepChecked({ checked, state }: Paths, sum: string): void {
  if (existsSync(state)) replaceFile(checked, `${sum}\n`);
}
