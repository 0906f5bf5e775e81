import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { publicUrl } from '../../lab/public-url.ts';
import type { Download } from '../../lab/lab.ts';

export interface DownloadOptions {
  /** Aborted when the driver is stopped. */
  readonly signal: AbortSignal;
  /** For all tries together. */
  readonly timeoutSeconds: number;
  /** How long the other side may send nothing. @default 30 */
  readonly idleSeconds?: number;
  /** Seconds before each further try. @default 1, 3 and 10 */
  readonly pauses?: readonly number[];
  /** Waits before a further try; throws when the driver is stopped. */
  readonly pause: (seconds: number) => Promise<void>;
  /** Told of each try that failed and is followed by another. */
  readonly progress: (text: string) => void;
  /** @default Node's own; it knows no proxy */
  readonly fetch?: typeof fetch;
}

/** A file that did not come, or came with other bytes than it must have; there is nothing of it at its place. */
export class DownloadError extends Error {
  override readonly name = 'DownloadError';
  /** Another try may help. */
  readonly again: boolean;

  constructor(message: string, again: boolean) {
    // Node's own words name the URL too
    super(publicUrl(message));
    this.again = again;
  }
}

/**
 * Brings a file from the web to its place, whole and with the bytes that it must have, or not at all.
 * @returns SHA-256 in hexadecimal
 * @throws DownloadError
 */
export async function download(wanted: Download, file: string, options: DownloadOptions): Promise<string> {
  const deadline = AbortSignal.timeout(options.timeoutSeconds * 1000);
  const pauses = options.pauses ?? [1, 3, 10];
  for (let tries = 1; ; tries++) {
    try {
      return await attempt(wanted, file, options, deadline);
    } catch (error) {
      rmSync(`${file}.partial`, { force: true });
      options.signal.throwIfAborted();
      const pause = pauses[tries - 1];
      const failure = explained(wanted, error, deadline, options);
      if (!failure.again || pause === undefined) throw failure;
      options.progress(`${failure.message}; once more in ${pause} s`);
      await options.pause(pause);
    }
  }
}

async function attempt(
  { url, sha256 }: Download,
  file: string,
  { signal, idleSeconds = 30, fetch: get = fetch }: DownloadOptions,
  deadline: AbortSignal,
): Promise<string> {
  const idle = new AbortController();
  const timer = setTimeout(() => {
    idle.abort(new DownloadError(`${url} could not be downloaded: nothing came for ${idleSeconds} s`, true));
  }, idleSeconds * 1000);
  const stop = AbortSignal.any([signal, deadline, idle.signal]);
  try {
    const answer = await get(url, { signal: stop });
    if (!answer.ok || answer.body === null) {
      const again = [408, 425, 429, 500, 502, 503, 504].includes(answer.status);
      throw new DownloadError(
        `${url} could not be downloaded: the answer is ${answer.status} ${answer.statusText}`.trimEnd(),
        again,
      );
    }
    const hash = createHash('sha256');
    mkdirSync(dirname(file), { recursive: true });
    const read = async function* (body: AsyncIterable<Uint8Array>) {
      for await (const chunk of body) {
        timer.refresh();
        hash.update(chunk);
        yield chunk;
      }
    };
    await pipeline(read(answer.body), createWriteStream(`${file}.partial`), { signal: stop });
    const found = hash.digest('hex');
    if (sha256 !== undefined && found !== sha256)
      throw new DownloadError(
        `${url} has other bytes than it must have: its SHA-256 is ${found}, wanted is ${sha256}`,
        false,
      );
    renameSync(`${file}.partial`, file);
    return found;
  } finally {
    clearTimeout(timer);
  }
}

function explained(
  { url }: Download,
  error: unknown,
  deadline: AbortSignal,
  { timeoutSeconds }: DownloadOptions,
): DownloadError {
  if (deadline.aborted) return new DownloadError(`${url} could not be downloaded within ${timeoutSeconds} s`, false);
  // fetch says no more than "fetch failed", and a stream that was aborted no more than that: why stands in the cause
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (cause instanceof DownloadError) return cause;
  return new DownloadError(
    `${url} could not be downloaded: ${cause instanceof Error ? cause.message : String(cause)}`,
    true,
  );
}

/** SHA-256 of a file in hexadecimal; undefined where it cannot be read. */
export async function sha256OfFile(file: string): Promise<string | undefined> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(file), hash);
    return hash.digest('hex');
  } catch {
    return undefined;
  }
}
