import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { quote } from '../tools/command.ts';
import type { Had } from './programs.ts';

/**
 * Makes small scripts that call the programs which the PATH does not have in the lab's versions, so that people can type their names.
 * Scripts, since `.lab/NAME` holds no links.
 * @param folder made anew
 * @returns the folder; undefined where the PATH has all of them
 */
export function makeCallers(programs: readonly Had[], folder: string): string | undefined {
  rmSync(folder, { recursive: true, force: true });
  const others = programs.filter(({ from }) => from !== 'PATH');
  if (others.length === 0) return undefined;
  mkdirSync(folder, { recursive: true });
  for (const { tool, file } of others)
    writeFileSync(join(folder, tool.program), `#!/bin/sh\nexec ${quote(file)} "$@"\n`, { mode: 0o755 });
  return folder;
}
