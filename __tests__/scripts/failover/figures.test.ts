import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Marks, Outcome } from '../../../scripts/events/failover-event.ts';
import { bucketsOf, figuresInAll, figuresOf } from '../../../scripts/failover/figures.ts';
import type { Request } from '../../../scripts/failover/requests.ts';

const EVERY = 20;
const SETTLED = 6;

/** A baseline of 2 s, a fault at 2 s that took 100 ms to bring about, a repair at 8 s, the end at 12 s. */
const marks: Marks = {
  from: 0,
  fault: { begin: 2000, end: 2100 },
  repair: { begin: 8000, end: 8100 },
  until: 12_000,
};

const regions = ['region-athens', 'region-hurup'];

/** A request each 20 ms, answered in turn by two regions after 3 ms, but for what is said of it. */
const stream = (of: (due: number, k: number) => Partial<Request> | undefined = () => undefined): Request[] =>
  Array.from({ length: 650 }, (_, k): Request => {
    const due = k * EVERY - 1000;
    const answered = { due, sent: due, done: due + 3, outcome: 'ok', region: regions[k % 2] ?? '', pod: 'p' } as const;
    return { ...answered, ...of(due, k) };
  });

const failing = (outcome: Outcome, ms: number, due: number) => ({ outcome, done: due + ms });
const figures = (requests: readonly Request[]) =>
  figuresOf(requests, marks, { every: EVERY, timeout: 1000, settled: SETTLED });

