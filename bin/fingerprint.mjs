// @ts-check
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** What the programs are made of, in the project's folder. */
export const sources = [
  'bin',
  'main.ts',
  'lab',
  'constructs',
  'imports',
  'probe',
  'scripts',
  'package.json',
  'package-lock.json',
];

/** Of the place, size and time of all sources: another program, another fingerprint. @param {string} project its folder, with a slash at the end */
export function fingerprint(project) {
  const hash = createHash('sha256').update(project);
  const add = (/** @type {string} */ path) => {
    const { size, mtimeMs } = statSync(path);
    hash.update(`${path} ${size} ${mtimeMs}\n`);
  };
  for (const source of sources.map((name) => join(project, name)).filter(existsSync)) {
    if (!statSync(source).isDirectory()) add(source);
    else
      for (const entry of readdirSync(source, { recursive: true, withFileTypes: true }))
        if (entry.isFile()) add(join(entry.parentPath, entry.name));
  }
  return hash.digest('hex').slice(0, 16);
}
