import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { identityOf } from '../../../scripts/tools/process-start.ts';
import { type ProcessEnd, type ProcessOptions, runProcess, signalGroup } from '../../../scripts/tools/process.ts';

const never = new AbortController().signal;
const env = { PATH: '/usr/bin:/bin' };
const daemons: number[] = [];

afterAll(() => {
  for (const pid of daemons) signalGroup(pid, 'SIGKILL');
});

/** Node runs a line of JavaScript. */
const node = (code: string, options: Partial<ProcessOptions> = {}): Promise<ProcessEnd> =>
  runProcess(process.execPath, ['-e', code], { env, signal: never, timeoutSeconds: 30, ...options });

/** Starts a daemon, in a process group of its own, that holds both streams; prints its number. */
const daemon = `const child = require("child_process").spawn(process.execPath, ["-e", "setTimeout(() => {}, 60000)"],
  { detached: true, stdio: "inherit" }); child.unref(); console.log(child.pid)`;

async function timed(run: Promise<ProcessEnd>): Promise<{ end: ProcessEnd; seconds: number }> {
  const from = performance.now();
  const end = await run;
  daemons.push(...[Number.parseInt(end.stdout)].filter((pid) => pid > 1));
  return { end, seconds: (performance.now() - from) / 1000 };
}

describe.concurrent('the end of a program', () => {
  it('GIVEN a daemon that it leaves behind with its streams WHEN it exits THEN its own exit code, 1 s later', async () => {
    const { end, seconds } = await timed(node(`${daemon}; process.exitCode = 3`, { timeoutSeconds: 50 }));

    expect(end).toMatchObject({ ended: 'exit', exitCode: 3, stdout: expect.stringMatching(/^\d+\n$/) as string });
    expect(seconds).toBeLessThan(30);
    expect(identityOf(Number(end.stdout))).toBeDefined();
  });

  // on a machine that takes a second to start it, it is late
  it(
    'GIVEN its deadline within that second WHEN it has exited before THEN it is not called late',
    { retry: 5 },
    async () => {
      const exits = `process.on("exit", () => {}); setTimeout(() => process.exit(0), 100)`;
      const { end } = await timed(node(`${daemon}; ${exits}`, { timeoutSeconds: 1 }));

      expect(end).toMatchObject({ ended: 'exit', exitCode: 0 });
    },
  );

  it('GIVEN a daemon with its streams WHEN the deadline passes THEN it is stopped and answered all the same', async () => {
    const { end, seconds } = await timed(node(`${daemon}; setInterval(() => {}, 1000)`, { timeoutSeconds: 1 }));

    expect(end).toMatchObject({ ended: 'deadline', exitCode: undefined });
    expect(seconds).toBeLessThan(30);
  });

  it('GIVEN a daemon with its streams, and no ear for SIGTERM WHEN the run is stopped THEN it answers long before they end', async () => {
    const controller = new AbortController();
    const deaf = `process.on("SIGTERM", () => {}); setInterval(() => {}, 1000); ${daemon}`;
    let pressed = 0;
    const end = await node(deaf, {
      signal: controller.signal,
      onData: () => {
        pressed = performance.now();
        controller.abort();
      },
    });

    daemons.push(Number(end.stdout));
    expect(end).toMatchObject({ ended: 'canceled', exitCode: undefined });
    expect(performance.now() - pressed).toBeLessThan(30_000);
  });

  it('GIVEN a program that ends at once on SIGTERM WHEN its child needs a moment THEN the child has it', async () => {
    const slow = `process.on("SIGTERM", () => setTimeout(() => { console.log("tidied"); process.exit() }, 700)); setInterval(() => {}, 1000)`;
    const code = `require("child_process").spawn(process.execPath, ["-e", ${JSON.stringify(slow)}], { stdio: "inherit" }); setTimeout(() => console.log("up"), 800)`;
    const controller = new AbortController();
    const end = await node(code, {
      signal: controller.signal,
      onData: () => {
        controller.abort();
      },
    });

    expect(end).toMatchObject({ ended: 'canceled', stdout: 'up\ntidied\n' });
  });

  it('GIVEN a stop before it starts THEN it does not start', async () => {
    expect(await node('console.log(1)', { signal: AbortSignal.abort() })).toMatchObject({
      ended: 'canceled',
      stdout: '',
    });
  });

  it.each([
    { given: 'no such program', file: 'no-such-program', args: [] },
    { given: 'an argument that no program can be given', file: process.execPath, args: ['a\0b'] },
  ])('GIVEN $given THEN it could not be started', async ({ file, args }) => {
    const end = await runProcess(file, args, { env, signal: never, timeoutSeconds: 30 });

    expect(end).toEqual({ ended: 'not-started', exitCode: undefined, stdout: '', stderr: '' });
  });

  it('GIVEN a deadline longer than a timer can count WHEN it runs THEN it is not over at once', async () => {
    expect(await node('setTimeout(() => {}, 300)', { timeoutSeconds: 3_000_000 })).toMatchObject({
      ended: 'exit',
      exitCode: 0,
    });
  });
});

describe('the output of a program', () => {
  it('GIVEN much of it, written at its very end WHEN it exits THEN it is there to the last byte', async () => {
    const { stdout } = await node('process.stdout.write("é".repeat(1_000_000))');

    expect(stdout).toBe('é'.repeat(1_000_000));
  });

  it('GIVEN more than 64 MiB WHEN it exits THEN the end is kept', async () => {
    const { stdout } = await node(
      'for (let i = 0; i < 70; i++) process.stdout.write("x".repeat(2 ** 20)); process.stdout.write("the end")',
    );

    expect(stdout.length).toBeLessThanOrEqual(64 * 2 ** 20);
    expect(stdout.length).toBeGreaterThan(63 * 2 ** 20);
    expect(stdout.endsWith('the end')).toBe(true);
  });

  it('GIVEN a driver that is busy WHEN a program exits meanwhile THEN nothing of its output is lost', async () => {
    const run = node('console.log("all")');
    await sleep(20);
    const until = performance.now() + 2500;
    while (performance.now() < until);

    expect(await run).toMatchObject({ ended: 'exit', exitCode: 0, stdout: 'all\n' });
  });
});

describe('what a program reads', () => {
  const echo = 'process.stdin.pipe(process.stdout)';

  it('GIVEN nothing THEN its standard input is at its end', async () => {
    expect(await node(echo)).toMatchObject({ exitCode: 0, stdout: '' });
  });

  it('GIVEN some THEN it reads all of it; GIVEN that it ends before THEN that is no failure of the driver', async () => {
    const input = 'line\n'.repeat(100_000);
    expect(await node(echo, { input })).toMatchObject({ exitCode: 0, stdout: input });
    expect(await node('process.exit(3)', { input })).toMatchObject({ ended: 'exit', exitCode: 3 });
  });
});
