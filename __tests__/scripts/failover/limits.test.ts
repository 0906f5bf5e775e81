import { describe, expect, it } from 'vitest';
import type { ClientFigures, FailoverRun } from '../../../scripts/events/failover-event.ts';
import { brokenLimits } from '../../../scripts/failover/limits.ts';

const span = { begin: 0, end: 0 };
const client = (name: string, longestGap: number, answered: number): ClientFigures => ({
  ...{ client: name, sent: 1000, answered, failed: {}, baseline: { sent: 9, failed: 0 }, longestGap },
  ...{ answers: { before: {}, during: {}, after: {} }, latency: {}, unknown: 0, lag: 0, overloaded: [] },
});
const run = (...clients: ClientFigures[]): FailoverRun => ({
  marks: { from: 0, fault: span, repair: span, until: 0 },
  ...{ clients, all: client('all', 0, 0), paths: 'open' },
});
const runs = [run(client('a', 2000, 1000)), run(client('a', 2000.4, 999), client('b', 0, 1000))];

describe('limits', () => {
  it('GIVEN what is just allowed THEN it is kept; GIVEN more THEN run, client and figure are named', () => {
    expect(brokenLimits(runs, { maxGap: 2001, maxFailed: 0.1 })).toEqual([]);
    expect(brokenLimits(runs, { maxGap: 1999, maxFailed: 0.09 })).toEqual([
      { run: 1, client: 'a', what: '2000 ms without an answer, more than 1999 ms' },
      { run: 2, client: 'a', what: '2000 ms without an answer, more than 1999 ms' },
      { run: 2, client: 'a', what: '0.10 % of the requests failed, more than 0.09 %' },
    ]);
  });

  it('GIVEN what is beyond a limit by little THEN it is told with as many decimals as show that', () => {
    expect(brokenLimits(runs, { maxGap: 2000, maxFailed: 0.0999 }).map(({ what }) => what)).toEqual([
      '2000.4 ms without an answer, more than 2000 ms',
      '0.10 % of the requests failed, more than 0.0999 %',
    ]);
  });

  it('GIVEN none THEN nothing is broken', () => {
    expect(brokenLimits(runs, {})).toEqual([]);
  });
});
