import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { download, type DownloadOptions, sha256OfFile } from '../../../scripts/tools/download.ts';
import { webOf } from '../../../scripts/tools/web.ts';
import { DownloadError } from '../../../scripts/tools/download-error.ts';
import { cut, openSite, selfSigned, silent, type Site, status, stuck, whole } from './web-site.ts';

const bytes = Buffer.from('0123456789'.repeat(1000));
const sha256 = createHash('sha256').update(bytes).digest('hex');

let site: Site;
let folder: string;
let file: string;
let told: string[];
let pauses: number[];
beforeAll(async () => {
  site = await openSite();
});
afterAll(async () => {
  await site.close();
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'download-'));
  file = join(folder, 'kind');
  [told, pauses] = [[], []];
  return () => {
    rmSync(folder, { recursive: true });
  };
});

const url = (path = '/kind'): string => `${site.url}${path}`;
const web = await webOf({});
const options = (changes: Partial<DownloadOptions> = {}): DownloadOptions => ({
  web,
  signal: new AbortController().signal,
  pause: (seconds) => {
    pauses.push(seconds);
    return Promise.resolve();
  },
  progress: (text) => told.push(text.replaceAll(site.url, 'SITE')),
  ...changes,
});
const messageOf = async (done: Promise<string>): Promise<string> => {
  const error = await done.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(DownloadError);
  return (error as Error).message.replaceAll(site.url, 'SITE');
};

