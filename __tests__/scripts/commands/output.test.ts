import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { checkJunit, columnsOf } from '../../../scripts/commands/output.ts';

it.each([
  { given: 'a terminal', stream: { columns: 80 }, columns: 80 },
  { given: 'one that says no width', stream: { columns: 0 }, columns: Infinity },
  { given: 'a file', stream: {}, columns: Infinity },
])('GIVEN $given WHEN asked for its columns THEN $columns', ({ stream, columns }) => {
  expect(columnsOf(stream)).toBe(columns);
});

it.each([
  { given: 'a file that is no JUnit', file: 'notes.txt', why: 'there is a file that is no JUnit' },
  { given: 'a place in a file', file: 'notes.txt/a.xml', why: 'ENOTDIR' },
])('GIVEN $given WHEN it is to be a JUnit THEN it is refused before anything is done', ({ file, why }) => {
  const cwd = mkdtempSync(join(tmpdir(), 'junit-'));
  onTestFinished(() => {
    rmSync(cwd, { recursive: true });
  });
  writeFileSync(join(cwd, 'notes.txt'), 'mine\n');

  expect(() => {
    checkJunit({ cwd }, file);
  }).toThrow(new RegExp(`^--junit ${file}: .*${why}.*\\. Choose another place\\. Nothing was touched\\.$`));
});
