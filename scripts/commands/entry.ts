import { setMaxListeners } from 'node:events';
import type { Io } from './program.ts';

/** Gives a command the real world: arguments, environment, streams, and signals that stop it. The last word of an entry point. */
export async function start(main: (io: Io) => Promise<number>): Promise<void> {
  const controller = new AbortController();
  // every running program listens to it, and there are as many as regions allow
  setMaxListeners(0, controller.signal);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      controller.abort();
    });
  }
  const { argv, env, stdout, stderr, stdin } = process;
  process.exitCode = await main({
    argv: argv.slice(2),
    env,
    cwd: process.cwd(),
    stdout,
    stderr,
    interactive: stdin.isTTY && stdout.isTTY,
    signal: controller.signal,
  });
}
