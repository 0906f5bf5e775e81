import { rmSync } from 'node:fs';
import { expect } from 'vitest';
import type { Fault } from '../stand-ins/lab-bench.ts';
import { type Answer, isAlive, type Site, untilHanging } from './drive.ts';

/** Where a deploy is killed: a call, and how far it has come. */
export type Moment = Pick<Fault, 'tool' | 'match' | 'stage'>;

/**
 * Kills the driver (SIGKILL) while a program is in the middle of its work, and deploys again.
 * @returns the second deploy; it has stopped what the first one had left running
 */
export async function killAndResume(site: Site, moment: Moment): Promise<Answer> {
  site.bench.setFaults([{ ...moment, times: 1, hangSeconds: 120, spawnGrandchild: true }]);
  const first = site.start('deploy');
  const call = await untilHanging(site);
  first.kill('SIGKILL');
  await first;
  expect(isAlive(call.pid)).toBe(true);

  const second = await site.run('deploy');
  const command = [call.tool, ...call.args].join(' ');
  expect(second.stdout).toContain('! an earlier run was killed and had left this running, now stopped: ');
  expect(second.stdout).toContain(command);
  expect([call.pid, call.grandchild].filter(isAlive)).toEqual([]);
  return second;
}

/** The mesh was tested; now nobody knows of it. */
export function forgetTest(site: Site): void {
  rmSync(site.file('.lab', 'test-lab', 'test'), { recursive: true });
}
