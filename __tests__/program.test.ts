import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, describe, expect, it } from 'vitest';
import { sources } from '../bin/fingerprint.mjs';
import { identityOf } from '../scripts/tools/process-start.ts';

const project = join(import.meta.dirname, '..');
const launcher = join(project, 'bin', 'clustermesh-lab.mjs');

function run(program: string, args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: project, encoding: 'utf8' });
  return { exit: status, stdout, stderr };
}

const lab = (...args: string[]) => run(process.execPath, [launcher, ...args]);

const folder = mkdtempSync(join(tmpdir(), 'program-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('the one program', () => {
  it('GIVEN --help WHEN run by npx THEN all commands are listed', () => {
    const { exit, stdout } = run('npx', ['clustermesh-lab', '--help']);

    expect(exit).toBe(0);
    expect([...stdout.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name)).toEqual([
      ...[
        'synth',
        'plan',
        'deploy',
        'bundle',
        'status',
        'verify',
        'doctor',
        'pause',
        'resume',
        'destroy',
        'tools',
        'cache',
        'scenario',
        'failover',
        'degrade',
        'report',
        'draw',
      ],
    ]);
  });

  it.each([['--help'], ['--chek'], ['surplus'], ['--check']])(
    'GIVEN synth %s WHEN run as a command and as npm script THEN both say and answer the same',
    (option) => {
      const [command, script] = [lab('synth', option), run('npm', ['run', '--silent', 'synth', '--', option])];

      expect(command).toEqual(script);
      expect(command.stdout + command.stderr).not.toBe('');
    },
  );

  it.each([
    { args: ['plan', '--skip'], says: "error: unknown option '--skip'\nnpx clustermesh-lab plan --help lists all.\n" },
    {
      args: ['deplay'],
      says: "error: unknown command 'deplay'\n(Did you mean deploy?)\nnpx clustermesh-lab --help lists all.\n",
    },
    {
      args: ['status', 'surplus'],
      says: "error: too many arguments for 'status'. Expected 0 arguments but got 1.\nnpx clustermesh-lab status --help lists all.\n",
    },
  ])('GIVEN the wrong line $args WHEN run THEN it is told where help is, and exit 2', ({ args, says }) => {
    expect(lab(...args)).toEqual({ exit: 2, stdout: '', stderr: says });
  });

  it.each([
    { args: ['plan', '--output', 'json', '--skip'], message: "error: unknown option '--skip'" },
    { args: ['plan', '--skip', '--output=json'], message: "error: unknown option '--skip'" },
    {
      args: ['deploy', '--timeout', '0', '--output', 'json'],
      message:
        "error: option '--timeout <seconds>' argument '0' is invalid. It must be a whole number from 1 to 86400 (a day).",
    },
  ])('GIVEN the wrong line $args WHEN its events are read THEN the last one is that it failed', ({ args, message }) => {
    const { exit, stdout, stderr } = lab(...args);

    expect({ exit, event: JSON.parse(stdout) as unknown }).toEqual({
      exit: 2,
      event: { event: 'failed', exitCode: 2, message },
    });
    expect(stderr).toBe(`${message}\nnpx clustermesh-lab ${args[0] ?? ''} --help lists all.\n`);
  });

  it('GIVEN a -- forgotten behind npm WHEN events are read THEN that is how it failed', () => {
    const { exit, stdout, stderr } = run('npm', ['run', '--silent', 'plan', '--skip-test', '--', '--output', 'json']);

    expect({ exit, event: JSON.parse(stdout) as unknown }).toEqual({
      exit: 2,
      event: { event: 'failed', exitCode: 2, message: stderr.trimEnd() },
    });
    expect(stderr).toMatch(/^npm took --skip-test for an option of its own/);
  });

  it('GIVEN synth WHEN stopped by a signal THEN 130, and nothing goes on behind its back', async () => {
    const hang = join(folder, 'hang.cjs');
    const inSynth = `if (process.argv[1]?.endsWith('synth.mjs')) { fs.writeSync(1, String(process.pid)); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000); }`;
    writeFileSync(hang, `const fs = require('node:fs'); ${inSynth}`);
    const env = { NODE_OPTIONS: `--require ${hang}` };
    const synth = execa(process.execPath, [launcher, 'synth'], { cwd: project, env, reject: false });
    await new Promise((resolve) => synth.stdout.once('data', resolve));
    synth.kill('SIGTERM');
    const { exitCode, stdout, stderr } = await synth;

    expect({ exitCode, stderr }).toEqual({ exitCode: 130, stderr: '' });
    // it had written its number, and nothing of a synth
    expect(stdout).toMatch(/^\d+$/);
    expect(identityOf(Number(stdout))).toBeUndefined();
  });

  it('GIVEN no command WHEN run THEN the help and exit 2', () => {
    const { exit, stderr } = lab();

    expect({ exit, usage: stderr.split('\n')[0] }).toEqual({
      exit: 2,
      usage: 'Usage: clustermesh-lab [options] [command]',
    });
  });
});

