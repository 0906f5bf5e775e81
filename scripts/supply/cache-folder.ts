import { isAbsolute, join } from 'node:path';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Where a user's downloads are kept, for all labs: `CLUSTERMESH_LAB_CACHE`, or `clustermesh-lab` in the system's own place for such
 * files (XDG Base Directory: a relative XDG_CACHE_HOME counts for nothing).
 * @param platform Node's: `linux`, `darwin`
 * @param home asked for where the environment names no folder
 */
export function cacheFolder(env: Env, platform: string, cwd: string, home: () => string): string {
  const { CLUSTERMESH_LAB_CACHE: own = '', XDG_CACHE_HOME: xdg = '' } = env;
  if (own !== '') return isAbsolute(own) ? own : join(cwd, own);
  if (isAbsolute(xdg)) return join(xdg, 'clustermesh-lab');
  return join(home(), ...(platform === 'darwin' ? ['Library', 'Caches'] : ['.cache']), 'clustermesh-lab');
}
