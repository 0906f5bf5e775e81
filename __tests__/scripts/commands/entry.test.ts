import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { describe, expect, it, vi } from 'vitest';
import { identityOf } from '../../../scripts/tools/process-start.ts';

const url = (path: string): string => JSON.stringify(new URL(`../../../scripts/${path}.ts`, import.meta.url).href);

/** A command of an entry point, as a process; `io` is what it is given, `redirect` what its shell does with its streams. */
function entry(main: string, redirect = '', options = '') {
  const code = `
    import { start } from ${url('commands/entry')};
    import { runProcess } from ${url('tools/process')};
    await start(async (io) => { ${main} }${options});`;
  const node = [process.execPath, '--import', import.meta.resolve('tsx'), '--input-type=module', '-e', code];
  return execa('sh', ['-c', `exec "$@" ${redirect}`, 'sh', ...node], {
    reject: false,
    stdin: 'ignore',
    // on a busy machine a good end may take longer than execa waits
    forceKillAfterDelay: false,
  });
}

/** Says `up`, and goes on until it is stopped; then takes its time. */
const untilStopped = (rest: string): string =>
  `console.log('up'); await new Promise((done) => { const timer = setInterval(() => {}, 1000);
    io.signal.addEventListener('abort', () => { clearInterval(timer); done(); }); }); ${rest}`;

async function up(run: ReturnType<typeof entry>): Promise<void> {
  await new Promise((resolve) => run.stdout.once('data', resolve));
}

describe.concurrent('what stops a command', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'GIVEN %s WHEN it works THEN it ends in good order',
    async (signal) => {
      const run = entry(untilStopped(`console.log('tidied'); return 130;`));
      await up(run);
      run.kill(signal);

      expect(await run).toMatchObject({ exitCode: 130, stdout: 'up\ntidied', stderr: '' });
    },
  );

  it('GIVEN a Ctrl-C that comes twice at once, as through npm WHEN it works THEN it ends in good order', async () => {
    const run = entry(
      untilStopped(`await new Promise((done) => setTimeout(done, 300)); console.log('tidied'); return 130;`),
    );
    await up(run);
    run.kill('SIGINT');
    await sleep(50);
    run.kill('SIGINT');

    expect(await run).toMatchObject({ exitCode: 130, stdout: 'up\ntidied' });
  });

  it('GIVEN a second signal WHEN it takes its time THEN it leaves at once with 130, and its programs are killed', async () => {
    const deaf = `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log(process.pid)`;
    const run = entry(`await runProcess(process.execPath, ['-e', ${JSON.stringify(deaf)}], { env: {}, signal: io.signal,
      timeoutSeconds: 60, onData: (_, chunk) => process.stdout.write(chunk) }); return 0;`);
    let pid = 0;
    run.stdout.once('data', (chunk: Buffer) => {
      pid = Number(String(chunk));
    });
    await up(run);
    const alive = identityOf(pid);
    run.kill('SIGINT');
    await sleep(700);
    run.kill('SIGTERM');
    const { exitCode } = await run;

    expect(alive).toBeDefined();
    // had it waited for its program, it would have ended with 0
    expect(exitCode).toBe(130);
    await vi.waitUntil(() => identityOf(pid) === undefined, { timeout: 60_000 });
  });
});

describe.concurrent('what works in one go', () => {
  it('GIVEN a signal WHEN it works THEN it ends as any program does', async () => {
    const run = entry(untilStopped(`return 0;`), '', ', { inOneGo: true }');
    await up(run);
    run.kill('SIGTERM');

    expect(await run).toMatchObject({ signal: 'SIGTERM', stdout: 'up' });
  });
});

describe.concurrent('an output stream that takes no more', () => {
  const chatty = `const timer = setInterval(() => io.stdout.write('more\\n'), 20);
    await new Promise((done) => io.signal.addEventListener('abort', done)); clearInterval(timer);
    io.stdout.write('stopped\\n'); return 0;`;

  it('GIVEN a reader that goes (| head -1) WHEN it writes on THEN it is stopped as by a signal, without a word', async () => {
    const run = entry(chatty);
    await up(run);
    run.stdout.destroy();

    expect(await run).toMatchObject({ exitCode: 130, stderr: '' });
  });

  it.runIf(process.platform === 'linux').each([
    { given: 'one that works', main: chatty },
    { given: 'one whose last word it is', main: `io.stdout.write('done\\n'); return 0;` },
  ])('GIVEN a full disk below stdout (> /dev/full), and $given THEN 1, and cause and remedy', async ({ main }) => {
    const { exitCode, stderr } = await entry(main, '> /dev/full');

    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr:
        'stdout cannot be written: ENOSPC: no space left on device, write. Make room, or send the output elsewhere, then run this again.',
    });
  });

  it.runIf(process.platform === 'linux')(
    'GIVEN a full disk below stderr WHEN it says something there THEN 1',
    async () => {
      const main = `io.stderr.write('a question'); await new Promise((done) => io.signal.addEventListener('abort', done)); return 0;`;

      expect(await entry(main, '2> /dev/full')).toMatchObject({ exitCode: 1 });
    },
  );
});
