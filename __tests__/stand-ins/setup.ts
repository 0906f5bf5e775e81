import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile } from '../../bin/start.mjs';
import { serve } from './server.mjs';

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** Once for all test files: the programs are compiled; and the stand-ins' server, see server.mjs. Where there is no Perl each call starts Node.js, and all is slower. */
export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  await compile();
  const perl = spawnSync('perl', ['-MSocket', '-MCwd', '-e', 'print $^X'], { encoding: 'utf8' });
  if (perl.status !== 0) return undefined;
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'stand-ins-')));
  mkdirSync(join(folder, 'bin'));
  // by its own path: a search for it in each of some ten thousand calls is another program that starts
  const client = `#!${perl.stdout} -w\n${readFileSync(here('client.pl'), 'utf8')}`;
  for (const program of readdirSync(here('bin'))) writeFileSync(join(folder, 'bin', program), client, { mode: 0o755 });
  const stop = await serve(join(folder, 'socket'));
  process.env.STAND_IN_QUICK = folder;
  return async () => {
    await stop();
    rmSync(folder, { recursive: true });
  };
}
