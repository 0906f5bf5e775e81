import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { Children } from '../../../scripts/tools/children.ts';
import { startedAt } from '../../../scripts/tools/process-start.ts';
import { signalGroup } from '../../../scripts/tools/runner.ts';

const base = mkdtempSync(join(tmpdir(), 'children-'));
const sleepers: ChildProcess[] = [];
const stop = vi.fn<(pid: number, signal: NodeJS.Signals) => void>();

/** A process group that sleeps until it is killed. */
function sleeper(): number {
  const child = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
  sleepers.push(child);
  if (child.pid === undefined) throw new Error('sleep did not start');
  return child.pid;
}

afterAll(() => {
  for (const child of sleepers) child.kill('SIGKILL');
  rmSync(base, { recursive: true });
});

describe('the trace of running programs', () => {
  it('GIVEN a program WHEN it starts and ends THEN its record comes and goes, for the user alone to read', () => {
    const folder = join(base, 'record');
    const children = new Children(folder);

    children.started(4242, 'kind create cluster');
    const record: unknown = JSON.parse(readFileSync(join(folder, '4242.json'), 'utf8'));
    const { mode } = statSync(join(folder, '4242.json'));
    children.ended(4242);
    children.ended(4242);

    expect(record).toEqual({ pid: 4242, command: 'kind create cluster', started: expect.any(Number) as number });
    expect(mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('GIVEN no folder WHEN leftovers are stopped THEN there are none', async () => {
    expect(await new Children(join(base, 'none')).stopLeftovers(stop)).toEqual([]);
  });

  it('GIVEN a driver that was killed WHEN the next one starts THEN what it left running is stopped and named', async () => {
    const folder = join(base, 'leftover');
    const pid = sleeper();
    new Children(folder).started(pid, 'kind create cluster --name region-athens');
    const ended = once(sleepers.at(-1) ?? process, 'exit');

    const stopped = await new Children(folder).stopLeftovers(signalGroup);
    await ended;

    expect(stopped).toEqual(['kind create cluster --name region-athens']);
    expect(startedAt(pid)).toBeUndefined();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('GIVEN a program that takes no SIGTERM WHEN leftovers are stopped THEN SIGKILL follows within 4 s', async () => {
    const pid = sleeper();
    const children = new Children(join(base, 'stubborn'));
    children.started(pid, 'helm upgrade');
    const signals: string[] = [];
    const from = Date.now();

    await children.stopLeftovers((target, signal) => signals.push(`${target} ${signal}`));

    expect(signals).toEqual([`${pid} SIGTERM`, `${pid} SIGKILL`]);
    expect(Date.now() - from).toBeLessThan(4000);
  });

  it('GIVEN another process that got the number since WHEN leftovers are stopped THEN it is left alone', async () => {
    const folder = join(base, 'reused');
    const children = new Children(folder);
    children.started(process.pid, 'kind create cluster');
    const hourAgo = { pid: process.pid, command: 'kind create cluster', started: Date.now() - 3_600_000 };
    writeFileSync(join(folder, `${process.pid}.json`), JSON.stringify(hourAgo));

    expect(await children.stopLeftovers(stop)).toEqual([]);
    expect(stop).not.toHaveBeenCalled();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('GIVEN a program that has ended and a record that was cut off WHEN leftovers are stopped THEN nothing is', async () => {
    const folder = join(base, 'ended');
    const children = new Children(folder);
    children.started(2 ** 22 + 1, 'kubectl apply');
    writeFileSync(join(folder, '7.json'), '{"pid":7,"comm');

    expect(await children.stopLeftovers(stop)).toEqual([]);
    expect(stop).not.toHaveBeenCalled();
  });
});
