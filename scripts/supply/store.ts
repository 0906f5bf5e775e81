import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Download } from '../../lab/lab.ts';
import { download, type DownloadOptions } from '../tools/download.ts';
import { DownloadError } from '../tools/download-error.ts';

/** What a download is kept as. */
export interface Kept {
  /** `cilium-1.14.2.tgz`, `kind` */
  readonly name: string;
  /** Where it lies in the archive that is downloaded: `linux-amd64/helm`. Undefined: it is downloaded itself. */
  readonly member?: string;
  readonly isProgram?: true;
}

/**
 * Files of the web by their SHA-256, a folder each, shared by all labs of a user. A file is made aside, under the number of its process,
 * and renamed: two runs at once, or a kill, never leave half of one in its place.
 */
export class Store {
  readonly root: string;
  readonly #files: string;
  readonly #parts: string;

  /** @param root see `cacheFolder`; made when something is kept */
  constructor(root: string) {
    this.root = root;
    this.#files = join(root, 'sha256');
    this.#parts = join(root, 'partial');
  }

  /** Where a file of that sum lies, or would. @param sha256 of what is downloaded, in hexadecimal */
  place(sha256: string, { name }: Kept): string {
    return join(this.#files, sha256, name);
  }

  find(sha256: string, kept: Kept): string | undefined {
    const place = this.place(sha256, kept);
    if (!existsSync(place)) return undefined;
    touch(join(this.#files, sha256));
    return place;
  }

  /** Removes a file that is of no use, whatever its sum. */
  remove(sha256: string): void {
    rmSync(join(this.#files, sha256), { recursive: true, force: true });
  }

  /** Removes what nobody has asked for within so many seconds, and what runs that are gone have left. @returns bytes that it freed */
  prune(unusedSeconds: number): number {
    const before = Date.now() - unusedSeconds * 1000;
    // another run may prune at the same time
    const isUnused = (folder: string): boolean =>
      (statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? Infinity) < before;
    const unused = pathsIn(this.#files).filter(isUnused);
    return [...unused, ...pathsIn(this.#parts).filter(isAbandoned)].reduce((freed, path) => {
      const bytes = sizeBelow(path);
      rmSync(path, { recursive: true, force: true });
      return freed + bytes;
    }, 0);
  }

  /**
   * Downloads a file into the store, whether or not it is there.
   * @returns its SHA-256 in hexadecimal
   * @throws DownloadError
   */
  async fetch(wanted: Download, kept: Kept, options: DownloadOptions): Promise<string> {
    const part = wanted.sha256 === undefined ? this.aside(wanted.url) : this.#claim(`${wanted.sha256}-${kept.name}`);
    const sha256 = await download(wanted, part, options);
    try {
      await this.#put(part, kept, this.place(sha256, kept), wanted.url);
    } finally {
      rmSync(part, { force: true });
    }
    return sha256;
  }

  /** A file of this run alone, for what comes from that URL. Where it lies is made. */
  aside(url: string): string {
    return this.#claim(`of-${createHash('sha256').update(url).digest('hex')}`);
  }

  async #put(part: string, { member, isProgram }: Kept, place: string, url: string): Promise<void> {
    if (member === undefined) {
      chmodSync(part, isProgram ? 0o755 : 0o644);
      moveTo(place, part);
      return;
    }
    const folder = this.#claim(`in-${basename(part)}`);
    // in a container every run may have the same number: what one that was killed has left is this one's
    rmSync(folder, { recursive: true, force: true });
    try {
      mkdirSync(folder);
      const file = await takeMember(part, member, folder, url);
      chmodSync(file, isProgram ? 0o755 : 0o644);
      moveTo(place, file);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /**
   * A place of this run's own. What runs that are gone have left of the same becomes this run's: the most of it. By a rename, so only one
   * gets it.
   */
  #claim(name: string): string {
    mkdirSync(this.#parts, { recursive: true });
    const mine = join(this.#parts, `${name}.${process.pid}`);
    const left = pathsIn(this.#parts)
      .filter((path) => basename(path).startsWith(`${name}.`) && isAbandoned(path))
      .toSorted((one, other) => sizeOf(one) - sizeOf(other));
    for (const part of left) renameIfThere(part, mine);
    return mine;
  }
}

/** `NAME.pid`, and the process is gone. */
export function isAbandoned(path: string): boolean {
  return isGone(parseInt(path.split('.').at(-1) ?? '', 10));
}

const pathsIn = (folder: string): string[] =>
  existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];

function sizeBelow(path: string): number {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats?.isDirectory()) return pathsIn(path).reduce((sum, each) => sum + sizeBelow(each), 0);
  return stats?.size ?? 0;
}

/** Says that it was used; a store that cannot be written serves as well. */
function touch(folder: string): void {
  try {
    utimesSync(folder, new Date(), new Date());
  } catch {
    // its time tells `prune` alone
  }
}

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    // another run was first
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

function moveTo(place: string, file: string): void {
  mkdirSync(dirname(place), { recursive: true });
  renameSync(file, place);
}

/** @returns where the file is now @throws DownloadError where the archive has no such file */
async function takeMember(archive: string, member: string, folder: string, url: string): Promise<string> {
  const { extract } = await import('tar');
  try {
    // the archive's user is nobody of this machine, or the wrong one
    await extract({ file: archive, cwd: folder, strict: true, preserveOwner: false }, [member]);
  } catch (error) {
    // what the file system says is told as that
    if ((error as NodeJS.ErrnoException).syscall !== undefined) throw error;
    throw new DownloadError(`${url} cannot be unpacked: ${(error as Error).message}`, 'elsewhere');
  }
  const file = join(folder, member);
  // a link would lead out of the store
  if (lstatSync(file, { throwIfNoEntry: false })?.isFile() !== true)
    throw new DownloadError(`${url} has no ${member} in it`, 'elsewhere');
  return file;
}
