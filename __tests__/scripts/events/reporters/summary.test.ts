import { describe, expect, it } from 'vitest';
import { summaryLines } from '../../../../scripts/events/reporters/summary.ts';
import type { FinishedEvent } from '../../../../scripts/events/events.ts';
import { finished, plain } from './events.ts';

const regions = ['region-athens', 'region-hurup'];
const told = (event: FinishedEvent): string[] => summaryLines(event, regions, plain);

describe('the end of a deployment', () => {
  it('GIVEN two regions WHEN done THEN a column each, the critical path marked and told', () => {
    expect(told(finished)).toEqual([
      '',
      '         lab           region-athens  region-hurup',
      'network  0.4 s *',
      'cluster                40 s           51 s *',
      'cilium                 3.0 s          3.0 s *',
      'connect  1 min 20 s *',
      '',
      '* on the critical path: network → region-hurup: cluster, cilium → connect',
      '',
      'done in 4 min 40 s: 6 steps run, 2 skipped',
    ]);
  });

  it('GIVEN steps of the lab alone at the end, and a region that began later WHEN done THEN still the lab first, regions as in lab.yaml', () => {
    const timings = finished.timings.slice(2).toReversed();

    expect(told({ ...finished, timings }).at(1)).toBe('         lab           region-athens  region-hurup');
  });

  it('GIVEN a terminal WHEN the critical path is longer than it is wide THEN folded between words', () => {
    const lines = summaryLines(finished, regions, plain, 50);

    expect(lines.slice(7, 9)).toEqual([
      '* on the critical path: network → region-hurup:',
      '  cluster, cilium → connect',
    ]);
  });

  it('GIVEN nine regions WHEN done THEN the slowest of each step stands for all', () => {
    const timings = Array.from({ length: 9 }, (_, index) => ({
      id: `r${index}/cluster`,
      step: 'cluster',
      region: `r${index}`,
      from: 0,
      to: 40 + ((index * 4) % 9),
    }));
    const connect = { id: 'connect', step: 'connect', from: 48, to: 60 };
    const event = {
      ...finished,
      at: 60,
      ran: 10,
      timings: [...timings, connect],
      criticalPath: ['r2/cluster', 'connect'],
    };

    expect(told(event)).toEqual([
      '',
      'cluster  48 s *  r2   slowest of 9',
      'connect  12 s *  lab  slowest of 1',
      '',
      '* on the critical path: r2: cluster → connect',
      '',
      'done in 1 min 0 s: 10 steps run, 2 skipped',
    ]);
  });

  it('GIVEN six places WHEN done THEN still a column each; with a seventh no more', () => {
    const places = (count: number) =>
      Array.from({ length: count }, (_, index) => ({
        id: `r${index}/pool`,
        step: 'pool',
        region: `r${index}`,
        from: 0,
        to: 1,
      }));
    const rows = (count: number) => {
      const timings = places(count);
      const names = timings.map(({ region }) => region);
      return summaryLines({ ...finished, timings }, names, plain).slice(1, 3);
    };

    expect(rows(6)).toEqual([
      '      r0     r1     r2     r3     r4     r5',
      'pool  1.0 s  1.0 s  1.0 s  1.0 s  1.0 s  1.0 s',
    ]);
    expect(rows(7)[0]).toBe('pool  1.0 s  r0  slowest of 7');
  });

  it.each([
    { given: 'five regions', names: Array.from({ length: 5 }, (_, index) => `region-of-some-${index}`), columns: 80 },
    { given: 'four names of 32 letters', names: ['a', 'b', 'c', 'd'].map((name) => name.repeat(32)), columns: 80 },
  ])('GIVEN $given WHEN the table is wider than the terminal THEN the slowest of each step', ({ names, columns }) => {
    const timings = names.map((region, index) => ({
      ...{ id: `${region}/cluster`, step: 'cluster', region, from: 0, to: 61 + index },
    }));
    const last = names.at(-1) ?? '';
    const event = { ...finished, timings, criticalPath: [`${last}/cluster`] };
    const width = (lines: readonly string[]): number => Math.max(...lines.map(({ length }) => length));
    const whole = summaryLines(event, names, plain);

    expect(width(whole.slice(1, 3))).toBeGreaterThan(columns);
    expect(summaryLines(event, names, plain, columns)[1]).toBe(
      `cluster  1 min ${names.length} s *  ${last}  slowest of ${names.length}`,
    );
    expect(summaryLines(event, names, plain, width(whole.slice(1, 3)))[2]).toBe(whole[2]);
  });

  it('GIVEN a terminal too narrow for that too WHEN done THEN without how many there were', () => {
    expect(summaryLines(finished, regions, plain, 38).slice(1, 5)).toEqual([
      'network  0.4 s *       lab',
      'cluster  51 s *        region-hurup',
      'cilium   3.0 s         region-athens',
      'connect  1 min 20 s *  lab',
    ]);
  });

  it('GIVEN a failure WHEN ended THEN it is not done, and what ended well is told', () => {
    const [network] = finished.timings;
    const event = {
      ...finished,
      at: 42,
      outcome: 'failed',
      ran: 1,
      timings: network ? [network] : [],
      criticalPath: ['network'],
    } as const;

    expect(told(event)).toEqual([
      '',
      '         lab',
      'network  0.4 s *',
      '',
      '* on the critical path: network',
      '',
      'not done in 42 s: 1 step run, 2 skipped',
    ]);
  });

  it('GIVEN no critical path, as when a lab is destroyed WHEN done THEN no table', () => {
    expect(told({ ...finished, criticalPath: [] })).toEqual(['', 'done in 4 min 40 s: 6 steps run, 2 skipped']);
  });

  it('GIVEN nothing that ran WHEN ended THEN nothing to tell', () => {
    expect(told({ ...finished, ran: 0, timings: [] })).toEqual([]);
  });
});
