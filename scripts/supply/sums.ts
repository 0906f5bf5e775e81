import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { publicUrl } from '../../lab/public-url.ts';
import { replaceFile } from '../files/replace-file.ts';
import { readJson } from '../tools/json.ts';
import type { Platform } from '../tools/toolchain.ts';
import lock from './programs.lock.json' with { type: 'json' };
import { publishedAt, type PublishedProgram } from './published.ts';

const pinned: Readonly<
  Record<string, Readonly<Record<string, Readonly<Record<string, { url: string; sha256: string }>>>>>
> = lock;

/** The sum of what a project publishes as a program, where the project's own lock has it. @param version `v0.20.0` */
export function pinnedSum(program: PublishedProgram, version: string, platform: Platform): string | undefined {
  const entry = pinned[program]?.[version]?.[`${platform.os}-${platform.arch}`];
  return entry?.url === publishedAt(program, version, platform).url ? entry.sha256 : undefined;
}

const learnedRecord = z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/) });

/** Sums that nothing pins, as they were when a file was first downloaded: one record a URL. */
export class LearnedSums {
  readonly #folder: string;

  /** @param folder made when something is learned */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Undefined where none was learned, and where what is kept cannot be read. */
  of(url: string): string | undefined {
    try {
      return readJson(learnedRecord, readFileSync(this.#file(url), 'utf8'))?.sha256;
    } catch {
      return undefined;
    }
  }

  learn(url: string, sha256: string): void {
    mkdirSync(this.#folder, { recursive: true });
    replaceFile(this.#file(url), `${JSON.stringify({ url: publicUrl(url), sha256 })}\n`);
  }

  /** Its name is that of the whole URL: what may be secret in it is written nowhere. */
  #file(url: string): string {
    return join(this.#folder, `${createHash('sha256').update(url).digest('hex')}.json`);
  }
}
