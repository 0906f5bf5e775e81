import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';

const program = join(import.meta.dirname, '..', '..', 'probe', 'serve.mjs');

let server: ChildProcess;
let port: number;
let ended: Promise<unknown[]>;
beforeEach(async () => {
  ({ server, port } = await start(program));
  ended = once(server, 'exit');
});
afterEach(() => {
  server.kill('SIGKILL');
});

async function start(file: string): Promise<{ server: ChildProcess; port: number }> {
  const env = { REGION: 'region-athens', POD: 'server-1', NODE: 'region-athens-worker', PORT: '0' };
  const child = spawn(process.execPath, [file], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const said = /^server-1 in region-athens listens on (\d+)\n$/.exec(line.toString());
  return { server: child, port: Number(said?.[1]) };
}

interface Answer {
  readonly status: number | undefined;
  readonly connection: string | undefined;
  readonly body: string;
}

async function ask(path: string, options: { agent?: Agent; method?: string; port?: number } = {}): Promise<Answer> {
  const request = get({ port, path, ...options });
  const [response] = (await once(request, 'response')) as [import('node:http').IncomingMessage];
  let body = '';
  for await (const chunk of response) body += String(chunk);
  return { status: response.statusCode, connection: response.headers.connection, body };
}

describe('GIVEN the server', () => {
  it('WHEN any path is asked for THEN it says region, pod and node', async () => {
    const identity = '{"region":"region-athens","pod":"server-1","node":"region-athens-worker"}\n';
    expect(await ask('/')).toMatchObject({ status: 200, body: identity });
    expect(await ask('/any/path?x=1')).toMatchObject({ status: 200, body: identity });
  });

  it('WHEN asked for its health THEN ok', async () => {
    expect(await ask('/healthz')).toMatchObject({ status: 200, body: 'ok\n' });
  });

  it('WHEN it is asked to ask THEN it answers as ask.mjs does, a line each', async () => {
    const questions = [
      { id: 0, by: 'http', host: '127.0.0.1', port },
      { id: 1, by: 'connect', host: '127.0.0.1', port: 1 },
    ];
    const { status, body } = await ask(
      `/ask?q=${encodeURIComponent(JSON.stringify({ patience: 300, each: 200, questions }))}`,
    );

    const lines = body.trimEnd().split('\n');
    const answers = lines.map((line) => JSON.parse(line) as { id: number }).toSorted((a, b) => a.id - b.id);
    expect({ status, answers }).toMatchObject({
      status: 200,
      answers: [
        { id: 0, from: { region: 'region-athens', pod: 'server-1' } },
        { id: 1, failed: 'ECONNREFUSED' },
      ],
    });
  });

  it.each(['/ask?', '/ask?q=%', '/ask?q={}', '/ask?{}='])(
    'WHEN it is asked %s THEN that is not there',
    async (path) => {
      expect(await ask(path)).toMatchObject({ status: 404, body: '' });
    },
  );

  it('WHEN it is asked to ask, and ask.mjs does not lie beside it THEN that is not there', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'serve-'));
    onTestFinished(() => {
      rmSync(folder, { recursive: true });
    });
    copyFileSync(program, join(folder, 'serve.mjs'));
    const alone = await start(join(folder, 'serve.mjs'));
    const q = JSON.stringify({ patience: 300, each: 200, questions: [] });
    expect(await ask(`/ask?q=${encodeURIComponent(q)}`, { port: alone.port })).toMatchObject({ status: 404 });
    expect(await ask('/', { port: alone.port })).toMatchObject({ status: 200 });
    alone.server.kill('SIGKILL');
  });

  it('WHEN something is sent to it THEN it refuses', async () => {
    expect(await ask('/', { method: 'POST' })).toMatchObject({ status: 405, body: '' });
  });

  it('WHEN a datagram comes THEN it goes back as it came', async () => {
    const socket = createSocket('udp4');
    const datagram = Buffer.alloc(1400, 'x');
    socket.send(datagram, port, '127.0.0.1');
    const [answer] = (await once(socket, 'message')) as [Buffer];
    socket.close();
    expect(answer.equals(datagram)).toBe(true);
  });

  it('WHEN it is told to end, a connection kept alive THEN it ends at once, well', async () => {
    const agent = new Agent({ keepAlive: true });
    expect(await ask('/', { agent })).toMatchObject({ connection: 'keep-alive' });
    const before = performance.now();
    server.kill('SIGTERM');

    expect(await ended).toEqual([0, null]);
    expect(performance.now() - before).toBeLessThan(4000);
    agent.destroy();
  });

  it('WHEN it is told to end in the middle of a request THEN that is answered, and nothing new is taken', async () => {
    const socket = connect(port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nhost: server\r\n');
    // it has the first half
    expect(await ask('/')).toMatchObject({ status: 200 });
    server.kill('SIGTERM');
    await expect
      .poll(() =>
        ask('/').then(
          () => 'taken',
          (error: unknown) => (error as NodeJS.ErrnoException).code,
        ),
      )
      .toBe('ECONNREFUSED');
    socket.write('\r\n');
    let answer = '';
    for await (const chunk of socket) answer += String(chunk);

    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(answer).toContain('Connection: close\r\n');
    expect(await ended).toEqual([0, null]);
  });
});
