import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile } from '../../bin/start.mjs';
import { serve } from './server.mjs';

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** Once for all test files: the programs are compiled; and the stand-ins' server, see server.mjs. Where there is no Perl each call starts Node.js, and all is slower. */
export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  await compile();
  if (spawnSync('perl', ['-MSocket', '-MCwd', '-e', '1']).status !== 0) return undefined;
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'stand-ins-')));
  mkdirSync(join(folder, 'bin'));
  for (const program of readdirSync(here('bin'))) symlinkSync(here('client.pl'), join(folder, 'bin', program));
  const stop = await serve(join(folder, 'socket'));
  process.env.STAND_IN_QUICK = folder;
  return async () => {
    await stop();
    rmSync(folder, { recursive: true });
  };
}
