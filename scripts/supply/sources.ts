import type { Download, Source } from '../../lab/lab.ts';
import { publicUrl } from '../../lab/public-url.ts';
import { sha256OfFile } from '../tools/download.ts';
import type { Kept } from './store.ts';
import type { LearnedSums } from './sums.ts';
import type { Supply, Waiting } from './supply.ts';

/** The chart and the manifest of a lab, as files of this machine. */
export class SourceFiles {
  readonly #supply: Supply;
  readonly #learned: LearnedSums;

  /** @param learned sums of those that lab.yaml names without one: they go with the lab, so that a new lab asks anew */
  constructor(supply: Supply, learned: LearnedSums) {
    this.#supply = supply;
    this.#learned = learned;
  }

  /** Where Helm and kubectl find it. @throws Error before it was brought, where nothing says what it must be */
  place(source: Source): string {
    if ('place' in source) return source.place;
    const place = this.placeOf(source);
    if (place === undefined) throw new Error(`${publicUrl(source.url)} is not there`);
    return place;
  }

  /** Where it lies, or will lie; undefined before it was brought, where nothing says what it must be. */
  placeOf(source: Download): string | undefined {
    const sum = this.#sumOf(source);
    return sum === undefined ? undefined : this.#supply.store.place(sum, keptAs(source));
  }

  /** SHA-256 of the file, in hexadecimal; undefined where it is not there, or has other bytes than it must have. */
  async found(source: Download): Promise<string | undefined> {
    const sum = this.#sumOf(source);
    const place = sum === undefined ? undefined : this.#supply.store.find(sum, keptAs(source));
    const found = place === undefined ? undefined : await sha256OfFile(place);
    return found === sum ? found : undefined;
  }

  /** Downloads it. @returns its SHA-256 in hexadecimal @throws DownloadError */
  async bring(source: Download, waiting: Waiting): Promise<string> {
    const sum = await this.#supply.bring(source, keptAs(source), waiting);
    if (source.sha256 === undefined) this.#learned.learn(source.url, sum);
    return sum;
  }

  #sumOf({ url, sha256 }: Download): string | undefined {
    return sha256 ?? this.#learned.of(url);
  }
}

/** `cilium-1.14.2.tgz` */
function keptAs({ url }: Download): Kept {
  const name = new URL(url).pathname.split('/').at(-1) ?? '';
  return { name: name.replaceAll(/[^\w.-]/g, '_').replace(/^\.*$/, 'file') };
}
