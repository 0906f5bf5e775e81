import { randomUUID } from 'node:crypto';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Writes a file beside its place and renames it there: whoever reads it finds the old one or the new one, whole, and a full
 * disk leaves the old one. A link that lies in its place is replaced, never followed.
 * @param mode of the new file @default what the user's umask leaves of 0666
 */
export function replaceFile(file: string, text: string, mode?: number): void {
  // nobody can guess the name, and none that is there already is opened
  const fresh = join(dirname(file), `.${randomUUID()}`);
  try {
    writeFileSync(fresh, text, { flag: 'wx', mode });
    renameSync(fresh, file);
  } finally {
    rmSync(fresh, { force: true });
  }
}
