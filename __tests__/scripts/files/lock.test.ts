import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { exitCode, UserError } from '../../../scripts/events/errors.ts';
import { takeLock } from '../../../scripts/files/lock.ts';

const folder = mkdtempSync(join(tmpdir(), 'lock-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('the lock of a lab', () => {
  it('GIVEN a driver at work WHEN a second one starts THEN it is refused, and the first keeps the lock', () => {
    const file = join(folder, 'new', 'lock');
    const unlock = takeLock(file);

    const text = `another run works on this lab (process ${process.pid}). Wait for it, or stop it: kill ${process.pid}`;
    expect(() => takeLock(file)).toThrow(new UserError(text, exitCode.failed));
    expect(existsSync(file)).toBe(true);
    unlock();
  });

  it('GIVEN a driver that has ended WHEN the next one starts THEN the lock is free', () => {
    const file = join(folder, 'freed');
    takeLock(file)();

    expect(existsSync(file)).toBe(false);
    takeLock(file)();
  });

  it.each([
    { given: 'a process that is gone', text: JSON.stringify({ pid: 2 ** 22 + 1, started: Date.now() }) },
    {
      given: 'a number that another process got since',
      text: JSON.stringify({ pid: process.pid, started: Date.now() - 3_600_000 }),
    },
    { given: 'a line that was cut off', text: '{"pid":12' },
    { given: 'nothing', text: '' },
  ])('GIVEN a lock that names $given WHEN a driver starts THEN it takes it over', ({ text }) => {
    const file = join(folder, 'stale');
    writeFileSync(file, text);

    const unlock = takeLock(file);

    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ pid: process.pid });
    unlock();
  });

  it('GIVEN a place where no file can be written WHEN a driver starts THEN it fails, and does not try for ever', () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    const directory = join(folder, 'a-directory');
    mkdirSync(directory);

    expect(() => takeLock(join(file, 'lock'))).toThrow(/EEXIST|ENOTDIR/);
    expect(() => takeLock(directory)).toThrow(/EISDIR/);
  });
});
