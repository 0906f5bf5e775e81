import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkWritable, makeFolders } from '../../../scripts/files/make-folders.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'folders-'));
  writeFileSync(join(folder, 'file'), '');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('folders for a file of the user', () => {
  it('THEN those above are made too, AND those that are there stay', () => {
    for (const _ of [1, 2]) makeFolders(join(folder, 'a', 'b', 'c'));

    expect(existsSync(join(folder, 'a', 'b', 'c'))).toBe(true);
  });

  it.runIf(existsSync('/proc/self'))('GIVEN where nobody can make any THEN it fails, and does not try for ever', () => {
    expect(() => {
      makeFolders('/proc/no/such');
    }).toThrow(/E\w+: .*mkdir '\/proc\/no'/);
  });

  it('GIVEN a file in their place THEN neither can be', () => {
    const inFile = join(folder, 'file', 'a.xml');

    for (const refused of [
      () => {
        makeFolders(join(inFile, 'b'));
      },
      () => {
        checkWritable(inFile);
      },
    ])
      expect(refused).toThrow('ENOTDIR');
    checkWritable(join(folder, 'file'));
    checkWritable(join(folder, 'new', 'a.xml'));
    expect(existsSync(join(folder, 'new'))).toBe(false);
  });
});
