import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Children } from '../../../scripts/tools/children.ts';
import { CommandError } from '../../../scripts/tools/command-error.ts';
import type { Command } from '../../../scripts/tools/command.ts';
import { identityOf } from '../../../scripts/tools/process-start.ts';
import { Runner } from '../../../scripts/tools/runner.ts';
import { makeProgramFolder } from './programs.ts';

const programs = makeProgramFolder();
const never = new AbortController().signal;
const options = { log: undefined, timeoutSeconds: 30 };

/** `kind` is Node here: it runs a line of JavaScript. */
const script = (code: string): Command => ({ program: 'kind', args: ['-e', code] });

beforeAll(() => {
  programs.addNode('kind');
});
afterAll(() => {
  programs.dispose();
});

describe('running a program', () => {
  it('GIVEN one that ends well WHEN run THEN its two streams, to the last byte', async () => {
    const runner = new Runner(programs.env, never);

    const { stdout, stderr } = await runner.run(script('console.log("out"); console.error("err")'), options);

    expect({ stdout, stderr }).toEqual({ stdout: 'out\n', stderr: 'err\n' });
  });

  it('GIVEN one that fails WHEN run THEN an error with its exit code and last lines', async () => {
    const runner = new Runner(programs.env, never);

    const error = await runner.run(script('console.error("no"); process.exit(3)'), options).catch((e: unknown) => e);

    expect(error).toBeInstanceOf(CommandError);
    expect((error as CommandError).reason).toBe('exit code 3');
    expect((error as CommandError).lastLines(1)).toEqual(['no']);
  });

  it('GIVEN a failure that is an answer WHEN attempted THEN an outcome, no error', async () => {
    const outcome = await new Runner(programs.env, never).attempt(script('process.exit(3)'), options);

    expect(outcome).toMatchObject({ ended: 'exit', exitCode: 3 });
  });

  it('GIVEN a program that is not on the PATH WHEN run THEN it could not be started', async () => {
    const run = new Runner(programs.env, never).run({ program: 'helm', args: ['version'] }, options);

    await expect(run).rejects.toThrow(/^helm could not be started: helm version$/);
  });

  it('GIVEN one that was killed by another WHEN run THEN the error says so', async () => {
    const run = new Runner(programs.env, never).run(script('process.kill(process.pid, "SIGKILL")'), options);

    await expect(run).rejects.toThrow(/^killed by a signal: kind -e/);
  });

  it('GIVEN variables of the call WHEN run THEN it sees them over the cleaned environment, and no others', async () => {
    const runner = new Runner({ ...programs.env, KUBECONFIG: '/mine', KEPT: 'yes' }, never);
    const names = ['KUBECONFIG', 'KEPT', 'HOME'];
    const command = { ...script(`console.log(JSON.stringify(${JSON.stringify(names)}.map((n) => process.env[n])))`) };

    const { stdout } = await runner.run({ ...command, env: { KUBECONFIG: '/lab' } }, options);

    expect(JSON.parse(stdout)).toEqual(['/lab', 'yes', null]);
  });

  it('GIVEN one that reads its standard input WHEN run THEN it gets none, and cannot hang on a question', async () => {
    const { stdout } = await new Runner(programs.env, never).run(
      script('process.stdin.on("data", () => {}).on("end", () => console.log("end of input"))'),
      options,
    );

    expect(stdout).toBe('end of input\n');
  });

  it('GIVEN a line in two pieces WHEN they come THEN progress hears it once, whole', async () => {
    const heard: string[] = [];

    await new Runner(programs.env, never).run(
      script('process.stdout.write("zw"); setTimeout(() => process.stdout.write("ei\\nlast"), 200)'),
      { ...options, onLine: (line) => heard.push(line) },
    );

    expect(heard).toEqual(['zwei', 'last']);
  });

  it('GIVEN lines with colours WHEN they come THEN progress hears each last one, plain', async () => {
    const heard: string[] = [];

    await new Runner(programs.env, never).run(script('console.log("one\\n\\u001b[32mtwo\\u001b[0m")'), {
      ...options,
      onLine: (line) => heard.push(line),
    });

    expect(heard).toEqual(['two']);
  });
});

describe('the log of a run', () => {
  it('GIVEN two commands WHEN run THEN each with its output and end, in a file for the user alone', async () => {
    const log = programs.file('logs/region-athens-cluster.log');
    const runner = new Runner(programs.env, never);

    await runner.run(script('console.log("made")'), { ...options, log });
    await runner.attempt(script('console.error("not again"); process.exit(1)'), { ...options, log });

    expect(readFileSync(log, 'utf8')).toBe(
      [
        `$ kind -e 'console.log("made")'`,
        'made',
        '# exit 0',
        `$ kind -e 'console.error("not again"); process.exit(1)'`,
        'not again',
        '# exit 1',
        '',
      ].join('\n'),
    );
    expect(statSync(log).mode & 0o777).toBe(0o600);
  });

  it('GIVEN a command whose output holds keys WHEN run THEN log and progress have none of it, the caller has', async () => {
    const log = programs.file('logs/secret.log');
    const heard: string[] = [];
    const command: Command = { ...script('console.log("KEY"); console.error("KEY")'), secret: true };

    const { stdout } = await new Runner(programs.env, never).run(command, {
      ...options,
      log,
      onLine: (line) => heard.push(line),
    });

    expect(stdout).toBe('KEY\n');
    expect(heard).toEqual([]);
    expect(readFileSync(log, 'utf8').split('\n').slice(1)).toEqual([
      '# (its output holds secrets and is not kept)',
      '# exit 0',
      '',
    ]);
  });

  it('GIVEN a command that answers with an id alone WHEN run THEN the log has it, progress has not', async () => {
    const log = programs.file('logs/quiet.log');
    const heard: string[] = [];
    const command: Command = { ...script('console.log("c0ffee")'), quiet: true };

    const { stdout } = await new Runner(programs.env, never).run(command, {
      ...options,
      log,
      onLine: (line) => heard.push(line),
    });

    expect({ stdout, heard }).toEqual({ stdout: 'c0ffee\n', heard: [] });
    expect(readFileSync(log, 'utf8').split('\n').slice(1)).toEqual(['c0ffee', '# exit 0', '']);
  });
});

