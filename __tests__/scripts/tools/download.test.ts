import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { download, DownloadError, type DownloadOptions, sha256OfFile } from '../../../scripts/tools/download.ts';

const folder = mkdtempSync(join(tmpdir(), 'download-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const url = 'https://charts.example/cilium-1.14.2.tgz';
const bytes = 'the chart';
const sha256 = createHash('sha256').update(bytes).digest('hex');
const file = join(folder, 'sources', 'cilium.tgz');

let told: string[] = [];
let pauses: number[] = [];
beforeEach(() => {
  rmSync(join(folder, 'sources'), { recursive: true, force: true });
  [told, pauses] = [[], []];
});

type Answer = (signal: AbortSignal) => Response | Promise<Response>;

/** The other side: one answer after the other, the last one again and again. */
function from(...answers: [Answer, ...Answer[]]): DownloadOptions {
  let asked = 0;
  return {
    signal: new AbortController().signal,
    timeoutSeconds: 10,
    pause: (seconds) => {
      pauses.push(seconds);
      return Promise.resolve();
    },
    progress: (text) => told.push(text),
    fetch: async (_, init) => {
      const answer = answers[Math.min(asked++, answers.length - 1)] ?? answers[0];
      const signal = init?.signal ?? new AbortController().signal;
      const stopped = new Promise<never>((_resolve, reject) => {
        onAbort(signal, reject);
      });
      return Promise.race([answer(signal), stopped]);
    },
  };
}

function onAbort(signal: AbortSignal, then: (reason: unknown) => void): void {
  signal.addEventListener('abort', () => {
    then(signal.reason);
  });
}

const whole: Answer = () => new Response(bytes);
const never: Answer = () => new Promise(() => undefined);
const status =
  (code: number, statusText = ''): Answer =>
  () =>
    new Response('no', { status: code, statusText });
const unreachable: Answer = () => {
  throw new TypeError('fetch failed', { cause: new Error('getaddrinfo ENOTFOUND charts.example') });
};
/** Begins, and then nothing comes. */
const stuck: Answer = (signal) =>
  new Response(
    new ReadableStream<Uint8Array>({
      start: (controller) => {
        controller.enqueue(new TextEncoder().encode('the '));
        onAbort(signal, (reason) => {
          controller.error(reason);
        });
      },
    }),
  );

const left = (): string[] => (existsSync(join(folder, 'sources')) ? readdirSync(join(folder, 'sources')) : []);

describe('a download', () => {
  it.each([
    ['its digest', sha256],
    ['no digest', undefined],
  ])('GIVEN %s WHEN the bytes come THEN the file is there, whole, and its SHA-256 is told', async (_, wanted) => {
    expect(await download({ url, sha256: wanted }, file, from(whole))).toBe(sha256);
    expect([readFileSync(file, 'utf8'), left(), told]).toEqual([bytes, ['cilium.tgz'], []]);
    expect(await sha256OfFile(file)).toBe(sha256);
  });

  it('GIVEN other bytes than it must have WHEN they come THEN both sums are told at once, and nothing is there', async () => {
    const wanted = 'f'.repeat(64);
    await expect(download({ url, sha256: wanted }, file, from(whole))).rejects.toThrow(
      new DownloadError(
        `${url} has other bytes than it must have: its SHA-256 is ${sha256}, wanted is ${wanted}`,
        false,
      ),
    );
    expect([left(), told]).toEqual([[], []]);
  });

  it('GIVEN a file of before WHEN the download fails THEN it is as it was', async () => {
    await download({ url, sha256 }, file, from(whole));
    writeFileSync(file, 'edited');
    await expect(download({ url, sha256 }, file, from(status(404, 'Not Found')))).rejects.toThrow(
      `${url} could not be downloaded: the answer is 404 Not Found`,
    );
    expect([readFileSync(file, 'utf8'), left(), pauses]).toEqual(['edited', ['cilium.tgz'], []]);
  });

  it('GIVEN failures that pass WHEN tried again THEN it comes, and each failure was told', async () => {
    await download({ url, sha256 }, file, from(unreachable, status(503), whole));
    expect([pauses, told]).toEqual([
      [1, 3],
      [
        `${url} could not be downloaded: getaddrinfo ENOTFOUND charts.example; once more in 1 s`,
        `${url} could not be downloaded: the answer is 503; once more in 3 s`,
      ],
    ]);
  });

  it('GIVEN a URL with a token WHEN it fails THEN no word of it holds the token, nor what Node says of it', async () => {
    const secret = `${url}?token=5ec2e7`;
    const words: Answer = () => {
      throw new TypeError('fetch failed', { cause: new Error(`no way to ${secret}`) });
    };
    await expect(download({ url: secret, sha256 }, file, from(words, status(404)))).rejects.toThrow(
      `${url}?… could not be downloaded: the answer is 404`,
    );
    expect(told).toEqual([`${url}?… could not be downloaded: no way to ${url}?…; once more in 1 s`]);
  });

  it('GIVEN a failure that stays WHEN tried four times THEN the last one is told', async () => {
    await expect(download({ url, sha256 }, file, from(unreachable))).rejects.toThrow(
      `${url} could not be downloaded: getaddrinfo ENOTFOUND charts.example`,
    );
    expect(pauses).toEqual([1, 3, 10]);
  });

  it.each([
    ['does not answer', never],
    ['stops in the middle', stuck],
  ])('GIVEN a site that %s WHEN it is silent for too long THEN it is given up', async (_, answer) => {
    const options = { ...from(answer), idleSeconds: 0.05, pauses: [] };
    await expect(download({ url, sha256 }, file, options)).rejects.toThrow(
      `${url} could not be downloaded: nothing came for 0.05 s`,
    );
    expect(left()).toEqual([]);
  });

  it('GIVEN a deadline WHEN it has passed THEN nothing is tried again', async () => {
    const options = { ...from(stuck), timeoutSeconds: 0.05 };
    await expect(download({ url, sha256 }, file, options)).rejects.toThrow(
      `${url} could not be downloaded within 0.05 s`,
    );
    expect(pauses).toEqual([]);
  });

  it('GIVEN a driver that is stopped WHEN bytes come THEN it ends at once', async () => {
    const stop = new AbortController();
    const options = { ...from(stuck), signal: stop.signal };
    setTimeout(() => {
      stop.abort(new Error('stopped'));
    }, 20);
    await expect(download({ url, sha256 }, file, options)).rejects.toThrow('stopped');
    expect([left(), pauses]).toEqual([[], []]);
  });

  it('GIVEN no file WHEN asked for its SHA-256 THEN there is none', async () => {
    expect(await sha256OfFile(join(folder, 'missing'))).toBeUndefined();
    expect(await sha256OfFile(folder)).toBeUndefined();
  });
});
