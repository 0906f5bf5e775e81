import { createHash, type Hash } from 'node:crypto';
import { createReadStream, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Download } from '../../lab/lab.ts';
import { DownloadError } from './download-error.ts';
import type { Answer, Web } from './web.ts';

export interface DownloadOptions {
  /** Aborted when the driver is stopped. */
  readonly signal: AbortSignal;
  /** URLs that are asked in turn, such as a mirror's and the publisher's. @default the one that is wanted */
  readonly places?: readonly string[];
  /** How long the other side may send nothing; there is no deadline for the whole. @default 30 */
  readonly idleSeconds?: number;
  /** Seconds before each further try. @default 1, 3, 10 and 30 */
  readonly pauses?: readonly number[];
  /** Waits before a further try; throws when the driver is stopped. */
  readonly pause: (seconds: number) => Promise<void>;
  /** Told of each try that failed and is followed by another. */
  readonly progress: (text: string) => void;
  /** Told how much is there, and of how much where the other side says so. */
  readonly onBytes?: (bytes: number, whole: number | undefined) => void;
  /** See `webOf`. */
  readonly web: Web;
}

/** A site that asks for a longer pause than so many seconds is not waited for. */
const longestPause = 120;

/**
 * Brings a file from the web, with the bytes that it must have. Where these are known, what an earlier try has left in the file is
 * gone on from, and what is left of this one stays there for the next.
 * @param file is nobody else's; it is whole where this returns, and gone where it came with other bytes
 * @returns SHA-256 in hexadecimal
 * @throws DownloadError
 */
export async function download(wanted: Download, file: string, options: DownloadOptions): Promise<string> {
  const pauses = options.pauses ?? [1, 3, 10, 30];
  let places = options.places ?? [wanted.url];
  for (let tries = 0; ; tries++) {
    const [place = wanted.url, ...others] = places;
    try {
      return await attempt(wanted, place, file, options);
    } catch (error) {
      options.signal.throwIfAborted();
      const failure = explained(place, error);
      const isAskedAgain = failure.again === 'here' && failure.retryAfter <= longestPause;
      places = isAskedAgain ? [...others, place] : others;
      const pause = isAskedAgain ? Math.max(failure.retryAfter, pauses[tries] ?? 0) : (pauses[tries] ?? 0);
      if (failure.again === 'nowhere' || places.length === 0 || tries === pauses.length) throw failure;
      options.progress(`${failure.message}; once more in ${pause} s`);
      await options.pause(pause);
    }
  }
}

async function attempt(
  { sha256 }: Download,
  place: string,
  file: string,
  { signal, idleSeconds = 30, onBytes, web }: DownloadOptions,
): Promise<string> {
  const idle = new AbortController();
  const timer = setTimeout(() => {
    idle.abort(new DownloadError(`${place} could not be downloaded: nothing came for ${idleSeconds} s`, 'here'));
  }, idleSeconds * 1000);
  const stop = AbortSignal.any([signal, idle.signal]);
  // without a sum nobody could tell whether two halves belong together
  const there = sha256 === undefined ? 0 : sizeOf(file);
  let answer: Answer | undefined;
  try {
    answer = await web(place, {
      signal: stop,
      // bytes as they lie there: what is compressed on the way cannot be gone on from
      headers: { 'accept-encoding': 'identity', ...(there > 0 && { range: `bytes=${there}-` }) },
    });
    const { body, from, whole } = read(answer, place, there, file);
    const hash = createHash('sha256');
    if (from > 0) await addFile(hash, file);
    let bytes = from;
    // each chunk is written before the next one is read: where it breaks off, what was read is there
    const out = await open(file, from > 0 ? 'a' : 'w');
    try {
      for await (const chunk of body) {
        timer.refresh();
        hash.update(chunk);
        await out.writeFile(chunk);
        bytes += chunk.length;
        onBytes?.(bytes, whole);
      }
    } finally {
      await out.close();
    }
    const found = hash.digest('hex');
    if (sha256 === undefined || found === sha256) return found;
    rmSync(file, { force: true });
    throw new DownloadError(
      `${place} has other bytes than it must have: its SHA-256 is ${found}, wanted is ${sha256}`,
      // the first half may have been another's
      from > 0 ? 'here' : 'elsewhere',
    );
  } finally {
    clearTimeout(timer);
    answer?.body.destroy();
  }
}

interface Part {
  readonly body: AsyncIterable<Uint8Array>;
  /** Bytes before it, which are there already. */
  readonly from: number;
  /** Bytes of the whole file; undefined where the other side does not say. */
  readonly whole: number | undefined;
}

/** What an answer brings. @throws DownloadError */
function read({ status, statusText, headers, body }: Answer, place: string, there: number, file: string): Part {
  const header = (name: string): string | undefined => [headers[name]].flat()[0];
  if (status === 206) {
    const [, first, whole] = /^bytes (\d+)-\d+\/(\d+)$/.exec(header('content-range') ?? '') ?? [];
    if (Number(first) === there) return { body, from: there, whole: Number(whole) };
  }
  if (status === 206 || status === 416) {
    rmSync(file, { force: true });
    throw new DownloadError(`${place} could not be downloaded: it does not go on where it stopped`, 'here');
  }
  if (status < 200 || status > 299) {
    const again = [408, 425, 429, 500, 502, 503, 504].includes(status);
    throw new DownloadError(
      `${place} could not be downloaded: the answer is ${status} ${statusText}`.trimEnd(),
      again ? 'here' : 'elsewhere',
      retryAfter(header('retry-after')),
    );
  }
  const length = header('content-length');
  return { body, from: 0, whole: length === undefined ? undefined : Number(length) };
}

/** Seconds from `120`, or from a date. */
function retryAfter(text: string | undefined): number {
  if (text === undefined) return 0;
  const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? 0 : Math.max(0, Math.ceil(seconds));
}

/** What says that a certificate is signed by somebody whom Node does not know. */
const unknownSigner = new Set([
  ...['DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN'],
  ...['UNABLE_TO_GET_ISSUER_CERT', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
]);

function explained(place: string, error: unknown): DownloadError {
  // a stream that was aborted says no more than that: why stands in the cause
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (cause instanceof DownloadError) return cause;
  const { message, code, syscall } = cause as NodeJS.ErrnoException;
  const told = `${place} could not be downloaded: ${cause instanceof Error ? message : String(cause)}`;
  if (unknownSigner.has(code ?? ''))
    return new DownloadError(`${told}; where a proxy signs anew, name its CA: NODE_EXTRA_CA_CERTS=FILE`, 'elsewhere');
  const isOfFile = ['open', 'write', 'mkdir'].includes(syscall ?? '');
  return new DownloadError(told, isOfFile ? 'nowhere' : 'here');
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

async function addFile(hash: Hash, file: string): Promise<void> {
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
}

/** SHA-256 of a file in hexadecimal; undefined where it cannot be read. */
export async function sha256OfFile(file: string): Promise<string | undefined> {
  const hash = createHash('sha256');
  try {
    await addFile(hash, file);
    return hash.digest('hex');
  } catch {
    return undefined;
  }
}
