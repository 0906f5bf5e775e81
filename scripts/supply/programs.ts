import { accessSync, constants, statSync } from 'node:fs';
import { basename, delimiter, isAbsolute, join } from 'node:path';
import { exitCode, UserError } from '../events/errors.ts';
import type { DriverEvent } from '../events/events.ts';
import type { Program } from '../tools/command.ts';
import { DownloadError } from '../tools/download-error.ts';
import type { Platform, Tool } from '../tools/toolchain.ts';
import { shownDownload } from './progress.ts';
import { type Published, publishedAt, type PublishedProgram, sumIn } from './published.ts';
import type { Kept } from './store.ts';
import { type LearnedSums, pinnedSum } from './sums.ts';
import type { Supply } from './supply.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** A program, as it was found. */
export interface Had {
  readonly tool: Tool;
  /** Absolute path. */
  readonly file: string;
  /** As it says itself; `of no known version` where its answer is odd. */
  readonly version: string;
  /** By the user's variable; on the PATH; in the store since an earlier run; or downloaded by this one. */
  readonly from: 'given' | 'PATH' | 'store' | 'download';
  /** SHA-256 of what was downloaded, in hexadecimal; none of what the user brings. */
  readonly sha256?: string;
}

/** A program that is not there, and where it would come from. */
interface Missing {
  readonly tool: Tool;
  readonly published: Published;
  readonly kept: Kept;
  /** SHA-256 in hexadecimal; undefined where only the publisher knows it. */
  readonly known: string | undefined;
  /** The version on the PATH, which is another. */
  readonly instead: string | undefined;
}

/** A file of the web: where it lies on this machine, or what is in it. */
export type PublishedFile = { readonly url: string } & ({ readonly file: string } | { readonly text: string });

export interface ProgramOptions {
  readonly tools: readonly Tool[];
  readonly platform: Platform;
  /** The user's: PATH, and `CLUSTERMESH_LAB_KIND` and its sisters. */
  readonly env: Env;
  readonly supply: Supply;
  /** Sums that no lock has. */
  readonly learned: LearnedSums;
  /** The version that a program says it has; undefined where it does not start. */
  readonly ask: (tool: Tool, file: string) => Promise<string | undefined>;
  /** What is missing is downloaded; false: it stays missing. */
  readonly brings: boolean;
  readonly signal: AbortSignal;
  /** Waits before a further try; throws when the signal is aborted. */
  readonly pause: (seconds: number, signal: AbortSignal) => Promise<void>;
  readonly tell: (event: DriverEvent) => void;
}

/** The programs that the driver calls, in the versions that the lab's stack pins. Each is looked for when it is first asked for. */
export class Programs {
  readonly #options: ProgramOptions;
  readonly #had = new Map<Program, Promise<Had>>();
  readonly #giveUp = new AbortController();

  constructor(options: ProgramOptions) {
    this.#options = options;
  }

  /**
   * A program: the user's own, the one on the PATH if it has exactly that version, the one in the store; else it is downloaded.
   * @throws UserError where it cannot be had
   */
  have(program: Program): Promise<Had> {
    const had = this.#had.get(program) ?? this.#seek(this.#tool(program));
    this.#had.set(program, had);
    return had;
  }

