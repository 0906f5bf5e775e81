import { getSystemErrorMap } from 'node:util';

const verbs: Readonly<Record<string, string>> = {
  scandir: 'list',
  mkdir: 'make',
  open: 'open',
  unlink: 'remove',
  rm: 'remove',
  rmdir: 'remove',
};

const permission = 'give this user the right to it';
const remedies: Readonly<Record<string, string>> = {
  EACCES: permission,
  EPERM: permission,
  EROFS: 'use a folder that can be written',
  ENOSPC: 'make room on that disk',
  EDQUOT: 'make room on that disk',
  ENOTDIR: 'a file stands where a folder should be: move it away',
  EEXIST: 'something stands where a folder should be: move it away',
  EISDIR: 'a folder stands where a file should be: move it away',
};

/** A failure of the file system as a sentence: what, where, why, what to do. `undefined` for any other error. */
export function fileErrorText(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { syscall, path, errno } = error as NodeJS.ErrnoException;
  if (syscall === undefined || errno === undefined) return undefined;
  const [code, why] = getSystemErrorMap().get(-Math.abs(errno)) ?? ['unknown', error.message];
  const remedy = remedies[code] ?? 'put that right';
  // reading a folder as a file is told without its path
  const what = [verbs[syscall] ?? syscall, ...(path === undefined ? [] : [path])].join(' ');
  return `cannot ${what}: ${why} (${code}). Remedy: ${remedy}, then run this again.`;
}
