import { describe, expect, it } from 'vitest';
import { criticalPath } from '../../../scripts/run/critical-path.ts';
import type { Timing } from '../../../scripts/events/events.ts';

const timing = (id: string, from: number, to: number): Timing => ({ id, step: id, from, to });
const after = new Map([
  ['network', []],
  ['athens/cluster', ['network']],
  ['hurup/cluster', ['network']],
  ['athens/cilium', ['athens/cluster']],
  ['hurup/cilium', ['hurup/cluster']],
  ['connect', ['athens/cilium', 'hurup/cilium']],
]);

describe('the steps that bound a deployment', () => {
  it('GIVEN a region that is slower WHEN asked THEN its steps, from first to last', () => {
    const timings = [
      timing('network', 0, 1),
      timing('athens/cluster', 1, 40),
      timing('hurup/cluster', 1, 50),
      timing('athens/cilium', 40, 60),
      timing('hurup/cilium', 50, 61),
      timing('connect', 61, 80),
    ];

    expect(criticalPath(timings, after)).toEqual(['network', 'hurup/cluster', 'hurup/cilium', 'connect']);
  });

  it('GIVEN steps that wait for each other, which no plan has, WHEN asked THEN it ends all the same', () => {
    const round = new Map([
      ['a', ['b']],
      ['b', ['a']],
    ]);

    expect(criticalPath([timing('a', 0, 1), timing('b', 1, 2)], round)).toEqual(['a', 'b']);
  });

  it('GIVEN steps that were skipped WHEN asked THEN they are looked through', () => {
    const timings = [timing('network', 0, 1), timing('athens/cilium', 1, 20), timing('connect', 20, 30)];

    expect(criticalPath(timings, after)).toEqual(['network', 'athens/cilium', 'connect']);
  });

  it.each([
    { hurup: 15, path: ['athens/cluster', 'athens/cilium', 'connect'] },
    { hurup: 19, path: ['hurup/cluster', 'athens/cilium', 'connect'] },
  ])(
    'GIVEN a step that needs one until second 18, and another until its end at $hurup WHEN asked THEN $path',
    ({ hurup, path }) => {
      const timings = [
        timing('athens/cluster', 1, 40),
        timing('hurup/cluster', 1, hurup),
        timing('athens/cilium', 20, 45),
        timing('connect', 45, 60),
      ];
      const needs = new Map([...after, ['athens/cilium', ['athens/cluster', 'hurup/cluster']]]);

      expect(criticalPath(timings, needs, ({ id, to }) => (id === 'athens/cluster' ? 18 : to))).toEqual(path);
    },
  );

  it('GIVEN a deployment that failed half-way WHEN asked THEN the path to its last step', () => {
    const timings = [timing('network', 0, 1), timing('athens/cluster', 1, 40)];

    expect(criticalPath(timings, after)).toEqual(['network', 'athens/cluster']);
  });

  it('GIVEN nothing that ran WHEN asked THEN no path', () => {
    expect(criticalPath([], after)).toEqual([]);
  });
});
