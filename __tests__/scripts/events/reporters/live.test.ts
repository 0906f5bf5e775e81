import { Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { DriverEvent, PlannedLine } from '../../../../scripts/events/events.ts';
import { LiveReporter } from '../../../../scripts/events/reporters/live.ts';
import { failed, finished, plain, started } from './events.ts';

/** A terminal that keeps what is written to it. */
function terminal(columns = 70, rows = 30): { stream: NodeJS.WriteStream; take: () => string } {
  let text = '';
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  return {
    stream: Object.assign(stream, { isTTY: true, columns, rows }) as unknown as NodeJS.WriteStream,
    take: () => {
      const taken = stripVTControlCharacters(text);
      text = '';
      return taken;
    },
  };
}

const athens = { step: 'cluster', region: 'region-athens' };
const titles = new Map([['cluster', 'create the kind cluster']]);
const start = { event: 'step-started', at: 0, ...athens, reason: 'not there' } as const;

/** A terminal with a reporter that has told the start, and a look at the rows that are drawn last. */
function live(steps: readonly PlannedLine[] = [], ...size: Parameters<typeof terminal>) {
  const { stream, take } = terminal(...size);
  const reporter = new LiveReporter(stream, plain, (path) => path, titles);
  onTestFinished(() => {
    reporter.close();
  });
  reporter.report(started);
  if (steps.length > 0) reporter.report({ event: 'planned', steps });
  return {
    reporter,
    take,
    /** The last so many rows, once so many milliseconds have passed. */
    rows: (count: number, milliseconds = 120) => {
      vi.advanceTimersByTime(milliseconds);
      return take().trimEnd().split('\n').slice(-count);
    },
  };
}

const athensAndHurup = (['region-athens', 'region-hurup'] as const).map((region) => ({
  ...{ step: 'cluster', region, action: 'run' as const, reason: 'not there' },
}));
const says = (line: string, region = 'region-athens'): DriverEvent => ({
  ...{ event: 'step-progress', at: 1, step: 'cluster', region, line },
});

describe('progress on a terminal', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('GIVEN a start WHEN what exists is looked at THEN so it says at once, until there is a plan', () => {
    const { reporter, take, rows } = live();

    expect(take().trimEnd().split('\n')).toEqual([
      'clustermesh-lab: 2 regions, stack article',
      '⠋ 0 s  looking at the programs, dist/ and what exists',
    ]);
    reporter.report({ event: 'warning', message: 'mind the gap' });
    expect(rows(1, 2280)).toEqual(['⠏ 2 s  looking at the programs, dist/ and what exists']);
    reporter.report({ event: 'planned', steps: athensAndHurup });
    expect(take()).not.toContain('looking');
  });

  it('GIVEN a terminal that does not know its size, and says 0 WHEN drawn THEN as on one of 80 columns and 24 rows', () => {
    const { reporter, take, rows } = live(athensAndHurup, 0, 0);

    reporter.report(start);
    reporter.report({ ...start, region: 'region-hurup' });
    expect(rows(3)).toEqual([
      '⠙ 0 s  region-athens  cluster   create the kind cluster',
      '⠙ 0 s  region-hurup   cluster   create the kind cluster',
      '       0 of 2 steps, 0 s',
    ]);
    reporter.report(failed);
    reporter.report({ ...finished, outcome: 'failed', criticalPath: [] });
    expect(take()).toContain('  cause   a kind that was killed has left its lock\n');
  });

  const download = (what: string, percent: number, state: 'running' | 'done' = 'running') =>
    ({ event: 'download', what, url: `https://dl.example/${what}`, bytes: percent * 100_000, percent, state }) as const;

  it('GIVEN programs that come WHEN looked at THEN a row for each, and what has come stays', () => {
    const { reporter, take, rows } = live();
    reporter.report(download('kind v0.20.0', 0));
    reporter.report(download('kind v0.20.0', 41));
    reporter.report(download('helm v3.17.3', 0));

    expect(rows(3)).toEqual([
      '⠙ 0 s  looking at the programs, dist/ and what exists',
      '       kind v0.20.0  41 %, 4.1 MB',
      '       helm v3.17.3  https://dl.example/helm v3.17.3',
    ]);
    reporter.report(download('kind v0.20.0', 100, 'done'));
    expect(take().trimEnd().split('\n').slice(-3)).toEqual([
      'kind v0.20.0  ✓ 10.0 MB',
      '⠙ 0 s  looking at the programs, dist/ and what exists',
      '       helm v3.17.3  https://dl.example/helm v3.17.3',
    ]);
  });

  it('GIVEN nothing but downloads WHEN they come THEN a row for each', () => {
    const { stream, take } = terminal();
    const reporter = new LiveReporter(stream, plain, (path) => path);
    reporter.report(download('kind v0.20.0', 5));
    vi.advanceTimersByTime(120);
    reporter.close();

    expect(take().trimEnd().split('\n').at(-1)).toBe('⠙ kind v0.20.0  5 %, 0.5 MB');
  });

  it('GIVEN a long warning WHEN told THEN it is folded between words', () => {
    const { reporter, take } = live();
    take();
    reporter.report({
      event: 'warning',
      message: 'kind is v0.32.0, the stack has v0.20.0; pin yours under versions: in lab.yaml',
    });

    expect(take().split('\n').slice(0, 2)).toEqual([
      '! kind is v0.32.0, the stack has v0.20.0; pin yours under versions: in',
      '  lab.yaml',
    ]);
  });

  it('GIVEN a person who is asked WHEN time passes THEN nothing is drawn over the question, until the next event', () => {
    const { reporter, take } = live();

    reporter.pause();
    take();
    vi.advanceTimersByTime(5000);
    expect(take()).toBe('');
    reporter.report({ event: 'warning', message: 'lab.yaml now says 172.20.0.0/16' });
    expect(take()).toContain('looking');
  });

  it('GIVEN a step at work WHEN time passes THEN how long, region, step, and first what it does, not why', () => {
    const { reporter, rows } = live();

    reporter.report(start);

    expect(rows(1, 7440)).toEqual(['⠹ 7 s  region-athens  cluster   create the kind cluster']);
  });

  it.each([
    [59_999, '59 s '],
    [67_200, '1:07 '],
    [599_999, '9:59 '],
    [720_000, '12 m '],
  ])('GIVEN a step at work for %d ms WHEN drawn THEN %s', (milliseconds, shown) => {
    const { reporter, rows } = live();

    reporter.report(start);

    expect(rows(1, milliseconds)[0]?.slice(2, 7)).toBe(shown);
  });

  it('GIVEN lines of its tool WHEN drawn THEN the last one, without pictures, cut to the width of the terminal', () => {
    const { reporter, rows } = live();
    reporter.report(start);

    reporter.report(says('  • Ensuring node image (kindest/node:v1.27.3) 🖼  ...'));
    const [last = ''] = rows(1);

    expect(last).toBe('⠙ 0 s  region-athens  cluster   • Ensuring node image (kindest/node:…');
    expect(last.length).toBeLessThan(70);
  });

  it('GIVEN several lines of a tool WHEN there is room THEN the last of them, whole, below', () => {
    const { reporter, rows } = live();
    reporter.report(start);
    reporter.report({ ...start, region: 'region-hurup' });

    for (const line of ['one', 'two', 'two', 'three', 'four', 'five']) reporter.report(says(line));
    reporter.report(says('uno', 'region-hurup'));

    expect(rows(8)).toEqual([
      '⠙ 0 s  region-athens  cluster   five',
      '⠙ 0 s  region-hurup   cluster   uno',
      '',
      '       region-athens: cluster',
      '       │ two',
      '       │ three',
      '       │ four',
      '       │ five',
    ]);
  });

  it('GIVEN a step whose lines are shown WHEN another says more THEN it stays until its step ends', () => {
    const { reporter, rows } = live();
    reporter.report(start);
    reporter.report({ ...start, region: 'region-hurup' });
    for (const line of ['one', 'two']) reporter.report(says(line));
    vi.advanceTimersByTime(120);

    for (const line of ['uno', 'due', 'tre']) reporter.report(says(line, 'region-hurup'));
    expect(rows(3)).toEqual(['       region-athens: cluster', '       │ one', '       │ two']);
    reporter.report({ event: 'step-done', at: 41, ...athens, seconds: 41 });
    expect(rows(4)).toEqual(['       region-hurup: cluster', '       │ uno', '       │ due', '       │ tre']);
  });

  it('GIVEN two regions WHEN one is done THEN its line stays, and the other is drawn below it', () => {
    const { reporter, take } = live();
    reporter.report(start);
    reporter.report({ ...start, region: 'region-hurup' });
    vi.advanceTimersByTime(120);
    const both = take();

    reporter.report({ event: 'step-done', at: 41, ...athens, seconds: 41 });
    const after = take();

    expect(both).toContain('0 s  region-athens  cluster ');
    expect(both).toContain('0 s  region-hurup   cluster ');
    expect(after.trimEnd().split('\n')).toEqual([
      '00:41  region-athens  cluster   ✓ 41 s',
      '⠙ 0 s  region-hurup   cluster   create the kind cluster',
    ]);
  });

  it('GIVEN steps that start in any order WHEN drawn THEN the lab first, then each region in its place', () => {
    const { reporter, rows } = live();

    for (const region of ['region-hurup', 'region-athens']) reporter.report({ ...start, region });
    reporter.report({ event: 'step-started', at: 0, step: 'image', reason: 'not on every node' });

    expect(rows(3).map((row) => row.slice(7, 20).trim())).toEqual(['lab', 'region-athens', 'region-hurup']);
  });

  it('GIVEN more steps at work than rows WHEN drawn THEN those that fit, and how many more', () => {
    const { reporter, rows } = live();
    const regions = Array.from({ length: 40 }, (_, index) => `r${index}`);

    reporter.report({ ...started, regions } as DriverEvent);
    for (const region of regions) reporter.report({ ...start, region });
    const drawn = rows(26);

    expect(drawn.at(0)).toContain('r0 ');
    expect(drawn.at(-1)).toBe('       and 15 more');
  });

  it('GIVEN a plan WHEN steps end THEN how many of those to run are done, and since when', () => {
    const { reporter, rows } = live([{ step: 'network', action: 'skip', reason: 'there' }, ...athensAndHurup]);
    for (const { step, region } of athensAndHurup) reporter.report({ ...start, step, region });

    expect(rows(1)).toEqual(['       0 of 2 steps, 0 s']);
    vi.advanceTimersByTime(41_000);
    reporter.report({ event: 'step-done', at: 41, ...athens, seconds: 41 });
    expect(rows(1)).toEqual(['       1 of 2 steps, 41 s']);
    reporter.report({ ...failed, region: 'region-athens' });
    expect(rows(1)).toEqual(['       1 of 2 steps, 41 s; a step failed: what runs is awaited, noth…']);
  });

  it('GIVEN a reporter that is closed WHEN time passes THEN nothing more is drawn', () => {
    const { reporter, take } = live();
    reporter.report(start);

    reporter.close();
    take();
    vi.advanceTimersByTime(5000);

    expect(take()).toBe('');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('GIVEN progress of a step that is over WHEN reported THEN nothing is drawn for it', () => {
    const { reporter, take } = live();

    reporter.report(says('late'));
    vi.advanceTimersByTime(240);

    expect(take()).not.toContain('late');
  });
});
