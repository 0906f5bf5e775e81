import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { DriverEvent } from '../../../scripts/events/events.ts';
import { Paths } from '../../../scripts/files/paths.ts';
import { readNewestRun, readRecord, RunRecord } from '../../../scripts/files/run-record.ts';

const root = mkdtempSync(join(tmpdir(), 'record-'));
afterAll(() => {
  rmSync(root, { recursive: true });
});

let paths: Paths;
let lab = 0;
beforeEach(() => {
  lab++;
  paths = new Paths({ labFile: join(root, 'lab.yaml'), dist: undefined, lab: `lab-${lab}`, cwd: root });
});

const started = (step: string, region?: string): DriverEvent => ({
  ...{ event: 'step-started', at: 0, step, reason: 'not there' },
  ...(region !== undefined && { region }),
});
const done = (step: string, region?: string): DriverEvent => ({
  ...{ event: 'step-done', at: 1, step, seconds: 1 },
  ...(region !== undefined && { region }),
});

/** A log of that step, which goes on. */
function say(text: string, step: string, region?: string): void {
  const file = paths.log(step, region);
  mkdirSync(dirname(file), { recursive: true });
  appendFileSync(file, text);
}

describe('the record of a run', () => {
  it('THEN it has what happened, with the time, and how the command is typed again', () => {
    const record = new RunRecord(paths, 'deploy', ['--region', 'region-athens'], () => 1_795_000_000_000);
    record.add(started('cilium', 'region-athens'));
    record.add({ event: 'step-progress', at: 0.5, step: 'cilium', region: 'region-athens', line: '1 of 2' });
    record.add(done('cilium', 'region-athens'));

    expect(readdirSync(paths.runs)).toEqual(['2026-11-18T11-06-40.000Z-deploy.jsonl']);
    expect(readNewestRun(paths, 'deploy')).toEqual([
      { time: 1_795_000_000_000, event: 'command', command: 'npm run deploy -- --region region-athens' },
      { time: 1_795_000_000_000, ...started('cilium', 'region-athens') },
      { time: 1_795_000_000_000, ...done('cilium', 'region-athens') },
    ]);
  });

  it('THEN it has what the programs of a step have said in this run, and not before', () => {
    say('$ helm of a former run\n', 'cilium', 'region-athens');
    const record = new RunRecord(paths, 'deploy', []);
    record.add(started('cilium', 'region-athens'));
    say('$ helm upgrade\n# exit 0\n', 'cilium', 'region-athens');
    record.add(done('cilium', 'region-athens'));

    expect(readNewestRun(paths, 'deploy')?.filter(({ event }) => event === 'log')).toMatchObject([
      { step: 'cilium', region: 'region-athens', text: '$ helm upgrade\n# exit 0\n' },
    ]);
  });

  it('WHEN they said much THEN it has the end, in whole lines', () => {
    const record = new RunRecord(paths, 'deploy', []);
    record.add(started('connect'));
    say(`${'x'.repeat(99)}\n`.repeat(100), 'connect');
    record.add(done('connect'));

    const text =
      readNewestRun(paths, 'deploy')
        ?.flatMap((each) => (each.event === 'log' ? [each.text] : []))
        .join('') ?? '';
    expect(text).toMatch(/^(x{99}\n){59}$/);
  });

  it('WHEN nothing was done but to look THEN none is kept, AND none of those before goes', () => {
    for (let time = 1; time <= 5; time++) new RunRecord(paths, 'deploy', [], () => time * 1000).add(started('network'));
    const record = new RunRecord(paths, 'deploy', []);
    record.add(started('verify'));
    record.add(done('verify'));

    expect(readdirSync(paths.runs)).toHaveLength(5);
    expect(readNewestRun(paths, 'deploy')?.[0]?.time).toBe(5000);
  });

  it('THEN five are kept of each command, AND the newest is read', () => {
    for (let time = 1; time <= 7; time++) {
      const record = new RunRecord(paths, 'deploy', [], () => time * 1000);
      record.add(started('network'));
    }
    new RunRecord(paths, 'resume', []).add(started('start'));

    expect(readdirSync(paths.runs).filter((name) => name.endsWith('-deploy.jsonl'))).toHaveLength(5);
    expect(readNewestRun(paths, 'deploy')?.[0]?.time).toBe(7000);
  });

  it('WHEN it cannot be written THEN the run goes on', () => {
    mkdirSync(dirname(paths.runs), { recursive: true });
    writeFileSync(paths.runs, 'a file\n');

    const record = new RunRecord(paths, 'deploy', []);
    record.add(started('network'));

    expect(readNewestRun(paths, 'deploy')).toBeUndefined();
  });

  it('WHEN the run was killed while it wrote THEN the whole lines are read', () => {
    expect(readRecord('{"time":1,"event":"planned","steps":[]}\n{"time":2,"event":"step-st')).toEqual([
      { time: 1, event: 'planned', steps: [] },
    ]);
    expect(readRecord('null\n7\n"text"\n\n')).toEqual([]);
  });
});
