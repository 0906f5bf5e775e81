import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { Children } from '../../../scripts/tools/children.ts';
import { identityOf } from '../../../scripts/tools/process-start.ts';
import { signalGroup } from '../../../scripts/tools/process.ts';

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
    const pid = sleeper();
    const file = join(folder, `${pid}.json`);

    children.started(pid, 'kind create cluster');
    const record: unknown = JSON.parse(readFileSync(file, 'utf8'));
    const modes = [folder, file].map((path) => statSync(path).mode & 0o777);
    children.ended(pid);
    children.ended(pid);

    expect(record).toEqual({ ...identityOf(pid), command: 'kind create cluster' });
    expect(modes).toEqual([0o700, 0o600]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('GIVEN programs of a run that was killed WHEN those that are gone are forgotten THEN the others stay, AND none is stopped', async () => {
    const folder = join(base, 'gone');
    const children = new Children(folder);
    const [alive, gone] = [sleeper(), sleeper()];
    for (const pid of [alive, gone]) children.started(pid, 'docker ps');
    process.kill(gone, 'SIGKILL');
    await vi.waitFor(() => {
      children.forgetGone();
      expect(readdirSync(folder)).toEqual([`${alive}.json`]);
    });

    process.kill(alive, 0);
  });

  it('GIVEN a program that has ended already WHEN it is noted THEN nothing is: its number names nobody', () => {
    const folder = join(base, 'too-late');
    new Children(folder).started(2 ** 22 + 1, 'kind version');

    expect(existsSync(folder)).toBe(false);
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
    expect(identityOf(pid)).toBeUndefined();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('GIVEN a driver that was killed while it noted a program WHEN leftovers are stopped THEN what it had begun to write goes', async () => {
    const folder = join(base, 'half');
    mkdirSync(folder);
    writeFileSync(join(folder, '12377.json'), '');

    expect(await new Children(folder).stopLeftovers(stop)).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);

    writeFileSync(join(folder, '12377.json'), '{"pid":123');
    new Children(folder).forgetGone();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('GIVEN a program that takes no SIGTERM WHEN leftovers are stopped THEN SIGKILL follows', async () => {
    const pid = sleeper();
    const children = new Children(join(base, 'stubborn'));
    children.started(pid, 'helm upgrade');
    const signals: string[] = [];

    await children.stopLeftovers((target, signal) => signals.push(`${target} ${signal}`));

    expect(signals).toEqual([`${pid} SIGTERM`, `${pid} SIGKILL`]);
  });

  it('GIVEN another process that got the number since WHEN leftovers are stopped THEN it is left alone', async () => {
    const folder = join(base, 'reused');
    const children = new Children(folder);
    children.started(process.pid, 'kind create cluster');
    const earlier = { ...identityOf(process.pid), start: '1', command: 'kind create cluster' };
    writeFileSync(join(folder, `${process.pid}.json`), JSON.stringify(earlier));

    expect(await children.stopLeftovers(stop)).toEqual([]);
    expect(stop).not.toHaveBeenCalled();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('GIVEN records that somebody else wrote WHEN leftovers are stopped THEN no number is taken on trust', async () => {
    const folder = join(base, 'foreign');
    mkdirSync(folder);
    const { start, boot } = identityOf(process.pid) ?? { start: '', boot: '' };
    const lies = [
      { pid: 1, start, boot },
      { pid: process.pid, start: '', boot: '' },
      { pid: process.pid, start: 'Tue Nov 24 21:41:49 2026', boot: '' },
      { pid: process.pid },
      null,
    ];
    lies.forEach((lie, index) => {
      writeFileSync(join(folder, `${index}.json`), JSON.stringify(lie));
    });

    expect(await new Children(folder).stopLeftovers(stop)).toEqual([]);
    expect(stop).not.toHaveBeenCalled();
  });

  it('GIVEN a program that has ended and a record that was cut off WHEN leftovers are stopped THEN nothing is', async () => {
    const folder = join(base, 'ended');
    const children = new Children(folder);
    children.started(process.pid, 'kubectl apply');
    const gone = { pid: 2 ** 22 + 1, start: '1', boot: '', command: 'kubectl apply' };
    writeFileSync(join(folder, `${process.pid}.json`), JSON.stringify(gone));
    writeFileSync(join(folder, '7.json'), '{"pid":7,"comm');

    expect(await children.stopLeftovers(stop)).toEqual([]);
    expect(stop).not.toHaveBeenCalled();
  });
});
