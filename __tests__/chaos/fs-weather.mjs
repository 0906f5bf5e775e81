// @ts-check
/**
 * Loaded into the driver before all else (`node --import`): after so many changes of files the driver is killed, or the disk is full for a
 * while. CHAOS_FS is `kill:17`, or `full:17:5`: from the 17th change on, five changes fail.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const [what = '', from = '0', count = '1'] = (process.env.CHAOS_FS ?? '').split(':');
let changes = 0;

/** What needs room on the disk. */
const writing = new Set(['writeFileSync', 'appendFileSync', 'mkdirSync', 'mkdtempSync', 'copyFileSync', 'writeSync']);
const others = ['renameSync', 'rmSync', 'unlinkSync', 'chmodSync', 'rmdirSync', 'symlinkSync', 'cpSync'];

/** @param {string} name */
function wrap(name) {
  const all = /** @type {Record<string, (...args: unknown[]) => unknown>} */ (/** @type {unknown} */ (fs));
  const real = all[name];
  if (real === undefined) return;
  all[name] = (...args) => {
    changes += 1;
    if (what === 'kill' && changes === Number(from)) process.kill(process.pid, 'SIGKILL');
    if (what === 'full' && writing.has(name) && changes >= Number(from) && changes < Number(from) + Number(count)) {
      const path = String(args[0]);
      throw Object.assign(new Error(`ENOSPC: no space left on device, ${name} '${path}'`), {
        ...{ code: 'ENOSPC', errno: -28, syscall: name === 'mkdirSync' ? 'mkdir' : 'open', path },
      });
    }
    return real.apply(fs, args);
  };
}

if (what !== '') {
  for (const name of [...writing, ...others]) wrap(name);
  syncBuiltinESMExports();
}
