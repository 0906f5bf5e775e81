import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Lab } from '../../lab/lab.ts';
import { MIRROR } from '../../lab/text.ts';
import { UserError } from '../events/errors.ts';
import type { DriverEvent } from '../events/events.ts';
import type { Paths } from '../files/paths.ts';
import { cacheFolder } from '../supply/cache-folder.ts';
import { Programs } from '../supply/programs.ts';
import { SourceFiles } from '../supply/sources.ts';
import { LearnedSums } from '../supply/sums.ts';
import { Supply } from '../supply/supply.ts';
import { Runner } from '../tools/runner.ts';
import { platformOf, toolchain } from '../tools/toolchain.ts';
import type { Io } from './io.ts';

/** A program says its version at once, or is broken. */
const askSeconds = 30;

/**
 * Where the programs, the chart and the manifest of a lab come from.
 * @param env what programs are given
 * @throws UserError where CLUSTERMESH_LAB_MIRROR is no URL, or CLUSTERMESH_LAB_CACHE no path
 */
export function supplyOf(
  lab: Lab,
  paths: Paths,
  env: Readonly<Record<string, string>>,
  io: Io,
  tell: (event: DriverEvent) => void,
  brings: boolean,
): { programs: Programs; sources: SourceFiles; supply: Supply } {
  checkMirror(io.env.CLUSTERMESH_LAB_MIRROR);
  checkCache(io.env.CLUSTERMESH_LAB_CACHE);
  const cache = cacheFolder(io.env, process.platform, io.cwd, io.home);
  const supply = new Supply(cache, lab.mirrors, io.env);
  const platform = platformOf(process.platform, process.arch);
  const programs = new Programs({
    ...{ platform, supply, tell, brings, env: io.env, signal: io.signal },
    tools: toolchain(lab.stack.versions),
    learned: new LearnedSums(join(cache, 'sums')),
    ask: async ({ ask, pattern }, file) => {
      const runner = new Runner(env, io.signal, { locate: () => Promise.resolve(file) });
      const { ended, stdout } = await runner.attempt(ask, { log: undefined, timeoutSeconds: askSeconds });
      return ended === 'not-started' ? undefined : (pattern.exec(stdout)?.[1] ?? 'of no known version');
    },
    pause: async (seconds, signal) => {
      await sleep(seconds * 1000, undefined, { signal });
    },
  });
  return { programs, sources: new SourceFiles(supply, new LearnedSums(paths.sums)), supply };
}

/** In a file of variables nothing makes a path of it, and a folder of that name would be made. */
function checkCache(cache = ''): void {
  if (!cache.startsWith('~')) return;
  const cause = `CLUSTERMESH_LAB_CACHE=${cache} begins with ~, which only a shell understands`;
  throw UserError.refusing([{ cause, remedy: 'write the whole path' }]);
}

/** A password in it is not for a message. */
function checkMirror(mirror = ''): void {
  if (mirror === '' || (MIRROR.test(mirror) && URL.canParse(mirror))) return;
  const cause = 'CLUSTERMESH_LAB_MIRROR is not a mirror';
  const remedy = 'write it as https://HOST/PATH, without user, password and query';
  throw UserError.refusing([{ cause, remedy }]);
}
