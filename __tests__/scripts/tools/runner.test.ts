import { readFileSync, statSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CommandError } from '../../../scripts/tools/command-error.ts';
import type { Command } from '../../../scripts/tools/command.ts';
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
});
