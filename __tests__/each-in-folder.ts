import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';

/** Gives each test of a file a folder of its own, which is gone afterwards. */
export function eachInFolder(): {
  /** A path in it; without names, itself. Absolute, links resolved. */
  at: (...names: readonly string[]) => string;
  /** Writes a file in it, with the folders on its way. */
  put: (path: string, text: string) => void;
} {
  let folder: string;
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'test-')));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  const at = (...names: readonly string[]): string => join(folder, ...names);
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(at(path)), { recursive: true });
    writeFileSync(at(path), text);
  };
  return { at, put };
}
