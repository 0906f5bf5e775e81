import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { replaceFile } from '../files/replace-file.ts';
import { readJson } from '../tools/json.ts';

const record = z.object({ cache: z.string(), image: z.string(), manifests: z.array(z.string()) });

/** An image that a lab has asked a cache for. */
export interface ImageUse extends z.infer<typeof record> {
  /** Milliseconds since the epoch: when one did so last. */
  readonly at: number;
}

/** What labs of this user do with caches: when they have asked for an image last, a file an image, whose time is that; and what was cut off. */
export class ImageUses {
  readonly #folder: string;
  readonly #halves: string;

  /** @param root see `cacheFolder` */
  constructor(root: string) {
    this.#folder = join(root, 'images');
    this.#halves = join(root, 'half-copied');
  }

  /** A lab asks for it now. @param manifests digests, `sha256:…` */
  note(cache: string, image: string, manifests: readonly string[]): void {
    try {
      mkdirSync(this.#folder, { recursive: true });
      replaceFile(this.#file(cache, image), JSON.stringify({ cache, image, manifests }));
    } catch {
      // it tells `prune` alone, by which it may then go too early
    }
  }

  all(): ImageUse[] {
    if (!existsSync(this.#folder)) return [];
    return readdirSync(this.#folder).flatMap((name) => {
      const file = join(this.#folder, name);
      const [text, stats] = [readIfThere(file), statSync(file, { throwIfNoEntry: false })];
      const use = text === undefined ? undefined : readJson(record, text);
      return use === undefined || stats === undefined ? [] : [{ ...use, at: stats.mtimeMs }];
    });
  }

  forget({ cache, image }: Pick<ImageUse, 'cache' | 'image'>): void {
    rmSync(this.#file(cache, image), { force: true });
  }

  /** Something is put into a cache: until that has ended, what it holds may be half of something. */
  beginCopy(cache: string): void {
    mkdirSync(this.#halves, { recursive: true });
    writeFileSync(join(this.#halves, cache), '');
  }

  endCopy(cache: string): void {
    rmSync(join(this.#halves, cache), { force: true });
  }

  /** Was what was put into it cut off? A registry serves what it has under a digest, whole or not. */
  isHalf(cache: string): boolean {
    return existsSync(join(this.#halves, cache));
  }

  #file(cache: string, image: string): string {
    return join(this.#folder, `${createHash('sha256').update(`${cache} ${image}`).digest('hex')}.json`);
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
