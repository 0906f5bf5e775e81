import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DriverEvent } from '../../../scripts/events/events.ts';
import { shownDownload } from '../../../scripts/supply/progress.ts';

/** What is told of a download that comes in these pieces. */
function told(
  pieces: readonly number[],
  whole: number | undefined,
): { percent: number; bytes: number; state: string }[] {
  const events: DriverEvent[] = [];
  const shown = shownDownload('kind v0.20.0', 'https://anna:pw@host/kind?token=x', (event) => events.push(event));
  shown.started();
  let bytes = 0;
  for (const piece of pieces) shown.onBytes((bytes += piece), whole);
  shown.done();
  return events.flatMap((event) => (event.event === 'download' ? [event] : []));
}

describe('the progress of a download', () => {
  it('GIVEN a whole of 1000 bytes WHEN it comes THEN its start, its percents, and its end', () => {
    expect(told([5, 5, 290, 700], 1000).map(({ percent, bytes, state }) => [percent, bytes, state])).toEqual([
      [0, 0, 'running'],
      [1, 10, 'running'],
      [30, 300, 'running'],
      [90, 1000, 'running'],
      [100, 1000, 'done'],
    ]);
  });

  it('GIVEN a size that is not known WHEN it comes THEN its start and its end alone', () => {
    expect(told([100, 100], undefined).map(({ percent, bytes }) => [percent, bytes])).toEqual([
      [0, 0],
      [100, 200],
    ]);
  });

  it('GIVEN any pieces WHEN they come THEN it only grows, by a percent or more, and tells no secret of the URL', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 60 }), (pieces) => {
        const whole = pieces.reduce((sum, piece) => sum + piece, 0);
        const events = told(pieces, whole);
        const percents = events.map(({ percent }) => percent);
        expect(percents).toEqual([...new Set(percents)].toSorted((one, other) => one - other));
        expect(JSON.stringify(events)).not.toMatch(/pw|token/);
      }),
    );
  });

  it('GIVEN many small pieces WHEN they come THEN every tenth is told', () => {
    const percents = told(
      Array.from({ length: 70 }, () => 1),
      70,
    ).map(({ percent }) => percent);
    expect(percents.filter((percent) => percent % 10 === 0)).toEqual([0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100]);
  });
});
