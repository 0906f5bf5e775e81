import { describe, expect, it } from 'vitest';
import { counted, duration, makeStyle, table } from '../../../../scripts/events/reporters/text.ts';

describe('how many of something', () => {
  it.each([
    [0, '0 steps'],
    [1, '1 step'],
    [2, '2 steps'],
  ])('GIVEN %d WHEN counted THEN %s', (count, text) => {
    expect(counted(count, 'step')).toBe(text);
  });
});

describe('how long something took', () => {
  it.each([
    [0, '0.0 s'],
    [0.44, '0.4 s'],
    [9.94, '9.9 s'],
    [9.96, '10 s'],
    [41.4, '41 s'],
    [59.4, '59 s'],
    [59.6, '1 min 0 s'],
    [280, '4 min 40 s'],
    [3600, '60 min 0 s'],
  ])('GIVEN %d seconds WHEN shown THEN %s', (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });
});

describe('columns side by side', () => {
  it('GIVEN cells of several widths WHEN shown THEN aligned, without blanks at line ends', () => {
    expect(
      table([
        ['network', 'lab', 'run'],
        ['cilium', 'region-athens', ''],
        ['', 'x'],
      ]),
    ).toEqual(['network  lab            run', 'cilium   region-athens', '         x']);
  });

  it('GIVEN no rows WHEN shown THEN none', () => {
    expect(table([])).toEqual([]);
  });
});

describe('colours', () => {
  it('GIVEN no terminal WHEN styled THEN the bare text', () => {
    const style = makeStyle(false);
    const painted = [style.bold('x'), style.dim('x'), style.good('x'), style.bad('x'), style.warn('x')];

    expect(painted).toEqual(['x', 'x', 'x', 'x', 'x']);
  });

  it('GIVEN a terminal WHEN styled THEN green is good, red is bad', () => {
    const style = makeStyle(true);

    expect([style.good('x'), style.bad('x')]).toEqual(['\u001b[32mx\u001b[39m', '\u001b[31mx\u001b[39m']);
  });
});
