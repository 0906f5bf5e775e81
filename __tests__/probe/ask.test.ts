import { type ChildProcess, spawn } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

/** An answer, as a line of the program has it. */
interface Answer {
  readonly id: number;
  readonly tries: number;
  readonly ms?: number;
  readonly from?: { readonly region: string; readonly pod: string };
  readonly failed?: string;
}

async function ask(questions: readonly object[], patience = 300): Promise<Answer[]> {
  const given = {
    patience,
    each: 200,
    questions: questions.map((question, id) => ({ id, host: '127.0.0.1', ...question })),
  };
  const { stdout } = await execa(process.execPath, ['probe/ask.mjs', JSON.stringify(given)]);
  const answers = stdout.split('\n').map((line) => JSON.parse(line) as Answer);
  return answers.toSorted((a, b) => a.id - b.id);
}

/** serve.mjs as a region's pod, on any port. */
async function serve(region: string, pod: string): Promise<{ child: ChildProcess; port: number }> {
  const child = spawn(process.execPath, ['probe/serve.mjs'], {
    env: { REGION: region, POD: pod, NODE: `${region}-worker`, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said = await new Promise<string>((resolve) =>
    child.stdout.once('data', (text: Buffer) => {
      resolve(String(text));
    }),
  );
  return { child, port: Number(/listens on (\d+)/.exec(said)?.[1]) };
}

describe('GIVEN a server that says who it is', () => {
  let server: Awaited<ReturnType<typeof serve>>;
  beforeAll(async () => {
    server = await serve('region-a', 'probe-1');
  });
  afterAll(() => {
    server.child.kill();
  });

  it('WHEN asked THEN who answered and how long it took; of another one that it is not the one that was meant', async () => {
    const { port } = server;
    const [any, meant, other] = await ask(
      [
        { by: 'http', port },
        { by: 'http', port, region: 'region-a', pod: 'probe-1' },
        { by: 'http', port, region: 'region-b' },
      ],
      1500,
    );

    expect(any).toEqual({
      id: 0,
      tries: 1,
      ms: expect.any(Number) as number,
      from: { region: 'region-a', pod: 'probe-1', node: 'region-a-worker' },
    });
    expect(meant).toMatchObject({ tries: 1, from: { pod: 'probe-1' } });
    // it is asked until patience ends, and then told who was there instead
    expect(other).toMatchObject({ from: { region: 'region-a' } });
    expect(other?.tries).toBeGreaterThan(1);
  });

  it('WHEN only connected to THEN that is all that is told', async () => {
    expect(await ask([{ by: 'connect', port: server.port }])).toEqual([
      { id: 0, tries: 1, ms: expect.any(Number) as number },
    ]);
  });

  it('WHEN it is to be shut THEN it is asked until patience ends, since it may be shut in a moment', async () => {
    const [answer] = await ask([{ by: 'http', port: server.port, shut: true }], 700);

    expect(answer).toMatchObject({ from: { region: 'region-a' } });
    expect(answer?.tries).toBeGreaterThan(1);
  });
});

describe('GIVEN rounds', () => {
  it('WHEN asked THEN each question is sent at fixed instants, and counted', async () => {
    const server = await serve('region-a', 'probe-1');
    onTestFinished(() => {
      server.child.kill();
    });
    const questions = [
      { id: 0, by: 'http', host: '127.0.0.1', port: server.port, pod: 'probe-1' },
      { id: 1, by: 'http', host: '127.0.0.1', port: 9 },
      { id: 2, by: 'http', host: '127.0.0.1', port: server.port, pod: 'probe-2' },
    ];
    const start = performance.now();
    const given = JSON.stringify({ patience: 0, each: 200, rounds: 5, every: 100, questions });
    const { stdout } = await execa(process.execPath, ['probe/ask.mjs', given]);

    expect(performance.now() - start).toBeGreaterThan(400);
    const lines = stdout.split('\n').map((line) => JSON.parse(line) as Answer);
    expect(lines.toSorted((a, b) => a.id - b.id)).toEqual([
      { id: 0, sent: 5, late: 0, lost: 0, slowest: expect.any(Number) as number },
      { id: 1, sent: 5, late: 0, lost: 5, slowest: 0, failed: 'ECONNREFUSED' },
      { id: 2, sent: 5, late: 0, lost: 5, slowest: 0, failed: 'somebody else answers' },
    ]);
  });
});

describe('GIVEN nobody', () => {
  it('WHEN asked THEN again and again, and at the end why not', async () => {
    const [answer] = await ask([{ by: 'http', port: 9 }], 700);

    expect(answer).toMatchObject({ failed: 'ECONNREFUSED' });
    expect(answer?.tries).toBeGreaterThan(1);
  });

  it('WHEN it is to be shut THEN one try is enough', async () => {
    expect(await ask([{ by: 'connect', port: 9, shut: true }], 5000)).toEqual([
      { id: 0, tries: 1, failed: 'ECONNREFUSED' },
    ]);
  });

  it('WHEN a name is asked that is none THEN that is what is told', async () => {
    const [answer] = await ask([{ by: 'name', host: 'nobody.invalid', port: 80 }]);

    // by what the machine has for a name server: none at all, too
    expect(answer?.failed).toMatch(/^(ENOTFOUND|ECONNREFUSED|ETIMEOUT|ESERVFAIL|EREFUSED|ECANCELLED)$/);
  });
});

describe('GIVEN a server that takes a request and is silent, and one that says something else', () => {
  const servers: Server[] = [];
  const listen = async (server: Server): Promise<number> => {
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  };
  afterAll(() => {
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
  });

  it('WHEN asked THEN each is told as what it is', async () => {
    const silent = await listen(createServer(() => undefined));
    const other = await listen(createServer((_, response) => response.writeHead(404).end('<html>')));
    const [one, two] = await ask([
      { by: 'http', port: silent },
      { by: 'http', port: other },
    ]);

    expect(one?.failed).toBe('no answer');
    expect(two?.failed).toBe('something else answers: 404');
  });
});