describe('figures of a run', () => {
  it('GIVEN no fault at all THEN nothing failed, there is no gap, and it is steady at once', () => {
    expect(figures(stream())).toMatchObject({
      sent: 500,
      answered: 500,
      failed: {},
      baseline: { sent: 100, failed: 0 },
      longestGap: 0,
      steady: 0,
      balance: 23,
      answers: { before: { 'region-athens': 50, 'region-hurup': 50 } },
      latency: { before: { count: 100, p50: 3, p999: 3, max: 3 } },
      unknown: 0,
      lag: 0,
      overloaded: [],
    });
  });

  it('GIVEN a region whose requests time out until nobody asks it any more THEN the gap is short, AND steady is when the last had failed', () => {
    const run = figures(
      stream((due, k) => {
        if (due < 2000 || due >= 8500) return undefined;
        if (due >= 5000) return { region: 'region-athens' };
        return k % 2 === 1 ? failing('timeout', 1000, due) : undefined;
      }),
    );

    expect(run).toMatchObject({ firstFailure: 20, longestGap: 20, steady: 3000, failed: { timeout: 75 } });
    // the other region answers again from 8500 on, which is 400 ms after the repair had ended, and takes 3 ms
    expect(run).toMatchObject({ balance: 403, answers: { after: { 'region-athens': 112, 'region-hurup': 88 } } });
  });

  it('GIVEN a region that answers first THEN regions are told in the order of their names all the same', () => {
    const { answers } = figures(stream((_, k) => ({ region: k % 2 === 0 ? 'region-hurup' : 'region-athens' })));

    expect(Object.keys(answers.before)).toEqual(['region-athens', 'region-hurup']);
  });

  it('GIVEN what fails until it is repaired THEN it was never steady before', () => {
    const run = figures(stream((due) => (due >= 3000 && due < 8060 ? failing('refused', 1, due) : undefined)));

    expect(run).toMatchObject({ firstFailure: 1000, longestGap: 5060, balance: 23 });
    expect(run).not.toHaveProperty('steady');
    expect(run.unsteady).toBe('failing until the repair');
  });

  it('GIVEN fewer answers in a row than is no luck THEN it was never steady', () => {
    const run = figures(stream((due) => (due >= 3000 && due < 7900 ? failing('reset', 1, due) : undefined)));

    expect(run.steady).toBe(undefined);
    expect(run.unsteady).toBe('failing until the repair');
  });

  it('GIVEN servers that are frozen, whose last requests are answered by the repair THEN these are no answers of the fault', () => {
    const run = figures(
      stream((due, k) => {
        if (due < 2000 || due >= 8000 || k % 2 === 0) return undefined;
        return due < 7100 ? failing('timeout', 1000, due) : { done: 8050 };
      }),
    );

    expect(run.steady).toBe(undefined);
    expect(run).toMatchObject({ unsteady: 'failing until the repair', failed: { timeout: 127 } });
  });

  it('GIVEN a slow service, and requests that are under way when the repair begins THEN it is steady all the same', () => {
    const run = figures(
      stream((due) => (due >= 2000 && due < 4000 ? failing('refused', 1, due) : { done: due + 400 })),
    );

    expect(run.steady).toBe(2000);
  });

  it('GIVEN a fault that is undone before enough is asked THEN nobody knows', () => {
    const short = { ...marks, repair: { begin: 3100, end: 3200 } };
    const reading = { every: EVERY, timeout: 1000, settled: SETTLED };

    expect(figuresOf(stream(), short, reading).unsteady).toBe('too few requests');
    expect(figuresOf(stream(), { ...marks, repair: { begin: 3200, end: 3300 } }, reading).steady).toBe(0);
  });

  it('GIVEN what fails now and then to the end THEN the last answers are no balance: they are luck', () => {
    const flapping = (until: number) =>
      figures(stream((due, k) => (due >= 2000 && due < until && k % 5 === 0 ? failing('refused', 1, due) : undefined)));

    expect(flapping(12_000)).not.toHaveProperty('balance');
    expect(flapping(11_800).balance).toBeGreaterThan(3600);
  });

  it('GIVEN one that was under way when the fault began THEN it is of the fault, and not of the baseline', () => {
    const run = figures(stream((due) => (due === 1980 ? failing('reset', 40, due) : undefined)));

    expect(run).toMatchObject({ baseline: { sent: 99, failed: 0 }, failed: { reset: 1 }, firstFailure: 0 });
  });

  it('GIVEN a failure in the baseline THEN it is told', () => {
    const run = figures(stream((due) => (due === 500 ? failing('refused', 1, due) : undefined)));

    expect(run.baseline).toEqual({ sent: 100, failed: 1 });
  });

  it('GIVEN a gap that is not over THEN it ends with the measurement, AND there is no balance', () => {
    const run = figures(stream((due) => (due >= 9000 ? failing('unreachable', 1, due) : undefined)));

    expect(run.longestGap).toBe(2997);
    expect(run).not.toHaveProperty('balance');
  });

  it('GIVEN a client that was late itself THEN it says so, and when', () => {
    const run = figures(stream((due) => (due === 5040 ? { sent: 5075, done: 5080 } : undefined)));

    expect(run).toMatchObject({
      lag: 35,
      overloaded: [50],
      latency: { during: { max: expect.closeTo(40, 0) as number } },
    });
  });

  it('GIVEN a client that stood still, as one that is frozen with its region THEN nothing is known of what was due then, AND no gap is told of it', () => {
    const frozen = (due: number) => due >= 2000 && due < 6000;
    const run = figures(stream((due) => (frozen(due) ? { sent: 6010, done: 6015 } : undefined)));

    // what was due in the last second before it went on is late, and tells of the service
    expect(run).toMatchObject({ unknown: 151, sent: 349, answered: 349, longestGap: 0, lag: 1000 - 10 });
  });

  it('GIVEN one that stood still right after a failure THEN the gap ends where nothing is known any more', () => {
    const frozen = (due: number) => due >= 2040 && due < 7500;
    const run = figures(
      stream((due) => {
        if (frozen(due)) return { sent: 7500, done: 7505 };
        return due === 2020 ? failing('timeout', 1000, due) : undefined;
      }),
    );

    expect(run).toMatchObject({ longestGap: 17, failed: { timeout: 1 }, unknown: 223 });
  });

  it.each([19, 21])('GIVEN a client that is %i ms late itself, and an outage THEN all of it is the gap', (late) => {
    const isOut = (due: number): boolean => due >= 3000 && due < 6000;
    const run = figures(
      stream((due) => (isOut(due) ? { ...failing('timeout', late + 1000, due), sent: due + late } : { sent: due + 1 })),
    );

    expect(run).toMatchObject({ failed: { timeout: 150 }, longestGap: 3000 });
  });

  it.each([300, 900, 1100])(
    'GIVEN a client that stands still by itself for %i ms THEN that is no gap of the service',
    (ms) => {
      const to = 5000 + ms;
      const run = figures(stream((due) => (due >= 5000 && due < to ? { sent: to, done: to + 3 } : undefined)));

      expect(run).toMatchObject({ failed: {}, longestGap: 0 });
    },
  );

  it('GIVEN one that stands still while requests are under way THEN what its own timers give up late tells nothing of the service', () => {
    const isUnderWay = (due: number): boolean => due >= 4900 && due < 5000;
    const run = figures(
      stream((due) => {
        if (isUnderWay(due)) return failing('timeout', 4100, due);
        return due >= 5000 && due < 9000 ? { sent: 9000, done: 9003 } : undefined;
      }),
    );

    expect(run).toMatchObject({ failed: {}, unknown: 5 + 150, longestGap: 0 });
    expect(run).not.toHaveProperty('firstFailure');
  });

  it('GIVEN that nothing fails, and a client that stands still once THEN when it was steady is a bound', () => {
    const run = figures(stream((due) => (due >= 4000 && due < 5200 ? { sent: 5200, done: 5203 } : undefined)));

    expect(run).toMatchObject({ failed: {}, steady: 2200, atMost: true });
  });

  it('GIVEN a request that is a little late when the repair begins THEN that does not hide when it was steady', () => {
    const run = figures(stream((due) => (due === 7980 ? { sent: 8005, done: 8008 } : undefined)));

    expect(run.steady).toBe(0);
  });

  it('GIVEN too few requests after the repair THEN nobody knows of a balance', () => {
    const short = { ...marks, until: 8200 };

    expect(figuresOf(stream(), short, { every: EVERY, timeout: 1000, settled: SETTLED })).toMatchObject({
      unbalanced: 'too few requests',
    });
  });

  it('GIVEN several clients THEN all are one: sums, and of times those of who was worst off', () => {
    const [one, other] = [
      stream(),
      stream((due) => (due >= 3000 && due < 4000 ? failing('refused', 1, due) : undefined)),
    ];
    const reading = { every: EVERY, timeout: 1000, settled: SETTLED };

    const all = figuresInAll([figures(one), figures(other)], [...one, ...other], marks, reading);

    expect(all).toMatchObject({
      ...{ sent: 1000, answered: 950, failed: { refused: 50 }, firstFailure: 1000, steady: 2000, balance: 23 },
      latency: { before: { count: 200 } },
    });
    expect(all.longestGap).toBe(figures(other).longestGap);
    const never = figures(stream((due) => (due >= 3000 ? failing('refused', 1, due) : undefined)));
    expect(figuresInAll([never, figures(one)], one, marks, reading)).toMatchObject({
      ...{ unsteady: 'failing until the repair', unbalanced: 'never' },
    });
  });

  it('GIVEN a measurement of hours THEN it has figures too', () => {
    const count = 300_000;
    const long = Array.from({ length: count }, (_, k): Request => {
      const due = k * EVERY;
      return { due, sent: due, done: due + 3, outcome: 'ok', region: 'a', pod: 'p' };
    });
    const until = count * EVERY;
    const fault = { begin: 2000, end: 2100 };

    const run = figuresOf(
      long,
      { from: 0, fault, repair: { begin: until - 2000, end: until - 1900 }, until },
      { every: EVERY, timeout: 1000, settled: SETTLED },
    );

    expect(run).toMatchObject({ failed: {}, longestGap: 0 });
  });

  it('GIVEN that nothing fails, and a fault between two requests THEN it is steady at once, and not with the next request', () => {
    const run = figuresOf(
      stream(),
      { ...marks, fault: { begin: 2007, end: 2100 } },
      { every: EVERY, timeout: 1000, settled: SETTLED },
    );

    expect(run.steady).toBe(0);
  });

  it('GIVEN answers that all come late THEN the time without any is a gap, though nothing failed', () => {
    const run = figures(stream((due) => (due >= 3000 && due < 3900 ? { done: 3900 + due / 1000 } : undefined)));

    expect(run).toMatchObject({ failed: {}, longestGap: expect.closeTo(900, 0) as number });
  });

  it('GIVEN a client that is frozen with its region until the repair THEN it is not known when that was steady', () => {
    const frozen = (due: number) => due >= 2150 && due < 8050;
    const run = figures(stream((due) => (frozen(due) ? { sent: 8050, done: 8055 } : undefined)));

    expect(run).not.toHaveProperty('steady');
    expect(run.unsteady).toBe('stood still');
    expect(run).toMatchObject({ failed: {}, longestGap: 0, latency: { during: { max: 3 } } });
  });

  it('GIVEN regions whose names all objects know THEN they are counted as any other', () => {
    const { answers } = figures(stream(() => ({ region: 'constructor' })));

    expect(answers.before).toEqual({ constructor: 100 });
  });

  it('GIVEN any gap THEN the reported one is the true one, within the resolution', () => {
    const gaps = fc
      .tuple(fc.double({ min: 2000, max: 5900, noNaN: true }), fc.double({ min: 0, max: 900, noNaN: true }))
      .map(([from, length]) => ({ from, to: from + length }));
    fc.assert(
      fc.property(gaps, ({ from, to }) => {
        const { longestGap, firstFailure, steady, failed } = figures(
          stream((due) => (due >= from && due < to ? failing('refused', 1, due) : undefined)),
        );

        expect(Math.abs(longestGap - (to - from))).toBeLessThanOrEqual(EVERY);
        if (failed.refused === undefined) expect([longestGap, firstFailure, steady]).toEqual([0, undefined, 0]);
        else {
          expect(Math.abs((firstFailure ?? NaN) - (from - 2000))).toBeLessThanOrEqual(EVERY);
          expect(Math.abs((steady ?? NaN) - (to - 2000))).toBeLessThanOrEqual(EVERY);
        }
      }),
    );
  });

  it('GIVEN any outcomes THEN all that was sent is answered or has failed, and every answer is counted once', () => {
    const outcome = fc.constantFrom<Outcome>('ok', 'refused', 'reset', 'timeout', 'unreachable', 'other');
    fc.assert(
      fc.property(fc.array(outcome, { minLength: 650, maxLength: 650 }), (all) => {
        const { sent, answered, failed, answers, baseline } = figures(stream((_, k) => ({ outcome: all[k] ?? 'ok' })));
        const sum = (counts: Readonly<Partial<Record<string, number>>>): number =>
          Object.values(counts).reduce<number>((total, count = 0) => total + count, 0);

        expect(answered + sum(failed)).toBe(sent);
        expect(sum(answers.before)).toBe(baseline.sent - baseline.failed);
        expect(sum(answers.during) + sum(answers.after)).toBe(answered);
      }),
      { numRuns: 20 },
    );
  });
});

