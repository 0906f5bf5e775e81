import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';

/** The Docker Engine, where it was started by hand: by a program that starts it again. */
const engine = process.env.LAB_ENGINE ?? '';
const pidFile = '/var/run/docker.pid';

/** Why it cannot be restarted here; undefined where it can. */
export const noEngine: string | undefined =
  engine === ''
    ? 'LAB_ENGINE names no program that starts it'
    : existsSync(pidFile)
      ? undefined
      : `there is no ${pidFile}`;

/** Ends the Docker Engine, with all containers, and starts it again. */
export async function restartEngine(): Promise<void> {
  const pid = Number(readFileSync(pidFile, 'utf8'));
  process.kill(pid, 'SIGTERM');
  while (existsSync(`/proc/${pid}`)) await sleep(200);
  await execa(engine);
}
