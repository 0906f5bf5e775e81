import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fillCache, isAnswering } from '../../../scripts/supply/registry-image.ts';

const image = { host: 'quay.io', repository: 'cilium/cilium', tag: 'v1', digest: undefined };
const signal = new AbortController().signal;

/** A registry on this machine. @returns its URL, and what it was asked for */
async function registry(answer: RequestListener): Promise<{ base: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    answer(request, response);
  }).listen(0, '127.0.0.1');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise((resolve) => server.once('listening', resolve));
  return { base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const manifest = {
  config: { digest: 'sha256:c' },
  layers: [{ digest: 'sha256:1' }, { digest: 'sha256:2' }, { digest: 'sha256:1' }],
};
const index = {
  manifests: [
    { digest: 'sha256:arm', platform: { os: 'linux', architecture: 'arm64' } },
    { digest: 'sha256:amd', platform: { os: 'linux', architecture: 'amd64' } },
  ],
};

describe('an image that a cache is to fetch', () => {
  it('GIVEN one for many platforms THEN that of this one, and each of its blobs once', async () => {
    const { base, asked } = await registry((request, response) => {
      const { url = '' } = request;
      if (url.endsWith('/manifests/v1')) response.end(JSON.stringify(index));
      else if (url.includes('/manifests/')) response.end(JSON.stringify(manifest));
      else response.end('x'.repeat(100));
    });

    expect(await fillCache(base, image, 'linux/amd64', signal)).toMatchObject({ bytes: 300 });
    expect(asked).toEqual(
      ['manifests/v1', 'manifests/sha256:amd', 'blobs/sha256:c', 'blobs/sha256:1', 'blobs/sha256:2'].map(
        (path) => `/v2/cilium/cilium/${path}`,
      ),
    );
  });

  it('GIVEN blobs that are there THEN one byte of each is read, and nothing was fetched', async () => {
    const { base } = await registry((request, response) => {
      if (request.url?.includes('/manifests/') === true) response.end(JSON.stringify(manifest));
      else response.writeHead(request.headers.range === 'bytes=0-0' ? 206 : 500).end('x');
    });

    expect(await fillCache(base, image, 'linux/amd64', signal)).toMatchObject({ bytes: 0 });
  });

  it.each([
    [
      'no such image',
      (_: unknown, response: Parameters<RequestListener>[1]) => response.writeHead(404).end(),
      /answers 404$/,
    ],
    [
      'another processor',
      (_: unknown, response: Parameters<RequestListener>[1]) => response.end(JSON.stringify(index)),
      /is not there for linux\/s390x$/,
    ],
    [
      'nonsense',
      (_: unknown, response: Parameters<RequestListener>[1]) => response.end('{}'),
      /a manifest that nobody knows$/,
    ],
  ])('GIVEN %s THEN so it says', async (_, answer, says) => {
    const { base } = await registry(answer);

    await expect(fillCache(base, image, 'linux/s390x', signal)).rejects.toThrow(says);
  });

  it('GIVEN a blob that breaks off THEN it fails', async () => {
    const { base } = await registry((request, response) => {
      if (request.url?.includes('/manifests/') === true) response.end(JSON.stringify(manifest));
      else {
        response.writeHead(200, { 'content-length': 1000 });
        response.write('half', () => response.destroy());
      }
    });

    await expect(fillCache(base, image, 'linux/amd64', signal)).rejects.toThrow(/aborted|socket hang up/);
  });
});

describe('a registry', () => {
  it('GIVEN one that answers, one that does not, and none THEN each is told apart', async () => {
    const { base } = await registry((_, response) => response.end('{}'));
    const sick = await registry((_, response) => response.writeHead(503).end());

    expect(await isAnswering(base)).toBe(true);
    expect(await isAnswering(sick.base)).toBe(false);
    expect(await isAnswering('http://127.0.0.1:9')).toBe(undefined);
  });
});
