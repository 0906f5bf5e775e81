import { Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LiveReporter } from '../../../../scripts/events/reporters/live.ts';
import { plain, started } from './events.ts';

/** A terminal 70 columns wide that keeps what is written to it. */
function terminal(): { stream: NodeJS.WriteStream; take: () => string } {
  let text = '';
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  return {
    stream: Object.assign(stream, { isTTY: true, columns: 70, rows: 30 }) as unknown as NodeJS.WriteStream,
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

describe('progress on a terminal', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('GIVEN a step at work WHEN time passes THEN region, step, how long, and first what it does', () => {
    const { stream, take } = terminal();
    const reporter = new LiveReporter(stream, plain, (path) => path, titles);
    reporter.report(started);

    reporter.report(start);
    vi.advanceTimersByTime(2400);
    const rows = take().trimEnd().split('\n');
    reporter.close();

    expect(rows.at(-1)).toBe('⠋      region-athens  cluster   2.4 s      create the kind cluster');
  });

  it('GIVEN lines of its tool WHEN drawn THEN the last one, cut to the width of the terminal', () => {
    const { stream, take } = terminal();
    const reporter = new LiveReporter(stream, plain, (path) => path, titles);
    reporter.report(started);

    reporter.report(start);
    reporter.report({ event: 'step-progress', at: 1, ...athens, line: 'older' });
    reporter.report({
      event: 'step-progress',
      at: 1,
      ...athens,
      line: '  • Ensuring node image (kindest/node:v1.27.3)',
    });
    vi.advanceTimersByTime(120);
    const last = take().trimEnd().split('\n').at(-1) ?? '';
    reporter.close();

    expect(last).toBe('⠙      region-athens  cluster   0.1 s      • Ensuring node image (kin');
    expect(last.length).toBeLessThan(70);
  });

  it('GIVEN two regions WHEN one is done THEN its line stays, and the other is drawn below it', () => {
    const { stream, take } = terminal();
    const reporter = new LiveReporter(stream, plain, (path) => path, titles);
    reporter.report(started);
    reporter.report(start);
    reporter.report({ ...start, region: 'region-hurup' });
    vi.advanceTimersByTime(120);
    const both = take();

    reporter.report({ event: 'step-done', at: 41, ...athens, seconds: 41 });
    const after = take();
    reporter.close();

    expect(both).toContain('region-athens  cluster   0.1 s');
    expect(both).toContain('region-hurup   cluster   0.1 s');
    expect(after.trimEnd().split('\n')).toEqual([
      '00:41  region-athens  cluster   ✓ 41 s',
      '⠙      region-hurup   cluster   0.1 s      create the kind cluster',
    ]);
  });

  it('GIVEN a plan WHEN steps end THEN how many of those to run are done', () => {
    const { stream, take } = terminal();
    const reporter = new LiveReporter(stream, plain, (path) => path, titles);
    const steps = (['region-athens', 'region-hurup'] as const).map((region) => ({ step: 'cluster', region }));
    reporter.report(started);
    reporter.report({
      event: 'planned',
      steps: [
        { step: 'network', action: 'skip', reason: 'there' },
        ...steps.map((each) => ({ ...each, action: 'run' as const, reason: 'not there' })),
      ],
    });
    for (const each of steps) reporter.report({ ...start, ...each });
    vi.advanceTimersByTime(120);
    const before = take().trimEnd().split('\n').at(-1);
    reporter.report({ event: 'step-done', at: 41, ...athens, seconds: 41 });
    const after = take().trimEnd().split('\n').at(-1);
    reporter.close();

    expect([before, after]).toEqual(['       0 of 2 steps', '       1 of 2 steps']);
  });

  it('GIVEN a reporter that is closed WHEN time passes THEN nothing more is drawn', () => {
    const { stream, take } = terminal();
    const reporter = new LiveReporter(stream, plain, (path) => path, titles);
    reporter.report(started);
    reporter.report(start);

    reporter.close();
    take();
    vi.advanceTimersByTime(5000);

    expect(take()).toBe('');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('GIVEN progress of a step that is over WHEN reported THEN nothing is drawn for it', () => {
    const { stream, take } = terminal();
    const reporter = new LiveReporter(stream, plain, (path) => path, titles);
    reporter.report(started);

    reporter.report({ event: 'step-progress', at: 1, ...athens, line: 'late' });
    vi.advanceTimersByTime(240);
    reporter.close();

    expect(take()).not.toContain('late');
  });
});
