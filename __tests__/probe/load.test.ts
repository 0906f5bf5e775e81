import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readRequests, type Recorded } from '../../scripts/failover/requests.ts';

const program = join(import.meta.dirname, '..', '..', 'probe', 'load.mjs');
const identity = JSON.stringify({ region: 'region-athens', pod: 'server-1' });

let server: Server;
let url: string;
let answer: RequestListener;
let folder: string;
beforeEach(async () => {
  answer = (_, response) => response.end(identity);
  server = createServer((request, response) => {
    answer(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  folder = mkdtempSync(join(tmpdir(), 'load-'));
});
afterEach(() => {
  server.close();
  server.closeAllConnections();
  rmSync(folder, { recursive: true });
});

const asked = (more: object = {}): string => JSON.stringify({ url, every: 20, timeout: 300, most: 60_000, ...more });

/** Sends until something is done, and then for a moment. */
async function record(during: (client: ChildProcess) => unknown, more: object = {}): Promise<Recorded> {
  const client = spawn(process.execPath, [program, 'run', asked(more)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  client.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await once(client.stdout, 'data');
  await sleep(300);
  await during(client);
  await sleep(700);
  client.kill('SIGTERM');
  await once(client, 'close');
  return readRequests(said);
}

const outcomesOf = ({ requests }: Recorded) => new Set(requests.map(({ outcome }) => outcome));

describe('GIVEN a server that answers', () => {
  it('THEN a request is due each 20 ms, and each says who answered', async () => {
    const { requests, isWhole } = await record(() => undefined);

    expect(isWhole).toBe(true);
    expect(requests.length).toBeGreaterThan(25);
    expect(requests[0]).toMatchObject({ outcome: 'ok', region: 'region-athens', pod: 'server-1' });
    requests.slice(1).forEach(({ due }, at) => {
      expect(due - (requests[at]?.due ?? 0)).toBeCloseTo(20, 0);
    });
    for (const { due, sent, done } of requests) {
      expect(sent).toBeGreaterThanOrEqual(due);
      expect(done).toBeGreaterThanOrEqual(sent);
    }
  });

  it('THEN each has a connection of its own; with keepalive they share some', async () => {
    let connections = 0;
    server.on('connection', () => connections++);
    const own = await record(() => undefined);
    expect(connections).toBe(own.requests.length);

    connections = 0;
    const shared = await record(() => undefined, { keepalive: true });
    expect(connections).toBeLessThan(shared.requests.length / 2);
  });
});

describe('GIVEN a client that nobody ends', () => {
  it('THEN it ends by itself; AND where whoever has started it with a channel is gone', async () => {
    const bounded = spawn(process.execPath, [program, 'run', asked({ most: 300 })], { stdio: 'ignore' });
    expect(await once(bounded, 'exit')).toEqual([0, null]);

    const told = spawn(process.execPath, [program, 'run', asked()], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    await sleep(500);
    told.disconnect();
    expect(await once(told, 'exit')).toEqual([0, null]);
  });

  it('THEN another one under the same file takes its place', async () => {
    const run = (...args: string[]) => promisify(execFile)(process.execPath, [program, ...args]);
    const file = join(folder, 'load.csv');
    await run('start', file, asked());
    const first = Number(readFileSync(`${file}.pid`, 'utf8'));
    await run('start', file, asked());
    await sleep(300);

    expect(Number(readFileSync(`${file}.pid`, 'utf8'))).not.toBe(first);
    await run('end', file);
    expect([existsSync(file), existsSync(`${file}.pid`)]).toEqual([false, false]);
  });
});

describe('GIVEN a server that goes wrong', () => {
  it('WHEN it hangs THEN what is due is sent all the same, and given up after its time', async () => {
    const { requests } = await record(() => {
      answer = () => undefined;
    });

    const lost = requests.filter(({ outcome }) => outcome === 'timeout');
    expect(lost.length).toBeGreaterThan(20);
    for (const { sent, done } of lost) expect(done - sent).toBeGreaterThanOrEqual(295);
    // the second was sent before the first was given up
    expect((lost[1]?.sent ?? Infinity) < (lost[0]?.done ?? 0)).toBe(true);
  });

  it('WHEN nobody listens any more THEN it is refused; WHEN it cuts connections THEN reset; WHEN it answers something else THEN other', async () => {
    expect(
      outcomesOf(
        await record(() => {
          server.close();
          server.closeAllConnections();
        }),
      ),
    ).toContain('refused');
    await new Promise<void>((resolve) => server.listen(Number(new URL(url).port), '127.0.0.1', resolve));
    expect(outcomesOf(await record(() => (answer = ({ socket }) => socket.resetAndDestroy())))).toContain('reset');
    expect(outcomesOf(await record(() => (answer = (_, response) => response.end('<html>'))))).toContain('other');
  });
});

describe('GIVEN a client that goes on beside', () => {
  const run = (...args: string[]) => promisify(execFile)(process.execPath, [program, ...args]);

  it('THEN it outlives who has started it, AND stop gives back all that it wrote, and leaves nothing', async () => {
    const file = join(folder, 'load.csv');
    await run('start', file, asked());
    await sleep(600);
    const { stdout } = await run('stop', file);

    expect(readRequests(stdout).isWhole).toBe(true);
    expect(readRequests(stdout).requests.length).toBeGreaterThan(10);
    expect([existsSync(file), existsSync(`${file}.pid`)]).toEqual([false, false]);
  });

  it('WHEN it was killed THEN stop gives what there is, which says that it is not whole', async () => {
    const file = join(folder, 'load.csv');
    await run('start', file, asked());
    await sleep(600);
    process.kill(Number(readFileSync(`${file}.pid`, 'utf8')), 'SIGKILL');
    const { stdout } = await run('stop', file);

    expect(readRequests(stdout)).toMatchObject({ isWhole: false });
    expect(readRequests(stdout).requests.length).toBeGreaterThan(10);
  });
});
