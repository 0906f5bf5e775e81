import { describe, expect, it } from 'vitest';
import type { DriverEvent } from '../../../../scripts/events/events.ts';
import { JsonReporter } from '../../../../scripts/events/reporters/json.ts';
import { failureLines } from '../../../../scripts/events/reporters/lines.ts';
import { PlainReporter } from '../../../../scripts/events/reporters/plain.ts';
import { failed, finished, plain, show, started } from './events.ts';

const titles = new Map([['cluster', 'create the kind cluster']]);

function written(events: readonly DriverEvent[]): string {
  let text = '';
  const write = (part: string): void => {
    text += part;
  };
  const reporter = new PlainReporter(write, plain, show, { titles });
  for (const event of events) reporter.report(event);
  reporter.close();
  return text;
}

describe('one line per change, for logs and pipes', () => {
  it('GIVEN steps WHEN they start, go on and end THEN a line for start and end, whole lines only', () => {
    const where = { step: 'cluster', region: 'region-athens' };

    expect(
      written([
        started,
        { event: 'step-started', at: 0, ...where, reason: 'not there' },
        { event: 'step-progress', at: 1, ...where, line: ' • Preparing nodes' },
        { event: 'step-done', at: 40, ...where, seconds: 40 },
      ]),
    ).toBe(
      'clustermesh-lab: 2 regions, stack article\n' +
        '00:00  region-athens  cluster   … create the kind cluster: not there\n' +
        '00:40  region-athens  cluster   ✓ 40 s\n',
    );
  });

  it('GIVEN a failure WHEN others end after it THEN it is told in full at the end, where a reader looks first', () => {
    const end = { ...finished, outcome: 'failed', ran: 1, at: 51, timings: [], criticalPath: [] } as const;

    expect(
      written([
        started,
        failed,
        { event: 'step-done', at: 51, step: 'cluster', region: 'region-hurup', seconds: 51 },
        end,
      ]),
    ).toBe(
      [
        'clustermesh-lab: 2 regions, stack article',
        '00:42  region-athens  cluster   ✗ exit code 1',
        '00:51  region-hurup   cluster   ✓ 51 s',
        '',
        'not done in 51 s: 1 step run, 2 skipped',
        ...failureLines(failed, failed.failure, plain, show),
        '',
      ].join('\n'),
    );
  });

  it('GIVEN a region of a long name WHEN its steps are told THEN the columns are as wide as the longest name', () => {
    const region = 'a-region-of-some-thirty-letters';
    const events: DriverEvent[] = [
      { ...started, regions: ['hurup', region] } as DriverEvent,
      { event: 'step-started', at: 0, step: 'pool', region: 'hurup', reason: 'not there' },
      { event: 'step-started', at: 0, step: 'connect', reason: '1 of 1 links are missing' },
      { event: 'step-started', at: 0, step: 'pool', region, reason: 'not there' },
    ];

    expect(written(events).split('\n').slice(1)).toEqual([
      '00:00  hurup                            pool      … not there',
      '00:00  lab                              connect   … 1 of 1 links are missing',
      '00:00  a-region-of-some-thirty-letters  pool      … not there',
      '',
    ]);
  });
});

describe('one JSON event per line', () => {
  it('GIVEN events WHEN reported THEN each is one line of JSON, as it is', () => {
    const lines: string[] = [];
    const reporter = new JsonReporter((text) => lines.push(text));
    const odd: DriverEvent = { event: 'warning', message: 'two\nlines' };

    for (const event of [started, odd, finished]) reporter.report(event);
    reporter.close();

    expect(lines.every((line) => line.indexOf('\n') === line.length - 1)).toBe(true);
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([started, odd, finished]);
  });
});
