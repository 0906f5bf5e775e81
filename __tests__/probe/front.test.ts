import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';

const program = join(import.meta.dirname, '..', '..', 'probe', 'front.mjs');

let front: ChildProcess | undefined;
let database: Server | undefined;
afterEach(() => {
  front?.kill('SIGKILL');
  database?.close();
});

/** A message of PostgreSQL's: a type, a length that counts itself, and the rest. */
function message(type: string, ...parts: readonly (number | string | Buffer)[]): Buffer {
  const body = Buffer.concat(
    parts.map((part) => {
      if (Buffer.isBuffer(part)) return part;
      if (typeof part === 'string') return Buffer.from(part);
      const number = Buffer.alloc(4);
      number.writeInt32BE(part);
      return number;
    }),
  );
  const length = Buffer.alloc(4);
  length.writeInt32BE(4 + body.length);
  return Buffer.concat([Buffer.from(type), length, body]);
}

const row = (name: string, count: string): Buffer =>
  message('D', Buffer.from([0, 2]), name.length, name, count.length, count);
const ready = message('Z', 'I');

/** Starts a database that answers so, and a front end before it. @returns where that listens, and what the database heard */
async function start(answer: (heard: string, socket: Socket) => void): Promise<{ url: string; heard: string[] }> {
  const heard: string[] = [];
  database = createServer((socket) => {
    socket.on('data', (data) => {
      heard.push(data.toString('latin1'));
      answer(data.toString('latin1'), socket);
    });
    socket.on('error', () => undefined);
  }).listen(0, '127.0.0.1');
  await once(database, 'listening');
  const { port } = database.address() as AddressInfo;
  const env = { REGION: 'region-hurup', POD: 'front-1', NODE: 'worker', PORT: '0' };
  front = spawn(process.execPath, [program], {
    env: { ...env, DATABASE_HOST: '127.0.0.1', DATABASE_PORT: String(port) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(front.stdout ?? front, 'data')) as [Buffer];
  return { url: `http://127.0.0.1:${/listens on (\d+)/.exec(line.toString())?.[1] ?? ''}`, heard };
}

const who = { region: 'region-hurup', pod: 'front-1', node: 'worker' };

describe('GIVEN a front end', () => {
  it('WHEN asked THEN it writes a visit of its region, and answers with those of all', async () => {
    const rows = Buffer.concat([
      row('region-hurup', '3'),
      row('region-kyoto', '12'),
      message('C', 'SELECT 2\0'),
      ready,
    ]);
    const { url, heard } = await start((data, socket) => {
      if (data.includes('user')) socket.write(Buffer.concat([message('R', 0), message('S', 'a\0b\0'), ready]));
      else if (data.startsWith('Q')) {
        // it comes in two pieces
        socket.write(rows.subarray(0, 9));
        setTimeout(() => socket.write(rows.subarray(9)), 20);
      }
    });
    const answer = await fetch(url);

    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ ...who, visits: { 'region-hurup': 3, 'region-kyoto': 12 } });
    expect(heard[0]).toContain('user\0lab\0database\0lab\0\0');
    expect(heard[1]).toContain("INSERT INTO visits (region) VALUES ('region-hurup');");
  });

  it('WHEN the database refuses THEN it says so, and is healthy all the same', async () => {
    const { url } = await start((_, socket) => {
      socket.write(message('E', 'SFATAL\0Mthe database system is starting up\0\0'));
    });
    const answer = await fetch(url);

    expect(answer.status).toBe(503);
    expect(await answer.json()).toEqual({ ...who, error: '127.0.0.1: the database system is starting up' });
    expect(await (await fetch(`${url}/healthz`)).text()).toBe('ok\n');
  });

  it.each([
    ['wants a password', message('R', 3), '127.0.0.1: it asks for a password'],
    ['hangs up', undefined, '127.0.0.1: the connection was closed'],
    ['says nothing', Buffer.alloc(0), '127.0.0.1: no answer within 3 s'],
  ])('WHEN the database %s THEN it says so', async (_, data, error) => {
    const { url } = await start((__, socket) => {
      if (data === undefined) socket.end();
      else socket.write(data);
    });

    expect(await (await fetch(url)).json()).toEqual({ ...who, error });
  });

  it('WHEN it is told to end THEN it ends well', async () => {
    await start(() => undefined);
    const ended = once(front ?? process, 'exit');
    front?.kill('SIGTERM');

    expect(await ended).toEqual([0, null]);
  });
});
