import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Bar, barsOf, lanesOf } from '../../../scripts/report/timeline.ts';
import { failedDeploy } from './sample.ts';

const bar = (from: number, to: number): Bar => ({
  ...{ id: 'a/b', step: 'b', region: 'a', from, to, outcome: 'done', isCritical: false, reason: '' },
  ...{ result: undefined, failure: undefined, log: undefined },
});

describe('the steps of a run', () => {
  it('THEN each is as it was: done, failed, or cut off with the run', () => {
    expect(
      barsOf(failedDeploy).map(({ id, from, to, outcome, isCritical }) => [id, from, to, outcome, isCritical]),
    ).toEqual([
      ['region-athens/cluster', 0, 30, 'done', false],
      ['region-hurup/cluster', 1, 34, 'done', true],
      ['region-kyoto/cluster', 2, 38, 'done', false],
      ['region-athens/cilium', 31, 70, 'done', false],
      ['region-hurup/cilium', 35, 60, 'failed', true],
      ['region-kyoto/cilium', 39, 70, 'cut off', false],
    ]);
  });

  it('GIVEN a step that a second plan ran again THEN each try is told for itself, with what its programs said', () => {
    const place = { time: 1, step: 'cilium', region: 'a' } as const;
    const failure = { reason: 'exit code 1', lastLines: ['no'], remedy: 'again' };
    const bars = barsOf([
      { ...place, event: 'step-started', at: 0, reason: 'not installed' },
      { ...place, event: 'step-again', at: 60, seconds: 60, failure },
      { ...place, event: 'log', text: 'the first' },
      { ...place, event: 'step-started', at: 70, reason: 'it is failed' },
      { ...place, event: 'step-done', at: 100, seconds: 30 },
      { ...place, event: 'log', text: 'the second' },
    ]);

    expect(bars).toMatchObject([
      {
        id: 'a/cilium-try-1',
        from: 0,
        to: 60,
        outcome: 'tried again',
        reason: 'not installed',
        failure,
        log: 'the first',
      },
      {
        id: 'a/cilium',
        from: 70,
        to: 100,
        outcome: 'done',
        reason: 'it is failed',
        failure: undefined,
        log: 'the second',
      },
    ]);
  });

  it('THEN what its programs said stands with it', () => {
    expect(barsOf(failedDeploy)[0]).toMatchObject({ log: '$ kind create cluster --name region-athens\n# exit 0\n' });
  });
});

describe('lanes', () => {
  const spans = fc.array(fc.tuple(fc.nat(100), fc.nat(20)).map(([from, length]) => bar(from, from + length)));

  it('GIVEN any bars THEN each is in one lane, and none overlaps another of its lane', () => {
    fc.assert(
      fc.property(spans, (bars) => {
        const lanes = lanesOf(bars);
        expect(lanes.flat()).toHaveLength(bars.length);
        for (const lane of lanes)
          lane.slice(1).forEach(({ from }, index) => {
            expect(from).toBeGreaterThanOrEqual(lane[index]?.to ?? 0);
          });
      }),
    );
  });

  it('GIVEN any bars THEN there are no more lanes than bars that overlap at one instant', () => {
    fc.assert(
      fc.property(spans, (bars) => {
        const most = Math.max(0, ...bars.map(({ from }) => bars.filter((o) => o.from <= from && from < o.to).length));
        expect(lanesOf(bars.filter(({ from, to }) => to > from)).length).toBeLessThanOrEqual(most);
      }),
    );
  });
});