describe('answers in every tenth of a second', () => {
  it('GIVEN two regions in turn, one of which fails from the fourth second on THEN they are counted by region', () => {
    const buckets = bucketsOf(
      stream((due, k) => {
        if (due === 6000) return { sent: 6030 };
        return due >= 4000 && k % 2 === 1 ? failing('refused', 1, due) : undefined;
      }),
      marks,
      { every: EVERY, timeout: 1000 },
    );

    expect(buckets).toHaveLength(120);
    expect(
      [buckets[0], buckets[39], buckets[40]].map((each) => [each?.at, [...(each?.answers ?? [])], each?.failed]),
    ).toEqual([
      [
        0,
        [
          ['region-athens', 3],
          ['region-hurup', 2],
        ],
        0,
      ],
      [
        3900,
        [
          ['region-athens', 2],
          ['region-hurup', 3],
        ],
        0,
      ],
      [4000, [['region-athens', 3]], 2],
    ]);
    expect([buckets[59]?.lag, buckets[60]?.lag]).toEqual([0, 30]);
  });

  it('GIVEN a client that stood still THEN what is not known is counted apart', () => {
    const buckets = bucketsOf(
      stream((due) => (due >= 3000 && due < 6000 ? { sent: 6005, done: 6010 } : undefined)),
      marks,
      { every: EVERY, timeout: 1000 },
    );

    expect([buckets[29]?.unknown, buckets[30]?.unknown, buckets[49]?.unknown, buckets[51]?.unknown]).toEqual([
      0, 5, 5, 0,
    ]);
    expect(buckets[30]?.answers.size).toBe(0);
  });
});
