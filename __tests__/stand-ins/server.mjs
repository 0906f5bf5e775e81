// @ts-check
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

/**
 * Lets processes that are up already do the stand-ins' work: a Node.js process takes 50 ms of CPU to start, and the tests make
 * some ten thousand calls. A call is still a process of its own, `client.pl`, which starts in 3 ms: it hands its arguments over a
 * socket, shows what comes back, and ends with the exit code that comes last. Where it is killed, so is the process that works
 * for it, at that moment.
 */

/** What a client gets when its call needs a process of its own: a fault hangs it, or gives it children; or it reads its standard input. */
export const OWN_PROCESS = 'n';

/** @typedef {{ child: import('node:child_process').ChildProcess, client: import('node:net').Socket | undefined }} Worker */

/**
 * @public called by the tests' global setup
 * @param {string} socket path of the Unix socket that the clients connect to
 * @returns {Promise<() => Promise<void>>} stops it
 */
export async function serve(socket) {
  /** @type {Worker[]} */
  const workers = [];
  const server = createServer((client) => {
    client.on('error', () => {}); // it was killed
    let request = Buffer.alloc(0);
    client.on('data', (data) => {
      request = Buffer.concat([request, data]);
      if (request.length < 4 || request.length < 4 + request.readUInt32BE(0)) return;
      client.removeAllListeners('data');
      const worker = workers.find((each) => each.client === undefined) ?? startWorker(workers);
      worker.client = client;
      client.on('close', () => {
        if (worker.client === client) worker.child.kill('SIGKILL');
      });
      worker.child.stdin?.write(request);
    });
  });
  await new Promise((resolve) => {
    server.listen(socket, () => resolve(undefined));
  });
  return async () => {
    for (const { child } of workers) child.kill('SIGKILL');
    await new Promise((resolve) => server.close(resolve));
  };
}

/** @param {Worker[]} workers */
function startWorker(workers) {
  const file = fileURLToPath(new URL('worker.mjs', import.meta.url));
  const child = spawn(process.execPath, [file], { stdio: ['pipe', 'pipe', 'inherit'] });
  /** @type {Worker} */
  const worker = { child, client: undefined };
  workers.push(worker);
  let answer = Buffer.alloc(0);
  child.stdout.on('data', (data) => {
    worker.client?.write(data);
    answer = Buffer.concat([answer, data]);
    const { last, rest } = frames(answer);
    answer = rest;
    if (last !== 'x' && last !== OWN_PROCESS) return;
    const { client } = worker;
    worker.client = undefined;
    client?.end();
  });
  child.on('exit', () => {
    workers.splice(workers.indexOf(worker), 1);
    worker.client?.destroy();
  });
  child.stdin.on('error', () => {}); // it was killed
  return worker;
}

/** A frame is a letter, the length of what follows in four bytes, and that. @param {Buffer<ArrayBuffer>} answer */
function frames(answer) {
  let [from, last] = [0, ''];
  while (answer.length >= from + 5 && answer.length >= from + 5 + answer.readUInt32BE(from + 1)) {
    last = String.fromCharCode(answer[from] ?? 0);
    from += 5 + answer.readUInt32BE(from + 1);
  }
  return { last, rest: answer.subarray(from) };
}