describe('a download', () => {
  it.each([
    ['its digest', sha256],
    ['no digest', undefined],
  ])('GIVEN %s WHEN the bytes come THEN the file is there, whole, and its SHA-256 is told', async (_, wanted) => {
    site.answers = [whole(bytes)];
    const seen: unknown[] = [];
    const onBytes = (...count: unknown[]): unknown => seen.push(count);

    expect(await download({ url: url(), sha256: wanted }, file, options({ onBytes }))).toBe(sha256);
    expect(await sha256OfFile(file)).toBe(sha256);
    expect([told, seen.at(-1)]).toEqual([[], [bytes.length, bytes.length]]);
  });

  it('GIVEN other bytes than it must have WHEN they come THEN both sums are told, nothing is kept, and nobody asks again', async () => {
    site.answers = [whole(bytes)];
    const wanted = 'f'.repeat(64);

    expect(await messageOf(download({ url: url(), sha256: wanted }, file, options()))).toBe(
      `SITE/kind has other bytes than it must have: its SHA-256 is ${sha256}, wanted is ${wanted}`,
    );
    expect([existsSync(file), site.asked]).toEqual([false, ['GET /kind']]);
  });

  it('GIVEN a redirect to another host WHEN asked THEN it is followed', async () => {
    const other = await openSite();
    other.answers = [whole(bytes)];
    site.answers = [status(302, { location: `${other.url}/there` })];

    expect(await download({ url: url(), sha256 }, file, options())).toBe(sha256);
    expect(other.asked).toEqual(['GET /there']);
    await other.close();
  });

  it('GIVEN a site that has no such file WHEN asked THEN that is told at once', async () => {
    site.answers = [status(404)];

    expect(await messageOf(download({ url: url(), sha256 }, file, options()))).toBe(
      'SITE/kind could not be downloaded: the answer is 404 Not Found',
    );
    expect(pauses).toEqual([]);
  });

  it('GIVEN failures that pass WHEN tried again THEN it comes, and each failure was told', async () => {
    site.answers = [status(503), cut(bytes, 10), whole(bytes)];

    await download({ url: url(), sha256 }, file, options());
    expect(pauses).toEqual([1, 3]);
    expect(told).toEqual([
      'SITE/kind could not be downloaded: the answer is 503 Service Unavailable; once more in 1 s',
      // Node's own words
      expect.stringMatching(/^SITE\/kind could not be downloaded: .+; once more in 3 s$/),
    ]);
  });

  it('GIVEN a failure that stays WHEN tried five times THEN the last one is told', async () => {
    site.answers = [status(500)];

    expect(await messageOf(download({ url: url(), sha256 }, file, options()))).toBe(
      'SITE/kind could not be downloaded: the answer is 500 Internal Server Error',
    );
    expect(pauses).toEqual([1, 3, 10, 30]);
  });

  it.each([
    { says: 'seconds', header: () => '7', waits: 7 },
    { says: 'a date', header: () => new Date(Date.now() + 60_000).toUTCString(), waits: 60 },
    { says: 'less than it waits anyway', header: () => '0', waits: 1 },
    { says: 'something else', header: () => 'soon', waits: 1 },
  ])('GIVEN a site that says $says WHEN too many ask THEN it is waited for', async ({ header, waits }) => {
    site.answers = [status(429, { 'retry-after': header() }), whole(bytes)];

    await download({ url: url(), sha256 }, file, options());
    expect(Math.abs((pauses[0] ?? 0) - waits)).toBeLessThanOrEqual(1);
  });

  it('GIVEN a site that wants to be asked in an hour WHEN asked THEN it is not waited for', async () => {
    site.answers = [status(429, { 'retry-after': '3600' })];

    expect(await messageOf(download({ url: url(), sha256 }, file, options()))).toMatch(/the answer is 429/);
    expect(pauses).toEqual([]);
  });

  it('GIVEN mirrors WHEN one fails or has other bytes THEN the next one is asked', async () => {
    site.answers = [status(502), whole(Buffer.from('an error page')), whole(bytes)];
    const places = [url('/mirror'), url('/other'), url()];

    expect(await download({ url: url(), sha256 }, file, options({ places }))).toBe(sha256);
    expect(site.asked).toEqual(['GET /mirror', 'GET /other', 'GET /kind']);
  });

  it.each([
    { fails: 'has no such file', answer: status(404) },
    { fails: 'wants a password', answer: status(401) },
    { fails: 'lets nobody in', answer: status(403) },
    { fails: 'wants to be asked in an hour', answer: status(429, { 'retry-after': '3600' }) },
  ])('GIVEN a mirror that $fails WHEN asked THEN the publisher is, and that mirror no more', async ({ answer }) => {
    site.answers = [answer, status(503), whole(bytes)];

    expect(await download({ url: url(), sha256 }, file, options({ places: [url('/mirror'), url()] }))).toBe(sha256);
    expect([site.asked, pauses]).toEqual([
      ['GET /mirror', 'GET /kind', 'GET /kind'],
      [1, 3],
    ]);
  });

  it('GIVEN one mirror alone, of other bytes WHEN asked THEN that is told at once', async () => {
    site.answers = [whole(Buffer.from('a login page'))];
    const places = [url('/mirror')];

    expect(await messageOf(download({ url: url(), sha256 }, file, options({ places })))).toMatch(
      /^SITE\/mirror has other bytes/,
    );
    expect(site.asked).toEqual(['GET /mirror']);
  });

  it('GIVEN a URL with a token WHEN it fails THEN no word of it holds the token', async () => {
    site.answers = [status(503), status(404)];

    expect(await messageOf(download({ url: url('/kind?token=5ec2e7'), sha256 }, file, options()))).toBe(
      'SITE/kind?… could not be downloaded: the answer is 404 Not Found',
    );
    expect(told.join()).not.toContain('5ec2e7');
  });

  it('GIVEN no such host WHEN asked THEN that is told', async () => {
    const wanted = { url: 'http://kind.invalid/kind', sha256 };

    expect(await messageOf(download(wanted, file, options({ pauses: [] })))).toMatch(
      /^http:\/\/kind\.invalid\/kind could not be downloaded: getaddrinfo E\w+ kind\.invalid$/,
    );
  });

  it('GIVEN a certificate of an unknown signer WHEN asked THEN the variable that names one is told, and nobody asks again', async () => {
    const secure = await openSite(await selfSigned());
    secure.answers = [whole(bytes)];

    expect(await messageOf(download({ url: secure.url, sha256 }, file, options()))).toMatch(
      /could not be downloaded: .*self.signed certificate.*; where a proxy signs anew, name its CA: NODE_EXTRA_CA_CERTS=FILE$/,
    );
    expect(pauses).toEqual([]);
    await secure.close();
  });
});

