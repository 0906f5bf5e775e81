import { describe, expect, it } from 'vitest';
import { runOf } from '../../../scripts/failover/try-fault.ts';
import type { Request } from '../../../scripts/failover/requests.ts';

const marks = { from: 0, fault: { begin: 200, end: 210 }, repair: { begin: 400, end: 410 }, until: 600 };
const requests = (failing = -1): Request[] =>
  Array.from({ length: 30 }, (_, k) => ({
    ...{ due: k * 20, sent: k * 20, done: k * 20 + 1 },
    ...(k === failing ? { outcome: 'refused' as const } : { outcome: 'ok' as const, region: 'a', pod: 'p' }),
  }));
const run = (...series: { client: string; requests: Request[]; isWhole: boolean }[]) =>
  runOf({ marks, series, began: -100, read: 700 }, { every: 20, timeout: 100, settled: 3 });

describe('a run', () => {
  it('GIVEN clients that failed in the fault alone THEN it counts', () => {
    expect(run({ client: 'a', requests: requests(15), isWhole: true })).toMatchObject({
      clients: [{ client: 'a', failed: { refused: 1 }, baseline: { sent: 10, failed: 0 } }],
    });
    expect(run({ client: 'a', requests: requests(15), isWhole: true })).not.toHaveProperty('void');
  });

  it('GIVEN one that failed before the fault, sent nothing, or was cut off THEN it is void, with the reason', () => {
    const good = { client: 'good', requests: requests(), isWhole: true };

    expect(run(good, { client: 'a', requests: requests(5), isWhole: true }).void).toBe(
      'requests failed without a fault, as where the machine is too busy for --rate: a',
    );
    expect(
      run(good, { client: 'b', requests: [], isWhole: true }, { client: 'c', requests: [], isWhole: false }).void,
    ).toBe('not all that was sent is known: c; too little is known, without a fault or since it: b');
  });

  it('GIVEN a baseline of which too little is known THEN it is void, with the reason', () => {
    const still = requests().map((each) =>
      each.due < 160 ? { ...each, sent: each.due + 150, done: each.due + 151 } : each,
    );

    expect(run({ client: 'a', requests: still, isWhole: true }).void).toBe(
      'too little is known, without a fault or since it: a',
    );
  });

  it('GIVEN one that sent less than it should, or whose clock is ahead THEN it is void, with the reason', () => {
    const all = requests();
    const few = all.filter((_, k) => k % 4 !== 3);
    const ahead = [...all, { ...all[0], due: 701 } as Request];
    const behind = [{ ...all[0], due: -101 } as Request, ...all];

    expect(run({ client: 'a', requests: few, isWhole: true }, { client: 'b', requests: all, isWhole: true }).void).toBe(
      'not all that was to be sent was: a 23 of 30',
    );
    expect(run({ client: 'a', requests: ahead, isWhole: true }).void).toBe('the clock is not that of this machine: a');
    expect(run({ client: 'a', requests: behind, isWhole: true }).void).toBe('the clock is not that of this machine: a');
    // the first and the last may be on either side of a mark
    expect(run({ client: 'a', requests: all.slice(1), isWhole: true })).not.toHaveProperty('void');
  });
});
