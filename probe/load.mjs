// @ts-check
// A client that sends at fixed instants, whatever became of what it sent before: an open loop, so that a server that is slow
// or gone keeps nothing from being sent.
//
// node load.mjs run '{"url":"http://10.1.0.7:8080/","every":20,"timeout":1000,"most":60000}'   a line a request on stdout
// node load.mjs start /data/load.csv '{…}'   the same beside, into that file, whatever becomes of who asked for it; in the place
//                                            of one before that nobody has ended
// node load.mjs stop /data/load.csv          ends it, waits for what is still under way, and prints the file
// node load.mjs end /data/load.csv           ends it, and nothing of it is wanted
//
// It goes on until SIGTERM, until whoever has started it with a channel for messages is gone, or for `most` milliseconds.
//
// Each request is a TCP connection of its own; with "keepalive" connections are kept and used again. Lines come in the order in
// which requests end: due,sent,done,outcome,region,pod. Times are milliseconds since 1970 by a clock that goes on evenly.
// The outcome is ok, refused, reset, timeout, unreachable, or other. First comes a line "# " and what was asked for, as JSON;
// last, "# end": without it, lines may be missing.
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** @typedef {{ url: string, every: number, timeout: number, most: number, keepalive?: boolean }} Asked */

/** Milliseconds for a client that is told to stop, beside its timeout. */
const PATIENCE = 2000;

/** @type {Readonly<Record<string, string>>} */
const outcomes = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  ETIMEDOUT: 'timeout',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
};

const END = '# end';

const now = () => performance.timeOrigin + performance.now();

/** @param {Asked} asked */
async function run(asked) {
  const { url, every, timeout, most, keepalive = false } = asked;
  const agent = keepalive ? new Agent({ keepAlive: true, scheduling: 'fifo' }) : undefined;
  let isOver = false;
  for (const end of ['SIGTERM', 'disconnect']) process.on(end, () => (isOver = true));
  console.log(`# ${JSON.stringify(asked)}`);
  /** @type {Set<Promise<void>>} */
  const under = new Set();
  const start = now();
  for (let k = 0; !isOver && k * every < most; k++) {
    const due = start + k * every;
    // requests that are due are sent, however late this program is; in between, their answers are read
    if (due <= now()) await new Promise(setImmediate);
    // a timer counts from the start of its round and may be early: again, until it is time
    for (let early = due - now(); early > 0; early = due - now()) await sleep(Math.ceil(early));
    const request = ask(url, due, timeout, agent).then((line) => {
      console.log(line);
      under.delete(request);
    });
    under.add(request);
  }
  await Promise.all(under);
  agent?.destroy();
  console.log(END);
  if (process.connected) process.disconnect?.();
}

/** @param {string} url @param {number} due @param {number} timeout @param {Agent | undefined} agent @returns {Promise<string>} */
function ask(url, due, timeout, agent) {
  const sent = now();
  return new Promise((resolve) => {
    /** @param {string} outcome @param {{ region?: string, pod?: string }} [by] */
    const tell = (outcome, { region = '', pod = '' } = {}) => {
      clearTimeout(timer);
      resolve([...[due, sent, now()].map((at) => at.toFixed(1)), outcome, region, pod].join(','));
    };
    const request = get(url, { agent: agent ?? false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => (text += chunk));
      response.once('error', () => tell('reset'));
      response.once('end', () => {
        try {
          tell(response.statusCode === 200 ? 'ok' : 'other', JSON.parse(text));
        } catch {
          tell('other');
        }
      });
    });
    const timer = setTimeout(() => {
      tell('timeout');
      request.destroy();
    }, timeout);
    request.once('error', ({ code = '' }) => tell(outcomes[code] ?? 'other'));
  });
}

/** @param {string} file */
const pidFile = (file) => `${file}.pid`;

/** @param {string} file @param {string} asked */
function start(file, asked) {
  end(file);
  const out = openSync(file, 'w');
  const args = [fileURLToPath(import.meta.url), 'run', asked];
  const child = spawn(process.execPath, args, { detached: true, stdio: ['ignore', out, out] });
  closeSync(out);
  writeFileSync(pidFile(file), String(child.pid));
  child.unref();
}

/** @param {string} file */
async function stop(file) {
  const read = () => readFileSync(file, 'utf8');
  const { timeout = 0 } = JSON.parse(/^# (.*)$/m.exec(read())?.[1] ?? '{}');
  const last = now() + timeout + PATIENCE;
  tell(file, 'SIGTERM');
  while (!read().endsWith(`${END}\n`) && now() < last) await sleep(50);
  process.stdout.write(read());
  end(file);
}

/** @param {string} file */
function end(file) {
  tell(file, 'SIGKILL');
  for (const each of [file, pidFile(file)]) rmSync(each, { force: true });
}

/** @param {string} file @param {NodeJS.Signals} signal */
function tell(file, signal) {
  try {
    process.kill(Number(readFileSync(pidFile(file), 'utf8')), signal);
  } catch {
    // it has ended by itself, was killed, or was never there
  }
}

const [verb, ...words] = process.argv.slice(2);
if (verb === 'run') await run(JSON.parse(words[0] ?? ''));
else if (verb === 'start') start(words[0] ?? '', words[1] ?? '');
else if (verb === 'stop') await stop(words[0] ?? '');
else if (verb === 'end') end(words[0] ?? '');
else throw new Error('run, start, stop or end');
