import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Children } from '../../../scripts/tools/children.ts';
import { identityOf } from '../../../scripts/tools/process-start.ts';
import { Runner } from '../../../scripts/tools/runner.ts';
import { makeProgramFolder } from './programs.ts';

const programs = makeProgramFolder();
const node = JSON.stringify(process.execPath);

/** A program that starts another one, which prints its process id and takes no SIGTERM. */
const stubborn = 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000); console.log(process.pid)';
const withGrandchild = `require("child_process").spawn(${node}, ["-e", ${JSON.stringify(stubborn)}], { stdio: "inherit" })`;

beforeAll(() => {
  programs.addNode('kind');
});
afterAll(() => {
  programs.dispose();
});

describe.concurrent('stopping a program', () => {
  it.each(['the deadline passes', 'the driver is stopped'])(
    'GIVEN a grandchild that ignores SIGTERM WHEN %s THEN the whole process group is gone',
    async (how) => {
      const controller = new AbortController();
      const runner = new Runner(programs.env, controller.signal);
      // the grandchild must be up by then, however slow the machine
      const timeoutSeconds = how === 'the deadline passes' ? 8 : 600;

      const outcome = await runner.attempt(
        { program: 'kind', args: ['-e', withGrandchild] },
        {
          log: undefined,
          timeoutSeconds,
          onLine: () => {
            if (how === 'the driver is stopped') controller.abort();
          },
        },
      );

      const grandchild = Number(outcome.stdout);
      expect(outcome).toMatchObject({
        ended: how === 'the deadline passes' ? 'deadline' : 'canceled',
        exitCode: undefined,
      });
      expect(grandchild).toBeGreaterThan(0);
      // it has its SIGKILL; a busy system takes it away when it comes to it
      await vi.waitUntil(() => identityOf(grandchild) === undefined, { timeout: 60_000 });
    },
  );

  it('GIVEN a program at work WHEN the driver is stopped THEN it ends at once, its trace with it, and no new one starts', async () => {
    const controller = new AbortController();
    const folder = mkdtempSync(join(tmpdir(), 'running-'));
    const runner = new Runner(programs.env, controller.signal, { children: new Children(folder) });
    const command = { program: 'kind', args: ['-e', 'setInterval(() => {}, 1000); console.log("up")'] } as const;
    let traces = 0;

    const outcome = await runner.attempt(command, {
      log: undefined,
      timeoutSeconds: 30,
      onLine: () => {
        traces = readdirSync(folder).length;
        controller.abort();
      },
    });
    const next = await runner.attempt(command, { log: undefined, timeoutSeconds: 30 });

    expect(traces).toBe(1);
    expect(outcome).toMatchObject({ ended: 'canceled', stdout: 'up\n' });
    expect(next).toMatchObject({ ended: 'canceled', stdout: '' });
    expect(readdirSync(folder)).toEqual([]);
    rmSync(folder, { recursive: true });
  });
});
