import { chmodSync, lstatSync, mkdirSync } from 'node:fs';
import { dirname, sep } from 'node:path';
import { UserError } from '../events/errors.ts';
import { quote } from '../tools/command.ts';
import { STATE_FOLDER } from './paths.ts';
import { replaceFile } from './replace-file.ts';

/**
 * A file that only the user can read, in a folder that only the user can enter. Renamed into its place, since Helm of
 * another region may be reading it right now.
 * @throws UserError where a folder inside `.lab` is a link: the key would go to where somebody else wants it
 */
export function writeSecret(file: string, text: string): void {
  const folder = dirname(file);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const each of ownFolders(folder)) refuseLink(each);
  chmodSync(folder, 0o700);
  replaceFile(file, text, 0o600);
}

/** The folder itself, and those above it up to `.lab`: what is above that is the user's. */
function ownFolders(folder: string): string[] {
  const parts = folder.split(sep);
  const from = parts.lastIndexOf(STATE_FOLDER);
  return parts.flatMap((_, index) =>
    index === parts.length - 1 || (from !== -1 && index >= from) ? [parts.slice(0, index + 1).join(sep)] : [],
  );
}

function refuseLink(folder: string): void {
  if (!lstatSync(folder).isSymbolicLink()) return;
  throw new UserError(
    `${folder} is a symbolic link, and a key was about to be written through it. Remove it: rm ${quote(folder)}`,
  );
}
