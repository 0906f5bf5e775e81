import { describe, expect, it } from 'vitest';
import { articleLab, labOf, refusalOf } from './lab-file.ts';

const expecting = (text: string): string => `${articleLab}expect: ${text}\n`;

describe('what a failover may cost, in lab.yaml', () => {
  it('GIVEN none THEN nothing is expected; GIVEN some THEN milliseconds and per cent, by fault', () => {
    expect(labOf(articleLab).expected).toEqual({});
    expect(
      labOf(expecting('{ cut: { maxGap: 1.5s }, node: { maxGap: 2m, maxFailed: 100% }, pods: { maxGap: 20ms } }'))
        .expected,
    ).toEqual({ cut: { maxGap: 1500 }, node: { maxGap: 120_000, maxFailed: 100 }, pods: { maxGap: 20 } });
    expect(labOf(expecting('{ cut: { maxFailed: 0.1% } }')).expected).toEqual({ cut: { maxFailed: 0.1 } });
  });

  it.each([
    ['{ cut: { maxGap: 5 s } }', 'is not a duration. Write it as 500ms, 5s or 1m.'],
    ['{ cut: { maxFailed: 100.5% } }', 'is not a part of a hundred. Write it as 0.1%.'],
    ['{ nod: { maxGap: 5s } }', 'nod is not a key of expect. Did you mean node?'],
    ['{ cut: { gap: 5s } }', 'gap is not a key of expect.cut. Known keys: maxGap, maxFailed.'],
  ])('GIVEN %s THEN refused, with how to write it', (text, says) => {
    expect(refusalOf(expecting(text)).join('\n')).toContain(says);
  });
});