  /** @throws UserError naming all that cannot be had */
  async haveAll(programs: readonly Program[]): Promise<Had[]> {
    const all = await Promise.allSettled(programs.map((program) => this.have(program)));
    const failed = all.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []));
    const told = failed.filter((reason) => reason instanceof UserError);
    if (failed.length > told.length) throw failed.find((reason) => !(reason instanceof UserError));
    if (told.length > 0) {
      const code = told.every((error) => error.code === exitCode.failed) ? exitCode.failed : exitCode.usage;
      throw UserError.refusing(
        told.flatMap(({ refusals }) => refusals),
        code,
      );
    }
    return all.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  }

  /**
   * The files as which a program is published, for a machine that cannot ask for them: brought where the store has them not. None of one
   * that the user gives.
   * @throws UserError where they cannot be had
   */
  async publishedFiles(program: PublishedProgram): Promise<PublishedFile[]> {
    const tool = this.#tool(program);
    const { env, platform, learned, supply } = this.#options;
    if ((env[variableOf(program)] ?? '') !== '' || tool.version === undefined) return [];
    const published = publishedAt(program, tool.version, platform);
    const kept: Kept = { name: basename(new URL(published.url).pathname) };
    const known = pinnedSum(program, tool.version, platform);
    const sum = known ?? learned.of(published.url);
    const isKept = sum !== undefined && supply.store.find(sum, kept) !== undefined;
    const sha256 = isKept ? sum : await this.#bring({ tool, published, kept, known, instead: undefined });
    const file = { url: published.url, file: supply.store.place(sha256, kept) };
    return known === undefined ? [file, { url: published.sums, text: `${sha256}  ${kept.name}\n` }] : [file];
  }

  /** Ends downloads: nothing will be done with them. */
  giveUp(): void {
    this.#giveUp.abort();
  }

  #tool(program: Program): Tool {
    const tool = this.#options.tools.find((each) => each.program === program);
    if (tool === undefined) throw new Error(`no tool ${program}`);
    return tool;
  }

  /** Which of these would be downloaded? Those that are there are told with them; nothing is brought. @throws UserError as `haveAll` */
  async lookFor(programs: readonly Program[]): Promise<{ had: Had[]; missing: Tool[] }> {
    const found = await Promise.all(programs.map((program) => this.#find(this.#tool(program))));
    const had = found.flatMap((each) => ('file' in each ? [each] : []));
    return { had, missing: found.flatMap((each) => ('file' in each ? [] : [each.tool])) };
  }

  async #seek(tool: Tool): Promise<Had> {
    const found = await this.#find(tool);
    if ('file' in found) return found;
    if (this.#options.brings) return await this.#download(found);
    const cause = `${tool.program} ${tool.version ?? ''} is not on this machine`;
    throw UserError.refusing([{ cause, remedy: 'npm run tools downloads it' }], exitCode.failed);
  }

  /** A program that is there, or what is known of it. */
  async #find(tool: Tool): Promise<Had | Missing> {
    const { program, version: wanted } = tool;
    const { env, ask, supply } = this.#options;
    const variable = variableOf(program);
    const given = env[variable] ?? '';
    if (given !== '') {
      const version = isAbsolute(given) ? await ask(tool, given) : undefined;
      if (version !== undefined) return { tool, file: given, version, from: 'given' };
      const remedy = `give the absolute path of the program, or leave ${variable} out`;
      throw UserError.refusing([{ cause: `${variable}=${given} cannot be run`, remedy }]);
    }
    const there = onPath(program, env.PATH);
    const version = there === undefined ? undefined : await ask(tool, there);
    if (there !== undefined && version !== undefined && (wanted === undefined || version === wanted))
      return { tool, file: there, version, from: 'PATH' };
    if (!isPublished(program) || wanted === undefined) {
      const cause = `${program} is missing on the PATH`;
      throw UserError.refusing([{ cause, remedy: `install it: ${dockerPlace}` }], exitCode.failed);
    }
    const published = publishedAt(program, wanted, this.#options.platform);
    const kept: Kept = { name: program, isProgram: true, ...(published.member && { member: published.member }) };
    const known = pinnedSum(program, wanted, this.#options.platform);
    const sha256 = known ?? this.#options.learned.of(published.url);
    const stored = sha256 === undefined ? undefined : supply.store.find(sha256, kept);
    if (sha256 !== undefined && stored !== undefined) {
      const itself = await ask(tool, stored);
      if (itself !== undefined) return { tool, file: stored, version: itself, from: 'store', sha256 };
      // somebody has damaged it
      supply.store.remove(sha256);
    }
    // a learned sum counts with what has come by it alone: the publisher may have put it right since
    return { tool, published, kept, known, instead: version };
  }

  async #download(missing: Missing): Promise<Had> {
    const { tool, kept } = missing;
    const { supply, ask } = this.#options;
    let version: string | undefined;
    const sha256 = await this.#bring(missing, async (file) => {
      version = await ask(tool, file);
      return version === undefined ? 'does not start' : undefined;
    });
    return { tool, file: supply.store.place(sha256, kept), version: version ?? '', from: 'download', sha256 };
  }

  /**
   * Brings it into the store.
   * @param fault why the file is of no use; undefined where it is
   * @returns SHA-256 of what was downloaded, in hexadecimal
   */
  async #bring(
    { tool, published, kept, known, instead }: Missing,
    fault: (file: string) => Promise<string | undefined> = () => Promise.resolve(undefined),
  ): Promise<string> {
    const { supply, learned, signal, pause, tell } = this.#options;
    const what = `${tool.program} ${tool.version ?? ''}`;
    const stop = AbortSignal.any([signal, this.#giveUp.signal]);
    const shown = shownDownload(what, published.url, tell);
    const waiting = {
      ...{ signal: stop, onBytes: shown.onBytes },
      pause: (seconds: number) => pause(seconds, stop),
      progress: (message: string) => {
        tell({ event: 'warning', message });
      },
    };
    try {
      shown.started();
      const sha256 = known ?? (await this.#publishedSum(what, published, waiting));
      await supply.bring({ url: published.url, sha256 }, kept, waiting);
      const file = supply.store.place(sha256, kept);
      const why = await fault(file);
      if (why !== undefined) {
        supply.store.remove(sha256);
        throw new DownloadError(`${file} was downloaded, and ${why}`, 'elsewhere');
      }
      if (known === undefined) learned.learn(published.url, sha256);
      shown.done();
      return sha256;
    } catch (error) {
      if (!(error instanceof DownloadError)) throw error;
      const other = instead === undefined ? '' : `; the one on the PATH is ${instead}`;
      const first =
        error.again === 'nowhere'
          ? `make room, or what is needed writable, in ${supply.store.root}; or name another folder (CLUSTERMESH_LAB_CACHE)`
          : 'check the network, or name a mirror (CLUSTERMESH_LAB_MIRROR)';
      throw UserError.refusing(
        [
          {
            cause: `${what} is not on this machine${other}: ${error.message}`,
            remedy: `${first}; or install it (${published.url}), or name yours: ${variableOf(tool.program)}=PATH`,
          },
        ],
        exitCode.failed,
      );
    }
  }

  /** The sum that the publisher has beside the file, for a version or a platform that the project's lock has not. */
  async #publishedSum(what: string, { url, sums }: Published, waiting: Parameters<Supply['text']>[1]): Promise<string> {
    const { supply, tell } = this.#options;
    const { signal, pause, progress } = waiting;
    const list = await supply.text(sums, { signal, pause, progress });
    const sum = sumIn(list, basename(new URL(url).pathname));
    if (sum === undefined) throw new DownloadError(`${sums} has no SHA-256 of it`, 'elsewhere');
    tell({
      event: 'warning',
      message: `${what} is not in the lock of this project: its SHA-256 is taken from ${sums}`,
    });
    return sum;
  }
}

/** Docker comes with the system. */
const dockerPlace = 'https://docs.docker.com/engine/install/';

/** By which the user names a program: `CLUSTERMESH_LAB_KIND`. */
export const variableOf = (program: Program): string => `CLUSTERMESH_LAB_${program.toUpperCase()}`;

const isPublished = (program: Program): program is PublishedProgram => program !== 'docker';

/** What a shell would run; not from a relative folder, which is another one in each place. */
function onPath(program: string, path = ''): string | undefined {
  return path
    .split(delimiter)
    .filter((folder) => isAbsolute(folder))
    .map((folder) => join(folder, program))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