describe('a download that breaks off', () => {
  it('GIVEN a connection that is cut WHEN tried again THEN it goes on where it stopped', async () => {
    site.answers = [cut(bytes, 4000), whole(bytes)];

    expect(await download({ url: url(), sha256 }, file, options())).toBe(sha256);
    expect(site.asked).toEqual(['GET /kind', 'GET /kind bytes=4000-']);
    expect(readFileSync(file)).toEqual(bytes);
  });

  it('GIVEN what an earlier run has left WHEN the next one runs THEN it goes on there', async () => {
    writeFileSync(file, bytes.subarray(0, 9000));
    site.answers = [whole(bytes)];

    expect(await download({ url: url(), sha256 }, file, options())).toBe(sha256);
    expect(site.asked).toEqual(['GET /kind bytes=9000-']);
  });

  it.each([
    { given: 'a site that knows no ranges', left: bytes.subarray(0, 4000), answer: whole, asked: 1 },
    { given: 'a first half of other bytes', left: Buffer.alloc(4000), answer: whole, asked: 2 },
    { given: 'more than the file has', left: Buffer.alloc(20_000), answer: whole, asked: 2 },
    { given: 'as much as the file has, of other bytes', left: Buffer.alloc(10_000), answer: whole, asked: 2 },
  ])('GIVEN $given WHEN gone on from THEN it comes whole, from the beginning', async ({ given, left, asked }) => {
    writeFileSync(file, left);
    const noRanges = given.includes('no ranges');
    site.answers = [
      noRanges
        ? (_, answer) => {
            answer.end(bytes);
          }
        : whole(bytes),
    ];

    expect(await download({ url: url(), sha256 }, file, options())).toBe(sha256);
    expect(site.asked).toHaveLength(asked);
    expect(readFileSync(file)).toEqual(bytes);
  });

  it('GIVEN no digest WHEN it is cut THEN it begins anew: nobody could tell whether two halves belong together', async () => {
    site.answers = [cut(bytes, 4000), whole(bytes)];

    expect(await download({ url: url(), sha256: undefined }, file, options())).toBe(sha256);
    expect(site.asked).toEqual(['GET /kind', 'GET /kind']);
  });

  it.each([
    ['does not answer', silent],
    ['stops in the middle', stuck(bytes, 4000)],
  ])('GIVEN a site that %s WHEN it is silent for too long THEN it is given up', async (_, answer) => {
    site.answers = [answer];

    expect(await messageOf(download({ url: url(), sha256 }, file, options({ idleSeconds: 0.2, pauses: [] })))).toBe(
      'SITE/kind could not be downloaded: nothing came for 0.2 s',
    );
  });

  it('GIVEN a slow site WHEN something comes again and again THEN it is waited for, longer than it may be silent', async () => {
    site.answers = [
      (_, answer) => {
        answer.writeHead(200, { 'content-length': bytes.length });
        for (let part = 0; part < 10; part++)
          setTimeout(() => answer.write(bytes.subarray(part * 1000, part * 1000 + 1000)), part * 100);
      },
    ];

    expect(await download({ url: url(), sha256 }, file, options({ idleSeconds: 0.8, pauses: [] }))).toBe(sha256);
  });

  it('GIVEN a driver that is stopped WHEN bytes come THEN it ends at once, and what is there stays for the next run', async () => {
    site.answers = [stuck(bytes, 4000)];
    const stop = new AbortController();
    const onBytes = (): void => {
      setTimeout(() => {
        stop.abort(new Error('stopped'));
      }, 50);
    };

    await expect(download({ url: url(), sha256 }, file, options({ signal: stop.signal, onBytes }))).rejects.toThrow(
      'stopped',
    );
    expect([readFileSync(file).length, pauses]).toEqual([4000, []]);
  });

  it('GIVEN a disk that is full WHEN written THEN that is told, and nobody asks again', async () => {
    symlinkSync('/dev/full', file);
    site.answers = [whole(bytes)];

    expect(await messageOf(download({ url: url(), sha256 }, file, options()))).toBe(
      'SITE/kind could not be downloaded: ENOSPC: no space left on device, write',
    );
    expect(pauses).toEqual([]);
  });

  it('GIVEN a place that cannot be written WHEN written THEN that is told, and nobody asks again', async () => {
    mkdirSync(file);
    site.answers = [whole(bytes)];

    expect(await messageOf(download({ url: url(), sha256: undefined }, file, options()))).toBe(
      `SITE/kind could not be downloaded: EISDIR: illegal operation on a directory, open '${file}'`,
    );
    expect(pauses).toEqual([]);
  });

  it('GIVEN no file WHEN asked for its SHA-256 THEN there is none', async () => {
    expect(await sha256OfFile(join(folder, 'missing'))).toBeUndefined();
    expect(await sha256OfFile(folder)).toBeUndefined();
  });
});