describe('GIVEN a working folder that has been removed', () => {
  it('WHEN run THEN a sentence, and exit 2', () => {
    const inGone = 'mkdir "$0" && cd "$0" && rmdir "$0" && exec "$@"';
    const args = [join(folder, 'gone'), process.execPath, launcher, 'plan', '--lab', join(project, 'lab.yaml')];

    expect(run('sh', ['-c', inGone, ...args])).toEqual({
      exit: 2,
      stdout: '',
      stderr: 'the working folder is gone: it was removed. Remedy: cd into one that exists, then run this again.\n',
    });
  });
});

describe('GIVEN no home folder', () => {
  it.each([['plan'], ['synth'], ['draw']])(
    'WHEN %s is run THEN a sentence, exit 2, and nothing is touched',
    (command) => {
      const { status, stdout, stderr } = spawnSync(process.execPath, [launcher, command], {
        ...{ cwd: project, encoding: 'utf8' },
        env: { ...process.env, HOME: '' },
      });

      expect({ status, stdout, stderr }).toEqual({
        status: 2,
        stdout: '',
        stderr:
          'your home folder is not known, and none of its files may be touched. Remedy: set HOME to a folder of yours, then run this again.\n',
      });
    },
  );
});

describe('the compiled program', () => {
  const names = [...sources.filter((name) => name !== 'package-lock.json'), 'lab.yaml', 'dist'];

  /** The project once more, with the same libraries and a cache of its own. */
  function copy(): string {
    const place = mkdtempSync(join(folder, 'copy-'));
    for (const name of names) cpSync(join(project, name), join(place, name), { recursive: true });
    mkdirSync(join(place, 'node_modules'));
    for (const name of readdirSync(join(project, 'node_modules')).filter((each) => !each.startsWith('.')))
      symlinkSync(join(project, 'node_modules', name), join(place, 'node_modules', name));
    return place;
  }

  function synthIn(place: string, ...args: string[]) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(place, 'bin', 'synth.mjs'), ...args], {
      cwd: place,
      encoding: 'utf8',
    });
    return { exit: status, stdout, stderr };
  }

  const compiled = (place: string): string[] => readdirSync(join(place, 'node_modules', '.cache', 'clustermesh-lab'));

  it('GIVEN a source that changes WHEN run again THEN it is compiled anew; unchanged, it is not', () => {
    const place = copy();
    for (let times = 0; times < 2; times++)
      expect(synthIn(place, '--check')).toEqual({ exit: 0, stdout: 'dist/ is up to date\n', stderr: '' });
    expect(compiled(place)).toHaveLength(1);

    const main = join(place, 'main.ts');
    writeFileSync(main, readFileSync(main, 'utf8').replace('Writes the YAML of a lab', 'Changed'));
    expect(synthIn(place, '--help').stdout).toContain('\nChanged: in a folder for each region');
    expect(compiled(place)).toHaveLength(2);
  });

  it('GIVEN nothing compiled yet WHEN two run at once THEN both work, and one folder is left', async () => {
    const place = copy();
    const options = { cwd: place, reject: false } as const;
    const run = () => execa(process.execPath, [join(place, 'bin', 'synth.mjs'), '--check'], options);

    const ends = await Promise.all([run(), run()]);
    expect(ends.map(({ exitCode, stdout, stderr }) => ({ exitCode, stdout, stderr }))).toEqual(
      ends.map(() => ({ exitCode: 0, stdout: 'dist/ is up to date', stderr: '' })),
    );
    expect(compiled(place)).toHaveLength(1);
  });

  it('GIVEN TypeScript with a mistake, or a cache that cannot be written WHEN run THEN it runs as it is, and no half a folder is left', () => {
    const place = copy();
    writeFileSync(join(place, 'lab', 'cidr.ts'), 'export const = 1;\n');
    const { exit, stderr } = synthIn(place, '--check');
    expect(exit).toBe(1);
    expect(stderr).toContain('lab/cidr.ts:1:13: ERROR: Expected identifier but found "="');
    expect(compiled(place)).toEqual([]);

    const other = copy();
    writeFileSync(join(other, 'node_modules', '.cache'), '');
    expect(synthIn(other, '--check')).toEqual({ exit: 0, stdout: 'dist/ is up to date\n', stderr: '' });
  });
});
