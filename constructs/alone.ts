import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isMarked, mark, MARK_FILE, OutputError } from '../lab/own-place.ts';

/** How a synth waits for another one that works on the same folder. */
export interface Waiting {
  /** @default 30: the largest lab, of 511 regions, takes some ten seconds */
  readonly seconds?: number;
  /** Told once of what is waited for. @default nobody */
  readonly tell?: (message: string) => void;
}

/** Milliseconds after which a synth counts as gone, ten times what the largest lab needs: its process number may be another program's by now. */
const LONGEST = 120_000;

/** Where the old folder lies for a moment, before the new one has taken its place. */
export const previousIn = (staging: string): string => join(staging, 'previous');

/**
 * Does something to an output folder while no other synth works on it: what is read of it before it is replaced is still
 * true then. A staging folder beside it, `.dist-PID-abcdef`, tells others, and is gone afterwards. One that holds the only
 * copy of the old folder stays.
 *
 * First it puts right what synths that were killed left there: one that was killed between its two renames gives the old
 * folder back, all others are removed. Only folders with the mark, and only of processes that are gone.
 *
 * @param target absolute path of the output folder
 * @param work gets the staging folder, with the mark
 * @throws OutputError where another synth is not done in time
 */
export function alone<T>(target: string, waiting: Waiting, work: (staging: string) => T): T {
  const made = mkdirSync(dirname(target), { recursive: true });
  try {
    const staging = takeTurn(target, waiting);
    try {
      writeFileSync(join(staging, MARK_FILE), `${mark('dist')}\n`);
      removeLeftovers(target, staging);
      return work(staging);
    } finally {
      if (!existsSync(previousIn(staging))) rmSync(staging, { recursive: true, force: true });
    }
  } finally {
    if (made !== undefined) removeEmpty(dirname(target), made);
  }
}

function takeTurn(target: string, { seconds = 30, tell }: Waiting): string {
  const deadline = performance.now() + seconds * 1000;
  for (let tries = 1; ; tries++) {
    let [other] = atWork(target);
    if (other === undefined) {
      const staging = mkdtempSync(`${prefixOf(target)}${process.pid}-`);
      // told first, then looked: of two that begin at once one at least sees the other
      [other] = atWork(target).filter(({ path }) => path !== staging);
      if (other === undefined) return staging;
      rmSync(staging, { recursive: true });
    }
    const { pid } = other;
    if (performance.now() >= deadline)
      throw new OutputError(
        `another synth works on ${target}: process ${pid}. Wait for it, or stop it: kill ${pid}. Nothing was touched.`,
      );
    if (tries === 1) tell?.(`waiting for another synth that works on ${target}: process ${pid}`);
    pause(50 + Math.random() * 100);
  }
}

interface Staging {
  readonly path: string;
  readonly pid: number;
}

function atWork(target: string): Staging[] {
  return stagings(target).filter(isAtWork);
}

/** The staging folders of all synths, by their names. */
function stagings(target: string): Staging[] {
  const prefix = basename(prefixOf(target));
  return readdirSync(dirname(target)).flatMap((name) => {
    const [, pid] = name.startsWith(prefix) ? (/^(\d+)-\w{6}$/.exec(name.slice(prefix.length)) ?? []) : [];
    return pid === undefined ? [] : [{ path: join(dirname(target), name), pid: Number(pid) }];
  });
}

/** `.dist-`, behind which stand the pid of the synth and six letters of chance. */
function prefixOf(target: string): string {
  return join(dirname(target), `.${basename(target)}-`);
}

function isAtWork({ path, pid }: Staging): boolean {
  const there = lstatSync(path, { throwIfNoEntry: false });
  // one that has this process's number was before it: in containers numbers come again
  if (there === undefined || Date.now() - there.mtimeMs > LONGEST || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

function removeLeftovers(target: string, mine: string): void {
  for (const staging of stagings(target)) {
    if (staging.path === mine || isAtWork(staging) || !isOwn(staging)) continue;
    const previous = previousIn(staging.path);
    if (!existsSync(target) && isMarked(previous, 'dist')) renameSync(previous, target);
    rmSync(staging.path, { recursive: true, force: true });
  }
}

/** With the mark, or killed before it could write one. */
function isOwn({ path }: Staging): boolean {
  return isMarked(path, 'dist') || (lstatSync(path).isDirectory() && readdirSync(path).length === 0);
}

/** Folders that were made for an output folder which did not come about. */
function removeEmpty(from: string, to: string): void {
  try {
    for (let folder = from; folder.length >= to.length; folder = dirname(folder)) rmdirSync(folder);
  } catch {
    // it holds something now
  }
}

/** Everything else of a synth is done in one go too. */
function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
