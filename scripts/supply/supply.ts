import { readFileSync, rmSync } from 'node:fs';
import type { Download, Mirrors } from '../../lab/lab.ts';
import { download, type DownloadOptions } from '../tools/download.ts';
import { fromFile, webOf } from '../tools/web.ts';
import type { Bundle } from './bundle.ts';
import { placesOf } from './mirrors.ts';
import { type Kept, Store } from './store.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** What a download tells, and what stops it. */
export type Waiting = Pick<DownloadOptions, 'signal' | 'pause' | 'progress' | 'onBytes'>;

/** The web, by the user's mirrors and proxy, and the store of what came from it. */
export class Supply {
  readonly store: Store;
  readonly #mirrors: Mirrors;
  readonly #env: Env;
  #bundle: Bundle | undefined;

  /**
   * @param cache see `cacheFolder`
   * @param mirrors of lab.yaml
   * @param env the user's: proxy, and `CLUSTERMESH_LAB_MIRROR`
   */
  constructor(cache: string, mirrors: Mirrors, env: Env) {
    this.store = new Store(cache);
    this.#mirrors = mirrors;
    this.#env = env;
  }

  /** What is in a bundle is taken from there, as it would come from its publisher, and nobody else is asked for it. */
  takeFrom(bundle: Bundle): void {
    this.#bundle = bundle;
  }

  /** Brings a file into the store. @returns its SHA-256 in hexadecimal @throws DownloadError */
  async bring(wanted: Download, kept: Kept, waiting: Waiting): Promise<string> {
    return this.store.fetch(wanted, kept, await this.#options(wanted.url, waiting));
  }

  /**
   * A checksum file, which is kept nowhere. Nothing is held against it, so the publisher is asked before a mirror of lab.yaml.
   * @throws DownloadError
   */
  async text(url: string, waiting: Waiting): Promise<string> {
    const file = this.store.aside(url);
    try {
      const options = await this.#options(url, waiting);
      await download({ url, sha256: undefined }, file, { ...options, places: options.places.toReversed() });
      return readFileSync(file, 'utf8');
    } finally {
      rmSync(file, { force: true });
    }
  }

  async #options(url: string, waiting: Waiting): Promise<DownloadOptions & { places: readonly string[] }> {
    const file = this.#bundle?.fileOf(url);
    if (file !== undefined) return { ...waiting, places: [url], web: fromFile(file) };
    const places = placesOf(url, this.#mirrors, this.#env.CLUSTERMESH_LAB_MIRROR);
    return { ...waiting, places, web: await webOf(this.#env) };
  }
}
