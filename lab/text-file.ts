import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';

/** The text of a file, or what is wrong with it: `problem` goes on where the file's name ends, such as `is a folder`. */
export type ReadText =
  | { readonly text: string; readonly problem?: undefined }
  | { readonly text?: undefined; readonly problem: string; readonly isMissing: boolean; readonly isNoText?: true };

/**
 * Reads a text file of at most that many bytes, in UTF-8. Nothing else is read and nothing is waited for: not a FIFO, not
 * a device. Never throws.
 */
export function readText(file: string, mostBytes: number): ReadText {
  let open: number | undefined;
  try {
    open = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = fstatSync(open);
    if (stat.isDirectory()) return refused('is a folder, not a file');
    if (!stat.isFile()) return refused('is a pipe or a device, not a file');
    if (stat.size > mostBytes) return refused(`has ${stat.size} bytes, and ${mostBytes} is the most that is read`);
    return decoded(readFileSync(open));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    if (code === 'ENXIO') return refused('is a pipe or a device, not a file');
    return { problem: `cannot be read: ${code}`, isMissing: code === 'ENOENT' };
  } finally {
    if (open !== undefined) closeSync(open);
  }
}

function decoded(bytes: Buffer): ReadText {
  const start = bytes.subarray(0, 2).toString('hex');
  const noText = (problem: string) => ({ problem, isMissing: false, isNoText: true }) as const;
  if (start === 'fffe' || start === 'feff') return noText('is UTF-16');
  if (bytes.includes(0)) return noText('holds NUL bytes, which no text does');
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return noText('is not UTF-8');
  }
}

function refused(problem: string): ReadText {
  return { problem, isMissing: false };
}
