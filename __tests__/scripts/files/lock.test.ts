import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { exitCode, UserError } from '../../../scripts/events/errors.ts';
import { takeLock } from '../../../scripts/files/lock.ts';
import { identityOf } from '../../../scripts/tools/process-start.ts';

const self = identityOf(process.pid) ?? { pid: process.pid, start: '', boot: '' };
const unreadable = (file: string): UserError =>
  new UserError(
    `the lock ${file} cannot be read, so another run may be working on this lab. If none is, remove it: rm -r ${file}`,
    exitCode.failed,
  );
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
    { given: 'a process that is gone', holder: { pid: 2 ** 22 + 1, start: '1', boot: '' } },
    { given: 'a number that another process got since', holder: { ...self, start: '1' } },
    { given: 'a process of an earlier boot', holder: { ...self, boot: 'earlier' } },
  ])('GIVEN a lock that names $given WHEN a driver starts THEN it takes it over', ({ holder }) => {
    const file = join(folder, 'stale');
    writeFileSync(file, JSON.stringify(holder));

    const unlock = takeLock(file);

    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject(self);
    unlock();
    expect(readdirSync(folder).filter((name) => name.startsWith('stale'))).toEqual([]);
  });

  it.each([
    { given: 'a line that was cut off', text: '{"pid":12' },
    { given: 'nothing', text: '' },
    { given: 'no process', text: 'null' },
  ])(
    'GIVEN a lock that holds $given WHEN a driver starts THEN it is refused: nobody can tell whose it is',
    ({ text }) => {
      const file = join(folder, 'unreadable');
      writeFileSync(file, text);

      expect(() => takeLock(file)).toThrow(unreadable(file));
      expect(readFileSync(file, 'utf8')).toBe(text);
    },
  );

  it('GIVEN a folder in its place WHEN a driver starts THEN it is refused', () => {
    const file = join(folder, 'a-directory');
    mkdirSync(file);

    expect(() => takeLock(file)).toThrow(unreadable(file));
  });

  it('GIVEN a lock that another run took meanwhile WHEN the first lets go THEN it is left alone', () => {
    const file = join(folder, 'taken-over');
    const unlock = takeLock(file);
    writeFileSync(file, JSON.stringify({ ...self, id: 'another' }));

    unlock();

    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ id: 'another' });
  });

  it('GIVEN its folder removed meanwhile WHEN it lets go THEN nothing happens', () => {
    const file = join(folder, 'removed', 'lock');
    const unlock = takeLock(file);
    rmSync(join(folder, 'removed'), { recursive: true });

    unlock();

    expect(existsSync(join(folder, 'removed'))).toBe(false);
  });
});
