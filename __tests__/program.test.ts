import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const project = join(import.meta.dirname, '..');
const launcher = join(project, 'bin', 'clustermesh-lab.mjs');

function run(program: string, args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: project, encoding: 'utf8' });
  return { exit: status, stdout, stderr };
}

const lab = (...args: string[]) => run(process.execPath, [launcher, ...args]);

describe('the one program', () => {
  it('GIVEN --help WHEN run by npx THEN all commands are listed', () => {
    const { exit, stdout } = run('npx', ['clustermesh-lab', '--help']);

    expect(exit).toBe(0);
    expect([...stdout.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name)).toEqual([
      ...['synth', 'plan', 'deploy', 'status', 'destroy', 'draw'],
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

  it('GIVEN no command WHEN run THEN the help and exit 2', () => {
    const { exit, stderr } = lab();

    expect({ exit, usage: stderr.split('\n')[0] }).toEqual({
      exit: 2,
      usage: 'Usage: clustermesh-lab [options] [command]',
    });
  });
});
