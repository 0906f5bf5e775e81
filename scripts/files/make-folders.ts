import { accessSync, constants, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder, with those above it, one by one: where nobody can make any, as in `/proc`, `mkdirSync` with `recursive` never
 * ends (Node.js 20 to 24).
 */
export function makeFolders(folder: string): void {
  if (isThere(folder)) return;
  makeFolders(dirname(folder));
  try {
    mkdirSync(folder);
  } catch (error) {
    // another one was first
    if (!isThere(folder)) throw error;
  }
}

/** May a file be written there, or made with the folders above it? @throws as the system says why it may not, naming what is there */
export function checkWritable(file: string): void {
  let place = file;
  while (!isThere(place) && dirname(place) !== place) place = dirname(place);
  accessSync(place, constants.W_OK);
}

const isThere = (folder: string): boolean => statSync(folder, { throwIfNoEntry: false }) !== undefined;
