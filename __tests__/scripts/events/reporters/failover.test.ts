import { describe, expect, it } from 'vitest';
import { failoverRows, shareText, shutText } from '../../../../scripts/events/reporters/failover.ts';
import type { FailoverEvent, FailoverRun, Figures } from '../../../../scripts/events/failover-event.ts';

const span = { begin: 0, end: 0 };
const figures: Figures = {
  ...{
    sent: 100,
    answered: 100,
    failed: {},
    baseline: { sent: 100, failed: 0 },
    longestGap: 0,
    steady: 0,
    balance: 100,
  },
  ...{ answers: { before: {}, during: {}, after: {} }, latency: {}, unknown: 0, lag: 0, overloaded: [] },
};
const without: Figures = (({ steady: _steady, balance: _balance, ...rest }) => rest)(figures);
const run = (own: Figures, ...others: Figures[]): FailoverRun => ({
  marks: { from: 0, fault: span, repair: span, until: 0 },
  clients: [own, ...others].map((each, index) => ({ ...each, client: `client-${index}` })),
  ...{ all: { ...own, sent: 100 * (others.length + 1) }, paths: 'open' },
});
const event = (runs: readonly FailoverRun[]): FailoverEvent => ({
  ...{
    event: 'failover',
    lab: 'lab',
    fault: 'cut',
    series: 'cut',
    title: 't',
    expect: 'e',
    resolution: 20,
    timeout: 1000,
  },
  ...{ keepalive: false, runs, limits: {}, broken: [] },
});
const rowsOf = (...runs: FailoverRun[]): string[][] => failoverRows(event(runs)).slice(1);

describe('the table of a failover', () => {
  it('GIVEN three runs THEN the median of all, also of those in which there was none', () => {
    const gaps = [0, 300, 500].map((longestGap) => run({ ...figures, longestGap }));

    expect(rowsOf(...gaps)[0]?.[4]).toBe('300 ms (– to 500 ms)');
    expect(rowsOf(run(figures))[0]?.[4]).toBe('–');
  });

  it('GIVEN runs of which most never came to that THEN so it says first', () => {
    const failing = run({ ...without, unsteady: 'failing until the repair', unbalanced: 'never' });

    expect(rowsOf(failing, failing, run({ ...figures, steady: 6000 }))[0]?.slice(5)).toEqual([
      '2 × not before the repair, 6.00 s',
      '2 × never, 100 ms',
    ]);
    expect(rowsOf(failing, run(figures), run(figures))[0]?.[5]).toBe('at once, 1 × not before the repair');
    expect(rowsOf(run({ ...figures, steady: 2200, atMost: true }))[0]?.[5]).toBe('at most 2.20 s');
  });

  it('GIVEN several clients THEN a row for all of them; GIVEN one THEN none', () => {
    expect(rowsOf(run(figures, figures)).map(([client, sent]) => [client, sent])).toEqual([
      ['client-0', '100'],
      ['client-1', '100'],
      ['all', '200'],
    ]);
    expect(rowsOf(run(figures))).toHaveLength(1);
  });

  it('GIVEN little THEN it is not told as nothing', () => {
    expect([shareText(1, 3500), shareText(0, 3500), shareText(35, 3500)]).toEqual(['< 0.1 %', '0.0 %', '1.0 %']);
  });
});

describe('paths between the regions afterwards', () => {
  it('GIVEN that nobody saw them open again THEN so it says', () => {
    expect(shutText([run(figures)])).toEqual([]);
    expect(shutText([{ ...run(figures), paths: 'not seen' }])).toEqual([
      '! nobody saw all paths between the regions open again after it',
    ]);
    expect(shutText([{ ...run(figures), paths: 'not seen' }, run(figures)])).toEqual([
      '! nobody saw all paths between the regions open again after 1 of 2 runs',
    ]);
  });
});
