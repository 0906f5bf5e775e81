import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UserError } from '../../../scripts/events/errors.ts';
import { Queries } from '../../../scripts/observe/queries.ts';
import { CommandError } from '../../../scripts/tools/command-error.ts';
import type { Command } from '../../../scripts/tools/command.ts';
import { Runner } from '../../../scripts/tools/runner.ts';
import { makeProgramFolder } from '../tools/programs.ts';

const programs = makeProgramFolder();
const never = new AbortController().signal;
const list: Command = { program: 'kind', args: ['list'] };
const broken: Command = { program: 'docker', args: ['info'] };
beforeAll(() => {
  programs.addScript('kind', 'echo region-athens');
  programs.addScript('docker', 'echo down >&2; exit 1');
});
afterAll(() => {
  programs.dispose();
});

describe('questions to the systems', () => {
  it('GIVEN a log WHEN asked THEN the answer, and question and answer are kept', async () => {
    const log = programs.file('observe.log');

    expect(await new Queries(new Runner(programs.env, never), log).ask(list)).toBe('region-athens\n');
    expect(readFileSync(log, 'utf8')).toBe('$ kind list\nregion-athens\n# exit 0\n');
  });

  it('GIVEN a query that fails WHEN asked THEN an error; WHEN its failure is an answer THEN none', async () => {
    const queries = new Queries(new Runner(programs.env, never));

    await expect(queries.ask(broken)).rejects.toThrow(new RegExp('^exit code 1: docker info$'));
    expect((await queries.attempt(broken)).exitCode).toBe(1);
  });

  it('GIVEN an etcd without a leader for a moment WHEN asked THEN once more, and its answer is the answer', async () => {
    const asked = programs.file('asked');
    const etcd = 'echo "Error from server: etcdserver: request timed out" >&2; exit 1';
    programs.addScript('kubectl', `if [ -e ${asked} ]; then echo nodes; else : > ${asked}; ${etcd}; fi`);
    const queries = new Queries(new Runner(programs.env, never));

    expect(await queries.ask({ program: 'kubectl', args: ['get'] })).toBe('nodes\n');
  });

  it('GIVEN an etcd that stays without a leader WHEN asked five times THEN that is the answer', async () => {
    const asked = programs.file('asked-in-vain');
    programs.addScript('cilium', `echo x >> ${asked}; echo "Error: query: etcdserver: leader changed" >&2; exit 1`);
    const pauses: number[] = [];
    class Impatient extends Queries {
      override pause(seconds: number): Promise<void> {
        pauses.push(seconds);
        return Promise.resolve();
      }
    }
    const { exitCode } = await new Impatient(new Runner(programs.env, never)).attempt({
      program: 'cilium',
      args: ['get'],
    });

    expect(exitCode).toBe(1);
    expect(readFileSync(asked, 'utf8')).toBe('x\n'.repeat(5));
    expect(pauses).toEqual([2, 2, 2, 2]);
  });

  it('GIVEN an answer that cannot be read WHEN read THEN the query is named, and nothing of the answer: it may hold keys', async () => {
    const queries = new Queries(new Runner(programs.env, never));

    expect(await queries.read(list, (answer) => answer.length)).toBe('region-athens\n'.length);
    await expect(queries.read(list, () => undefined)).rejects.toThrow(
      new UserError(
        'kind list exited with 0 and printed something else than was asked for. Look at what it prints by hand.',
        1,
      ),
    );
  });

  it('GIVEN a program that is missing WHEN attempted THEN that is no answer', async () => {
    const missing = new Queries(new Runner(programs.env, never)).attempt({ program: 'helm', args: ['list'] });

    await expect(missing).rejects.toThrow(/^helm could not be started: helm list$/);
  });

  it('GIVEN a driver that was stopped WHEN attempted THEN that is no answer', async () => {
    const stopped = new Queries(new Runner(programs.env, AbortSignal.abort())).attempt(list);

    await expect(stopped).rejects.toThrow('stopped on request: kind list');
    await expect(stopped).rejects.toBeInstanceOf(CommandError);
  });
});
