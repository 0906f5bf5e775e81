import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { clientHere, clientIn } from '../../../scripts/failover/clients.ts';
import { readRequests } from '../../../scripts/failover/requests.ts';
import { type Command, toShell } from '../../../scripts/tools/command.ts';

const rate = { every: 20, timeout: 300, keepalive: false, most: 60_000 };

describe('a client on this machine', () => {
  it('GIVEN a server WHEN started and stopped THEN it gives all that it sent; WHEN ended THEN nothing goes on', async () => {
    let asked = 0;
    const server = createServer((_, response) => {
      asked += 1;
      response.end('{"region":"region-athens","pod":"server-1"}');
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const client = clientHere('region-athens', address);

    expect(client.name).toBe('this machine → region-athens');
    await client.start(rate);
    await expect.poll(() => asked, { timeout: 10_000 }).toBeGreaterThan(10);
    const { requests, isWhole } = readRequests(await client.stop());
    expect({ isWhole, outcome: requests[0]?.outcome }).toEqual({ isWhole: true, outcome: 'ok' });
    expect(requests.length).toBe(asked);

    const other = clientHere('region-athens', address);
    await other.start(rate);
    await expect.poll(() => asked, { timeout: 10_000 }).toBeGreaterThan(requests.length);
    await other.end();
    const before = asked;
    await sleep(200);
    expect(asked).toBe(before);
  });
});

describe('a client in a pod', () => {
  it('WHEN started, stopped and ended THEN its own program is told so, the last also after a stop of the driver', async () => {
    const ran: string[] = [];
    const outcome = (command: Command) => ({
      ...{ command, exitCode: 0, ended: 'exit' as const, stdout: '# end\n', stderr: '' },
      ...{ timeoutSeconds: 1, log: undefined },
    });
    const means = (how: string) => (command: Command) => {
      ran.push(`${how}: ${toShell(command).replace(/.* node /, '')}`);
      return Promise.resolve(outcome(command));
    };
    const all = { run: means('run'), attempt: means('attempt'), farewell: means('farewell') };
    const client = clientIn(all, 'region-athens', { kubeconfig: 'k', context: 'c' }, '10.1.0.7');

    await client.start({ ...rate, every: 10 });
    expect(await client.stop()).toBe('# end\n');
    await client.end();
    expect(ran).toEqual([
      'run: /probe/load.mjs start /data/load.csv \'{"url":"http://10.1.0.7/","every":10,"timeout":300,"keepalive":false,"most":60000}\'',
      'attempt: /probe/load.mjs stop /data/load.csv',
      'farewell: /probe/load.mjs end /data/load.csv',
    ]);
  });
});
