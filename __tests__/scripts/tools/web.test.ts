import { createServer } from 'node:http';
import { once } from 'node:events';
import { buffer, text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { type AddressInfo, connect, createServer as createNetServer, type Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { webOf } from '../../../scripts/tools/web.ts';

/** A proxy that answers itself where it is asked for plain HTTP, and tunnels where it is told to. */
const through: string[] = [];
const proxy = createServer((request, answer) => {
  through.push(`${request.method ?? ''} ${request.url ?? ''}`);
  answer.end('by the proxy');
});
proxy.on('connect', (request, client, head) => {
  through.push(`CONNECT ${request.url ?? ''}`);
  const { port } = site.address() as AddressInfo;
  const server = connect(port, '127.0.0.1', () => {
    client.write('HTTP/1.1 200 OK\r\n\r\n');
    server.write(head);
    server.pipe(client).pipe(server);
  });
});
const site = createServer((_, answer) => answer.end('by itself'));
const portOf = (server: typeof site): number => (server.address() as AddressInfo).port;

beforeAll(async () => {
  for (const server of [proxy, site]) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  }
});
afterAll(() => {
  for (const server of [proxy, site]) {
    server.closeAllConnections();
    server.close();
  }
});
beforeEach(() => {
  through.length = 0;
});

async function get(env: Record<string, string>, host = 'far.example'): Promise<string> {
  const web = await webOf(env);
  const answer = await web(`http://${host}:${portOf(site)}/file`, { signal: AbortSignal.timeout(10_000), headers: {} });
  return text(answer.body);
}

describe('what a site sends', () => {
  it('GIVEN a site that closes its connection at once WHEN the body is read slowly THEN all of it comes, and nothing else ends', async () => {
    const bytes = Buffer.alloc(1_000_000, 'a');
    const abrupt = createNetServer((socket) => {
      socket.once('data', () => {
        socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${bytes.length}\r\nconnection: close\r\n\r\n`);
        socket.end(bytes);
      });
    });
    abrupt.listen(0, '127.0.0.1');
    await once(abrupt, 'listening');
    const web = await webOf({});
    const { port } = abrupt.address() as AddressInfo;
    const { body } = await web(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(10_000), headers: {} });
    await sleep(200);
    let came = 0;
    for await (const chunk of body) {
      await sleep(1);
      came += (chunk as Buffer).length;
    }
    abrupt.close();

    expect(came).toBe(bytes.length);
  });

  it('GIVEN what is packed on the way WHEN asked for THEN it comes as it lies there', async () => {
    const packed = gzipSync('hello');
    const packing = createServer((_, answer) => answer.writeHead(200, { 'content-encoding': 'gzip' }).end(packed));
    packing.listen(0, '127.0.0.1');
    await once(packing, 'listening');
    const web = await webOf({});
    const url = `http://127.0.0.1:${portOf(packing)}/`;
    const { body } = await web(url, { signal: AbortSignal.timeout(10_000), headers: {} });
    const came = await buffer(body);
    packing.closeAllConnections();
    packing.close();

    expect(came.equals(packed)).toBe(true);
  });
});

describe('what a site is asked', () => {
  it('GIVEN a site that refuses who does not say what it is WHEN asked THEN it answers', async () => {
    const wary = createServer(({ headers }, answer) => {
      answer.writeHead(headers['user-agent'] === undefined ? 403 : 200).end(headers['user-agent']);
    });
    wary.listen(0, '127.0.0.1');
    await once(wary, 'listening');
    const web = await webOf({});
    const url = `http://127.0.0.1:${portOf(wary)}/`;
    const { status, body } = await web(url, { signal: AbortSignal.timeout(10_000), headers: {} });
    const said = await text(body);
    wary.closeAllConnections();
    wary.close();

    expect({ status, said }).toEqual({ status: 200, said: 'clustermesh-lab' });
  });
});

describe('GIVEN a proxy that takes connections and says nothing', () => {
  it('WHEN it is waited for no longer THEN at once, and its connection is closed', async () => {
    const mute = createNetServer();
    mute.listen(0, '127.0.0.1');
    await once(mute, 'listening');
    const { port } = mute.address() as AddressInfo;
    const web = await webOf({ HTTPS_PROXY: `http://127.0.0.1:${port}` });
    const stop = new AbortController();
    const asked = web('https://far.example/file', { signal: stop.signal, headers: {} });
    const [socket] = (await once(mute, 'connection')) as [Socket];
    const closed = once(socket.resume(), 'close');
    stop.abort(new Error('stopped'));

    await expect(asked).rejects.toThrow('stopped');
    await closed;
    await expect(web('https://far.example/file', { signal: stop.signal, headers: {} })).rejects.toThrow('stopped');
    mute.close();
  });
});

describe('the web, as the user’s environment has it', () => {
  it('GIVEN no proxy THEN the site is asked itself', async () => {
    expect(await get({ NO_PROXY: '*' }, '127.0.0.1')).toBe('by itself');
    expect(await get({ HTTP_PROXY: '' }, '127.0.0.1')).toBe('by itself');
  });

  it.each(['http_proxy', 'HTTP_PROXY'])('GIVEN %s THEN a far host is asked through it', async (name) => {
    await get({ [name]: `http://127.0.0.1:${portOf(proxy)}` });
    expect(through).toHaveLength(1);
    expect(through[0]).toMatch(/ (http:\/\/)?far\.example:\d+/);
  });

  it('GIVEN a proxy without a scheme THEN it is one, as for curl', async () => {
    await get({ HTTP_PROXY: `127.0.0.1:${portOf(proxy)}` });
    expect(through).toHaveLength(1);
  });

  it('GIVEN both spellings THEN the small one wins, as with curl', async () => {
    await get({ HTTP_PROXY: 'http://127.0.0.1:1', http_proxy: `http://127.0.0.1:${portOf(proxy)}` });
    expect(through).toHaveLength(1);
  });

  it.each([{ NO_PROXY: 'localhost,127.0.0.1' }, { no_proxy: '*' }, { NO_PROXY: '127.0.0.1 other' }])(
    'GIVEN a proxy and %o THEN the host named there is asked without it',
    async (none) => {
      expect(await get({ HTTP_PROXY: 'http://127.0.0.1:1', ...none }, '127.0.0.1')).toBe('by itself');
      expect(through).toEqual([]);
    },
  );

  it('GIVEN a proxy for HTTPS alone THEN plain HTTP goes without it', async () => {
    expect(await get({ HTTPS_PROXY: 'http://127.0.0.1:1' }, '127.0.0.1')).toBe('by itself');
  });

  it('GIVEN HTTPS and a proxy THEN it is asked for a tunnel', async () => {
    const web = await webOf({ HTTPS_PROXY: `http://127.0.0.1:${portOf(proxy)}` });
    // the site speaks no TLS: how far it came is what counts
    await expect(
      web('https://far.example/file', { signal: AbortSignal.timeout(10_000), headers: {} }),
    ).rejects.toThrow();
    expect(through).toEqual(['CONNECT far.example:443']);
  });
});
