import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const program = join(import.meta.dirname, '..', '..', 'probe', 'serve.mjs');

let server: ChildProcess;
let port: number;
let ended: Promise<unknown[]>;
beforeEach(async () => {
  const env = { REGION: 'region-athens', POD: 'server-1', NODE: 'region-athens-worker', PORT: '0' };
  server = spawn(process.execPath, [program], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  ended = once(server, 'exit');
  const [line] = (await once(server.stdout ?? server, 'data')) as [Buffer];
  const said = /^server-1 in region-athens listens on (\d+)\n$/.exec(line.toString());
  port = Number(said?.[1]);
});
afterEach(() => {
  server.kill('SIGKILL');
});

interface Answer {
  readonly status: number | undefined;
  readonly connection: string | undefined;
  readonly body: string;
}

async function ask(path: string, options: { agent?: Agent; method?: string } = {}): Promise<Answer> {
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
