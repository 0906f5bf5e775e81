import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { identityOf, processIdentity, type ProcessTable, stateOf } from '../../../scripts/tools/process-start.ts';

const nobody = 2 ** 22 + 1;
const none = (): never => {
  throw new Error('ENOENT');
};

/** A Linux with one process. */
const linux = (stat: string, boot = 'boot-1\n'): ProcessTable => ({
  read: (file) => (file.endsWith('boot_id') ? boot : file === '/proc/42/stat' ? stat : none()),
  ps: () => undefined,
  exists: (pid) => pid === 42,
});

/** A macOS with one process: no /proc. */
const macos = (line: string): ProcessTable => ({
  read: none,
  ps: (pid) => (pid === 42 ? line : undefined),
  exists: (pid) => pid === 42,
});

/** Neither /proc nor a `ps` that is of use. */
const silent: ProcessTable = { read: none, ps: () => undefined, exists: (pid) => pid === 42 };

/** Fields 3 to 22 and some more. */
const stat = (name: string, start: string | number, state = 'S'): string =>
  `42 (${name}) ${state} 1 42 42 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 ${start} 1000 200 18446744073709551615\n`;

describe('the identity of a process', () => {
  it('GIVEN this process WHEN asked twice THEN the same, and it runs', () => {
    const identity = identityOf(process.pid);

    expect(identity).toEqual({
      pid: process.pid,
      start: expect.stringMatching(/./) as string,
      boot: expect.any(String) as string,
    });
    expect(identityOf(process.pid)).toEqual(identity);
    expect(identity && stateOf(identity)).toBe('running');
  });

  it.runIf(process.platform === 'linux')('GIVEN Linux WHEN asked THEN field 22 and the id of the boot', () => {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();

    expect(identityOf(process.pid)).toEqual({
      pid: process.pid,
      start: expect.stringMatching(/^\d+$/) as string,
      boot,
    });
  });

  it('GIVEN a number beyond all processes WHEN asked THEN none, and it is gone', () => {
    expect(identityOf(nobody)).toBeUndefined();
    expect(stateOf({ pid: nobody, start: '1', boot: '' })).toBe('gone');
  });

  it('GIVEN a process that has ended WHEN asked THEN gone', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    await once(child, 'spawn');
    const identity = identityOf(child.pid ?? 0);
    const before = identity && stateOf(identity);
    child.kill('SIGKILL');
    await once(child, 'exit');

    expect(before).toBe('running');
    expect(identity && stateOf(identity)).toBe('gone');
  });

  it('GIVEN any name of a program, brackets and blanks in it WHEN asked THEN its start is found', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 15 }), fc.nat(), (name, start) => {
        expect(identityOf(42, linux(stat(name, start)))).toEqual({ pid: 42, start: String(start), boot: 'boot-1' });
      }),
    );
  });

  it.each([
    { system: 'Linux', table: linux(stat('kind', 7, 'Z')) },
    { system: 'macOS', table: macos('Z    Tue Nov 24 21:41:49 2026\n') },
  ])('GIVEN a zombie on $system WHEN asked THEN it is gone', ({ table }) => {
    expect(identityOf(42, table)).toBeUndefined();
    expect(stateOf({ pid: 42, start: '7', boot: 'boot-1' }, table)).toBe('gone');
  });

  it('GIVEN no /proc WHEN asked THEN `ps` tells the start', () => {
    const table = macos('Ss   Tue Nov  4 21:41:49 2026    \n');

    expect(identityOf(42, table)).toEqual({ pid: 42, start: 'Tue Nov 4 21:41:49 2026', boot: '' });
    expect(stateOf({ pid: 42, start: 'Tue Nov 4 21:41:49 2026', boot: '' }, table)).toBe('running');
  });
});

describe('whether a process is still the same', () => {
  it.each([
    { given: 'the same start and boot', start: '7', boot: 'boot-1', state: 'running' },
    { given: 'another that got its number since', start: '6', boot: 'boot-1', state: 'gone' },
    { given: 'the same start in another boot', start: '7', boot: 'boot-0', state: 'gone' },
    { given: 'a start that nobody could tell', start: '', boot: '', state: 'unknown' },
    { given: 'a start that was told in another way', start: 'Tue Nov 24 21:41:49 2026', boot: '', state: 'unknown' },
  ])('GIVEN $given THEN $state', ({ start, boot, state }) => {
    expect(stateOf({ pid: 42, start, boot }, linux(stat('kind', 7)))).toBe(state);
  });

  it('GIVEN a system that tells nothing THEN unknown while the number is taken, gone when it is not', () => {
    expect(identityOf(42, silent)).toBeUndefined();
    expect(stateOf({ pid: 42, start: '7', boot: 'boot-1' }, silent)).toBe('unknown');
    expect(stateOf({ pid: 43, start: '7', boot: 'boot-1' }, silent)).toBe('gone');
  });

  it('GIVEN a /proc that hides other users THEN unknown', () => {
    expect(stateOf({ pid: 42, start: '7', boot: 'boot-1' }, { ...linux(''), ps: () => undefined })).toBe('unknown');
  });
});

describe('a process as it was written down', () => {
  it('GIVEN an identity WHEN read back THEN the same', () => {
    const identity = { pid: 42, start: '7', boot: 'boot-1' };

    expect(processIdentity.parse({ ...identity, command: 'kind' })).toEqual(identity);
  });

  it.each([
    null,
    'text',
    {},
    { pid: 42 },
    { pid: '42', start: '7', boot: '' },
    { pid: 42, start: 7, boot: '' },
    // as the number of a group: everything, or the driver's own
    { pid: 1, start: '7', boot: '' },
    { pid: 0, start: '7', boot: '' },
    { pid: -42, start: '7', boot: '' },
    { pid: 4.2, start: '7', boot: '' },
  ])('GIVEN %j WHEN read THEN nothing', (value) => {
    expect(processIdentity.safeParse(value).data).toBeUndefined();
  });
});
