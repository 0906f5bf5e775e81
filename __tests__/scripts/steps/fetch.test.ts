import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fetch } from '../../../scripts/steps/fetch.ts';
import { articleLab, makeWork } from '../fixtures.ts';

const folder = mkdtempSync(join(tmpdir(), 'fetch-'));
const asked: (string | undefined)[] = [];
const server = createServer(({ url }, answer) => {
  asked.push(url);
  answer.end('a chart');
});
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

it('GIVEN a source whose URL holds a token WHEN downloaded THEN it is asked for with it, and it is neither told nor logged', async () => {
  const site = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const ciliumChart = { url: `${site}/c.tgz?token=5ec2e7`, sha256: undefined };
  const lab = articleLab({ sources: { ciliumChart, metallbManifest: { place: '/m.yaml' } } });
  const work = makeWork(folder, { lab });

  await fetch.run?.(work);

  const sha256 = 'a8c938318041ff413b5be251f171ce9ea478b3b957e5fd20b00a9d4de73a541d';
  const told = [`${site}/c.tgz?…`, `${site}/c.tgz?… has SHA-256 ${sha256}`];
  expect({ asked, told: work.told }).toEqual({ asked: ['/c.tgz?token=5ec2e7'], told });
  expect(readFileSync(work.paths.log('fetch'), 'utf8')).toBe(`${told.join('\n')}\n`);
});
