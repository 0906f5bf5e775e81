import { setMaxListeners } from 'node:events';
import { homedir } from 'node:os';
import { exitCode, UserError } from '../events/errors.ts';
import type { Io } from './io.ts';

/** npm hands a Ctrl-C on to the command, which has it from the terminal too: what comes so soon is the same key. */
const samePressMilliseconds = 500;

/**
 * Gives a command the real world: arguments, environment, streams, and what stops it. The last word of an entry point.
 *
 * A signal stops it in good order: its programs end, its lock goes. A second one leaves at once: its programs are killed.
 * An output stream that takes no more stops it as a signal does. Exit codes: 130 for a reader that has gone (`| head -1`),
 * as for a signal; 1 for a stream that cannot be written (a full disk).
 * @param inOneGo it works without a pause, in which it could hear of a signal: that ends it as it ends any program; default: false
 */
export async function start(main: (io: Io) => Promise<number>, { inOneGo = false } = {}): Promise<void> {
  const { argv, env, stdout, stderr, stdin } = process;
  const controller = new AbortController();
  // every running program listens to both, and there are as many as regions allow
  setMaxListeners(0, controller.signal, process);
  let stopped: { readonly at: number; readonly code: number | undefined } | undefined;
  const stop = (code: number | undefined): void => {
    stopped ??= { at: performance.now(), code };
    controller.abort();
  };
  for (const signal of inOneGo ? [] : (['SIGINT', 'SIGTERM', 'SIGHUP'] as const)) {
    process.on(signal, () => {
      if (stopped !== undefined && performance.now() - stopped.at > samePressMilliseconds) {
        process.exit(exitCode.stopped);
      }
      stop(undefined);
    });
  }
  for (const [name, stream] of Object.entries({ stdout, stderr })) {
    stream.on('error', ({ code, message }: NodeJS.ErrnoException) => {
      const isFirst = stopped === undefined;
      stop(code === 'EPIPE' ? exitCode.stopped : exitCode.failed);
      if (isFirst && code !== 'EPIPE') {
        stderr.write(
          `${name} cannot be written: ${message}. Make room, or send the output elsewhere, then run this again.\n`,
        );
      }
    });
  }
  // the last write of all may fail after the command has ended
  process.on('exit', () => {
    if (stopped?.code !== undefined) process.exitCode = stopped.code;
  });
  process.exitCode = await main({
    argv: argv.slice(2),
    env,
    cwd: process.cwd(),
    stdout,
    stderr,
    interactive: stdin.isTTY && stdout.isTTY,
    signal: controller.signal,
    home: homeFolder,
    routes: env.CLUSTERMESH_LAB_ROUTES ?? '/proc/net/route',
  });
}

/** @throws UserError where HOME is empty, or not set and the system has no user of this id, as it may be in a container */
function homeFolder(): string {
  try {
    const home = homedir();
    if (home !== '') return home;
  } catch {
    // no such user
  }
  throw new UserError(
    'your home folder is not known, and none of its files may be touched. Remedy: set HOME to a folder of yours, then run this again.',
  );
}
