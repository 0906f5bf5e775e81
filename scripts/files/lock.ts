import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { identityOf, parseIdentity, type ProcessIdentity, stateOf } from '../tools/process-start.ts';
import { exitCode, UserError } from '../events/errors.ts';

/**
 * Keeps two drivers from working on one lab. A lock counts for nothing only where its process is surely gone; one that
 * cannot be read counts.
 * @returns a function that lets go
 * @throws UserError naming the process that holds it
 */
export function takeLock(file: string): () => void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const { pid } = process;
  const text = JSON.stringify({ ...(identityOf(pid) ?? { pid, start: '', boot: '' }), id: randomUUID() });
  // whole from its first moment: written elsewhere, then linked to its name, which fails where there is one
  const own = `${file}.${randomUUID()}`;
  writeFileSync(own, text, { flag: 'wx', mode: 0o600 });
  try {
    while (!link(own, file)) removeStale(file);
  } finally {
    rmSync(own, { force: true });
  }
  return () => {
    if (read(file) === text) rmSync(file, { force: true });
  };
}

function link(own: string, file: string): boolean {
  try {
    linkSync(own, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** @throws UserError where somebody holds it, or where nobody can tell */
function removeStale(file: string): void {
  const text = read(file);
  if (text === undefined) return; // gone meanwhile
  const holder = parse(text);
  if (holder === undefined) {
    throw new UserError(
      `the lock ${file} cannot be read, so another run may be working on this lab. If none is, remove it: rm -r ${file}`,
      exitCode.failed,
    );
  }
  if (stateOf(holder) !== 'gone') {
    throw new UserError(
      `another run works on this lab (process ${holder.pid}). Wait for it, or stop it: kill ${holder.pid}`,
      exitCode.failed,
    );
  }
  // moved away first: of several that see the same stale lock one gets it, and none removes a fresh one unseen
  const aside = `${file}.${randomUUID()}`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (read(aside) !== text) link(aside, file);
  rmSync(aside, { force: true });
}

/** Undefined where there is none; empty where it is nothing that can be read. */
function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : '';
  }
}

function parse(text: string): ProcessIdentity | undefined {
  try {
    return parseIdentity(JSON.parse(text));
  } catch {
    return undefined;
  }
}
