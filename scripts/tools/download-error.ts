import { publicUrl } from '../../lab/public-url.ts';

/** A file that did not come, or came with other bytes than it must have. */
export class DownloadError extends Error {
  override readonly name = 'DownloadError';
  /** Where another try may help: at this place too, at another one alone, or nowhere, since it lies at this machine's own files. */
  readonly again: 'here' | 'elsewhere' | 'nowhere';
  /** Seconds that the other side asks to wait before it; 0 where it asks for nothing. */
  readonly retryAfter: number;

  constructor(message: string, again: DownloadError['again'], retryAfter = 0) {
    // Node's own words name the URL too
    super(publicUrl(message));
    this.again = again;
    this.retryAfter = retryAfter;
  }
}