describe('a log or a trace that cannot be written', () => {
  const talks = script('console.log("one"); console.log("two")');

  it.each([
    {
      given: 'a folder in the place of the log',
      make: (log: string) => {
        mkdirSync(log);
      },
      why: 'EISDIR',
    },
    {
      given: 'a log that is a link',
      make: (log: string) => {
        symlinkSync('/dev/null', log);
      },
      why: 'ELOOP',
    },
    {
      given: 'a log on a full disk',
      make: (log: string) => {
        symlinkSync('/dev', dirname(log));
      },
      log: 'dev/full',
      why: 'ENOSPC',
    },
  ])('GIVEN $given WHEN two programs run THEN they do, and it is said once', async ({ given, make, log, why }) => {
    const file = programs.file(log ?? `${given}.log`);
    make(file);
    const said: string[] = [];
    const runner = new Runner(programs.env, never, { warn: (message) => said.push(message) });

    const { stdout } = await runner.run(talks, { ...options, log: file });
    await runner.run(talks, { ...options, log: file });

    expect(stdout).toBe('one\ntwo\n');
    expect(said).toEqual([expect.stringContaining(`the log ${file} cannot be written: ${why}`)]);
    expect(said[0]).toMatch(/\. The run goes on without it\.$/);
  });

  it('GIVEN no place for traces WHEN a program hangs THEN its deadline stops it all the same, and it is said once', async () => {
    const folder = programs.file('running');
    writeFileSync(folder, '');
    const said: string[] = [];
    const runner = new Runner(programs.env, never, {
      children: new Children(folder),
      warn: (message) => said.push(message),
    });
    const hangs = script('console.log(process.pid); setInterval(() => {}, 1000)');

    const outcome = await runner.attempt(hangs, { log: undefined, timeoutSeconds: 1 });
    await runner.attempt(script(''), options);

    expect(outcome).toMatchObject({ ended: 'deadline', stdout: expect.stringMatching(/^\d+\n$/) as string });
    expect(identityOf(Number(outcome.stdout))).toBeUndefined();
    expect(said).toEqual([
      expect.stringMatching(
        /^no trace of running programs can be kept: EEXIST.*\. The run goes on; should it be killed \(SIGKILL\), the next one does not know what to stop\.$/,
      ),
    ]);
  });

  it('GIVEN a file size limit WHEN a log reaches it THEN the program goes on, and its output is answered', async () => {
    const url = (name: string): string =>
      JSON.stringify(new URL(`../../../scripts/tools/${name}.ts`, import.meta.url).href);
    const code = `
      const { Runner } = await import(${url('runner')});
      const runner = new Runner({ PATH: ${JSON.stringify(programs.folder)} }, new AbortController().signal, { warn: (m) => console.log('said ' + m) });
      const command = { program: 'kind', args: ['-e', 'for (let i = 0; i < 200; i++) console.log("x".repeat(50))'] };
      const { stdout } = await runner.run(command, { log: ${JSON.stringify(programs.file('limited.log'))}, timeoutSeconds: 20 });
      console.log('got ' + stdout.length);`;
    const node = [process.execPath, '--import', import.meta.resolve('tsx'), '--input-type=module', '-e', code];

    const { stdout } = await execa('bash', ['-c', 'ulimit -f 1; exec "$@"', 'bash', ...node], {
      env: { TSX_DISABLE_CACHE: '1' },
    });

    expect(stdout).toMatch(/^said the log .*limited\.log cannot be written: EFBIG.*\ngot 10200$/);
  });
});

describe('runs that share a log', () => {
  it('GIVEN four at once, each writing its lines in pieces WHEN they end THEN no line is torn', async () => {
    const log = programs.file('logs/shared.log');
    const runner = new Runner(programs.env, never);
    const pieces = (name: string): Command =>
      script(
        `let n = 0; const next = () => { if (n++ < 60) { process.stdout.write("${name}".repeat(5)); setTimeout(() => { process.stdout.write("${name}".repeat(5) + "\\n"); next() }, 1) } }; next()`,
      );

    await Promise.all(['a', 'b', 'c', 'd'].map((name) => runner.run(pieces(name), { ...options, log })));

    const written = readFileSync(log, 'utf8')
      .split('\n')
      .filter((line) => /^[abcd]+$/.test(line));
    expect(written).toHaveLength(240);
    expect(written.filter((line) => !/^(.)\1{9}$/.test(line))).toEqual([]);
    expect(statSync(dirname(log)).mode & 0o777).toBe(0o700);
  });
});
