import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { OutputError } from '../../../lab/own-place.ts';
import { LabError } from '../../../lab/problems.ts';
import { endingOf } from '../../../scripts/commands/failed.ts';
import { UserError } from '../../../scripts/events/errors.ts';
import { CommandError } from '../../../scripts/tools/command-error.ts';
import { plain } from '../events/reporters/events.ts';
import { outcomeOf } from '../outcome.ts';

const folder = mkdtempSync(join(tmpdir(), 'failed-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** What an action of the file system throws. */
function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

describe('the end of a command that failed', () => {
  it.each([
    { given: 'a refusal', error: new UserError('no such region'), code: 2 },
    { given: 'a missing program', error: new UserError('missing on the PATH:\n  kind', 1), code: 1 },
    { given: "a place that is not the lab's", error: new OutputError('. is the working folder.'), code: 2 },
  ])('GIVEN $given WHEN told THEN its message, as text and as event', ({ error, code }) => {
    const { message } = error;

    expect(endingOf(error, plain, false)).toEqual({
      text: message,
      event: { event: 'failed', exitCode: code, message },
    });
  });

  it('GIVEN a wrong lab WHEN told THEN its message, and in the event each problem with its place', () => {
    const at = { path: ['regions', 0, 'podSubnet'], line: 7, column: 5, message: '10.0.0.0 has no prefix.' };
    const error = new LabError('lab.yaml', [{ path: [], message: 'Odd.' }, at]);
    const message = 'lab.yaml  Odd.\nlab.yaml:7:5  10.0.0.0 has no prefix.';

    expect(endingOf(error, plain, false)).toEqual({
      text: message,
      event: {
        ...{ event: 'failed', exitCode: 2, message },
        problems: [
          { key: '', message: 'Odd.' },
          { key: 'regions[0].podSubnet', line: 7, column: 5, message: '10.0.0.0 has no prefix.' },
        ],
      },
    });
  });

  it('GIVEN a refusal with cause and remedy WHEN told THEN the event has them by their names', () => {
    const refusals = [{ cause: 'the subnet is taken', remedy: 'take another' }];
    const { text, event } = endingOf(new UserError('the subnet is taken: take another', 2, refusals), plain, false);

    expect(text).toBe('the subnet is taken: take another');
    expect(event).toEqual({ event: 'failed', exitCode: 2, message: text, refusals });
  });

  it('GIVEN a program that failed WHEN told THEN cause and remedy too, and the event has them by their names', () => {
    const down = { exitCode: 1, stderr: 'Cannot connect to the Docker daemon' };
    const error = new CommandError(outcomeOf({ program: 'docker', args: ['info'] }, down));

    const { text, event } = endingOf(error, plain, false);

    expect(text).toMatch(/^\n✗ docker failed: exit code 1\n[^]*\n {2}cause {3}no Docker Engine answers\n/);
    expect(event).toMatchObject({
      ...{ exitCode: 1, message: 'docker failed: exit code 1' },
      failure: { code: 'docker-down', command: 'docker info' },
    });
  });

  it('GIVEN a file where a folder should be WHEN told THEN a sentence, and exit 2', () => {
    const file = join(folder, '.lab');
    writeFileSync(file, '');
    const error = thrownBy(() => mkdirSync(join(file, 'my-lab'), { recursive: true }));

    const { text, event } = endingOf(error, plain, false);

    expect(event.exitCode).toBe(2);
    expect(text).toBe(
      `cannot make ${file}/my-lab: not a directory (ENOTDIR). Remedy: a file stands where a folder should be: move it away, then run this again.`,
    );
  });

  it.each([
    { what: 'a folder read as a file', act: () => readFileSync(folder), code: 'EISDIR' },
    {
      what: 'a folder removed as a file',
      act: () => {
        rmSync(folder);
      },
      code: 'EISDIR',
    },
    { what: 'a file that is gone', act: () => readFileSync(join(folder, 'gone')), code: 'ENOENT' },
  ])('GIVEN $what WHEN told THEN a sentence with its code', ({ act, code }) => {
    const { text, event } = endingOf(thrownBy(act), plain, false);

    expect(event.exitCode).toBe(2);
    expect(text).toMatch(
      new RegExp(`^cannot [a-z]+( ${folder}\\S*)?: .* \\(${code}\\)\\. Remedy: .*, then run this again\\.$`),
    );
  });

  it('GIVEN a bug WHEN told THEN one line and where to report it; the stack where it is asked for', () => {
    const error = new TypeError('x is not a function');

    expect(endingOf(error, plain, false).event).toEqual({
      event: 'failed',
      exitCode: 1,
      message:
        'a bug of clustermesh-lab: x is not a function\nPlease report it, with what the same command says where DEBUG=1 is set.',
    });
    expect(endingOf(error, plain, true).text).toBe(
      `a bug of clustermesh-lab: x is not a function\n${error.stack ?? ''}`,
    );
  });
});
