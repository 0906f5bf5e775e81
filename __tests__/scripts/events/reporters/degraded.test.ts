import { describe, expect, it } from 'vitest';
import { degradationLines, degradedLines } from '../../../../scripts/events/reporters/degraded.ts';
import { makeStyle } from '../../../../scripts/events/reporters/text.ts';

const style = makeStyle(false);

describe('a worse network, for people', () => {
  it('GIVEN pairs THEN a row each, AND where nothing answered that is said', () => {
    expect(
      degradedLines(
        {
          ...{ event: 'degraded', lab: 'my-lab', profile: 'wan' },
          roundTrips: [
            { between: ['region-a', 'region-b'], before: 0.214, after: 80.44 },
            { between: ['region-a', 'region-oslo'], before: 9.994 },
          ],
        },
        style,
      ),
    ).toEqual([
      'degraded by wan',
      '',
      'round trip              before   after',
      'region-a ↔ region-b     0.21 ms  80.4 ms',
      'region-a ↔ region-oslo  9.99 ms  no answer',
    ]);
  });

  it.each([
    [{ missing: [], whole: true }, ['degraded by wan']],
    [{ missing: ['a'], whole: true }, ['! wan, but not on a', '  npm run degrade -- on wan']],
    [
      { missing: ['a', 'b', 'c', 'd', 'e', 'f'], whole: true },
      ['! wan, but not on a, b, c, and 3 more', '  npm run degrade -- on wan'],
    ],
    [
      { missing: [], whole: true, changed: true },
      ['! wan, as it was before lab.yaml was changed', '  npm run degrade -- on wan'],
    ],
    [{ missing: ['a'], whole: false }, ['! wan, but putting it on was cut off', '  npm run degrade -- on wan']],
  ])('GIVEN %j WHEN status is asked THEN %j', (found, lines) => {
    expect(
      degradationLines({ profile: 'wan', changed: false, ...found }, 'npm run degrade -- on wan', style, 80),
    ).toEqual(lines);
  });
});
