// @ts-check
import { readSync, writeSync } from 'node:fs';
import { cilium } from './cilium.mjs';
import { docker } from './docker.mjs';
import { hangs } from './faults.mjs';
import { helm } from './helm.mjs';
import { kind } from './kind.mjs';
import { kubectl } from './kubectl.mjs';
import { perform } from './program.mjs';
import { OWN_PROCESS } from './server.mjs';

/** Does one call after another, as the client's own process would; see server.mjs. */

const programs = { cilium, docker, helm, kind, kubectl };

/** @param {string} letter @param {string | Uint8Array} data */
function frame(letter, data) {
  const bytes = Buffer.from(data);
  const head = Buffer.alloc(5, letter);
  head.writeUInt32BE(bytes.length, 1);
  writeAll(Buffer.concat([head, bytes]));
}

const pause = new Int32Array(new SharedArrayBuffer(4));

/** Whole, also where the pipe is full for a moment. @param {Buffer} bytes */
function writeAll(bytes) {
  for (let from = 0; from < bytes.length;) {
    try {
      from += writeSync(1, bytes, from);
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EAGAIN') throw error;
      Atomics.wait(pause, 0, 0, 1);
    }
  }
}

/** @param {number} length */
function read(length) {
  const bytes = Buffer.alloc(length);
  for (let from = 0; from < length;) {
    const count = readSync(0, bytes, from, length - from, null);
    if (count === 0) process.exit(0);
    from += count;
  }
  return bytes;
}

/** @param {string} letter @returns {typeof process.stdout.write} */
const writer = (letter) => (/** @type {string | Uint8Array} */ data) => {
  frame(letter, data);
  return true;
};
process.stdout.write = writer('o');
process.stderr.write = writer('e');

for (;;) {
  const request = read(read(4).readUInt32BE(0));
  const [pid = '', tool = '', cwd = '', count = '', ...words] = request.toString().split('\0');
  const args = words.slice(0, Number(count));
  const env = words.slice(Number(count)).map((line) => {
    const at = line.indexOf('=');
    return /** @type {const} */ ([line.slice(0, at), line.slice(at + 1)]);
  });
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, Object.fromEntries(env));
  process.chdir(cwd);
  // who reads what it is given has it in a process of its own
  if (hangs(tool, args) || args.includes('--interactive')) frame(OWN_PROCESS, '');
  else frame('x', String(exitOf(tool, args, Number(pid))));
}

/** @param {string} tool @param {string[]} args @param {number} pid */
function exitOf(tool, args, pid) {
  try {
    return perform(tool, programs[/** @type {keyof typeof programs} */ (tool)], args, pid);
  } catch (error) {
    // as Node.js ends a program that throws
    frame('e', `${/** @type {Error} */ (error).stack}\n`);
    return 1;
  }
}
