import { expect, it } from 'vitest';
import { seriesOf } from '../../../scripts/report/series.ts';

it('GIVEN 64 regions THEN no two of them look the same, AND the first eight share neither colour nor shape', () => {
  const all = seriesOf(Array.from({ length: 64 }, (_, index) => `region-${index}`));
  const first = all.slice(0, 8);

  expect(new Set(all.map(({ accent, shape }) => `${accent} ${shape}`)).size).toBe(64);
  expect(new Set(first.map(({ accent }) => accent)).size).toBe(8);
  expect(new Set(first.map(({ shape }) => shape)).size).toBe(8);
});
