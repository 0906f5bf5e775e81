import { describe, expect, it } from 'vitest';
import type { Request } from '../../../scripts/failover/requests.ts';
import { plot } from '../../../scripts/report/plot.ts';

const regions = ['region-athens', 'region-hurup'];
const marks = { from: 5, fault: { begin: 2005, end: 2105 }, repair: { begin: 8005, end: 8105 }, until: 10_005 };
const answered = (due: number, took: number, region = 'region-athens'): Request => ({
  ...{ due, sent: due, done: due + took, outcome: 'ok', region, pod: 'p' },
});

const drawn = (requests: readonly Request[]): string =>
  String(plot({ client: 'region-athens', run: 'run 1', marks, requests, every: 20, timeout: 1000 }, regions));

/** The places of what is drawn by a marker. */
function pointsOf(svg: string, marker: string): string[] {
  const [, steps = ''] = new RegExp(String.raw`d="m([^"]*)" marker-start="url\(#${marker}\)"`).exec(svg) ?? [];
  let [x, y] = [0, 0];
  const numbers = [...steps.matchAll(/-?\d+/g)].map(Number);
  return numbers.flatMap((step, index) => {
    if (index % 2 === 0) {
      x += step;
      return [];
    }
    y += step;
    return [`${x},${y}`];
  });
}

describe('a plot of requests', () => {
  it('THEN each is a point of its region, at its time and as high as its latency; what failed lies above all', () => {
    const svg = drawn([
      answered(0, 1),
      answered(5000, 1000, 'region-hurup'),
      { due: 10_000, sent: 10_000, done: 11_000, outcome: 'timeout' },
    ]);

    expect(pointsOf(svg, 'm0')).toEqual(['44,122']);
    expect(pointsOf(svg, 'm1')).toEqual(['238,24']);
    expect(pointsOf(svg, 'failure')).toEqual([]);
  });

  it('THEN what was due outside of the measurement is not drawn', () => {
    const failed: Request = { due: 9999, sent: 9999, done: 10_999, outcome: 'timeout' };
    const svg = drawn([answered(-20, 1), failed, answered(10_000, 1)]);

    expect(pointsOf(svg, 'm0')).toEqual([]);
    expect(pointsOf(svg, 'failure')).toEqual(['432,12']);
    expect(svg).toContain('aria-label="region-athens, run 1: 1 requests by time and latency, 1 of them failed;');
  });

  it('THEN a client that was late itself is marked, AND what is not known of a service is not drawn', () => {
    const svg = drawn([
      answered(0, 1),
      { ...answered(3000, 0), sent: 3030, done: 3032 },
      { ...answered(4000, 0), sent: 5500, done: 5501 },
    ]);

    expect(pointsOf(svg, 'm0')).toHaveLength(2);
    expect(/<path class="late" d="([^"]*)"/.exec(svg)?.[1]?.match(/M/g)).toHaveLength(2);
  });

  it('THEN each has its own region, whatever that is called', () => {
    const requests = [answered(0, 1, 'at'), answered(2000, 1, 'constructor')];
    const svg = String(
      plot({ client: 'at', run: 'run 1', marks, requests, every: 20, timeout: 1000 }, ['at', 'constructor']),
    );

    expect([pointsOf(svg, 'm0'), pointsOf(svg, 'm1')]).toEqual([['44,122'], ['122,122']]);
    // the first answered all of the first second, the second all of the third
    expect([...svg.matchAll(/class="share [^"]*" d="([^"]*)"/g)].map(([, d]) => d?.slice(0, 40))).toEqual([
      'M44,142L83,142L83,176L122,176L122,176L16',
      'M44,142L83,142L83,176L122,176L122,142L16',
    ]);
  });

  it('THEN points that cover each other are drawn once', () => {
    expect(pointsOf(drawn(Array.from({ length: 100 }, (_, k) => answered(k / 10, 2))), 'm0')).toHaveLength(1);
  });
});
