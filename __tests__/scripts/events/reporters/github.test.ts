import { describe, expect, it } from 'vitest';
import type { DriverEvent } from '../../../../scripts/events/events.ts';
import { GithubReporter } from '../../../../scripts/events/reporters/github.ts';
import { stepSummary, StepSummaryReporter } from '../../../../scripts/events/reporters/step-summary.ts';
import { failed, finished, plain, show, started } from './events.ts';

const where = { step: 'cluster', region: 'region-athens' };
const plan: DriverEvent = { event: 'planned', steps: [{ ...where, action: 'run', reason: 'not there' }] };
const done: DriverEvent = { event: 'step-done', at: 40, ...where, seconds: 40 };

function told(events: readonly DriverEvent[]): string[] {
  const lines: string[] = [];
  const reporter = new GithubReporter((text) => lines.push(...text.trimEnd().split('\n')), plain, show);
  for (const event of events) reporter.report(event);
  reporter.close();
  return lines;
}

describe('the log of GitHub Actions', () => {
  it('GIVEN a deploy THEN its steps are folded in a group, and the end stands below it', () => {
    const lines = told([started, plan, done, finished]);

    expect(lines.slice(0, 7)).toEqual([
      'clustermesh-lab: 2 regions, stack article',
      '1 step to run',
      '::group::The steps, one line a change',
      '00:40  region-athens  cluster   ✓ 40 s',
      '::endgroup::',
      '',
      '         lab           region-athens  region-hurup',
    ]);
    expect(lines.filter((line) => line === '::endgroup::')).toHaveLength(1);
  });

  it('GIVEN a deploy that a refusal ends THEN its group is ended', () => {
    expect(told([started, plan]).at(-1)).toBe('::endgroup::');
    expect(told([started])).toEqual(['clustermesh-lab: 2 regions, stack article']);
  });

  it('GIVEN warnings and failures THEN annotations, each on one line', () => {
    const lines = told([started, { event: 'warning', message: '100 %\nfull' }, failed]);

    expect(lines.slice(1)).toEqual([
      '::warning::100 %25%0Afull',
      '00:42  region-athens  cluster   ✗ exit code 1',
      '::error::region-athens: cluster failed: exit code 1; deploy again',
    ]);
  });
});

describe('the summary on the page of a run', () => {
  it('GIVEN a deploy WHEN done THEN the verdict first, then the times', () => {
    expect(stepSummary([started, plan, done, finished], show)).toBe(`### ✓ done: clustermesh-lab, 2 regions

6 steps run, 2 skipped, in 4 min 40 s

|  | lab | region-athens | region-hurup |
| --- | --- | --- | --- |
| network | 0.4 s * |  |  |
| cluster |  | 40 s | 51 s * |
| cilium |  | 3.0 s | 3.0 s * |
| connect | 1 min 20 s * |  |  |

\\* on the critical path

`);
  });

  it('GIVEN a failure THEN it stands in full, above the times', () => {
    const text = stepSummary([started, failed, { ...finished, outcome: 'failed' }], show);

    expect(text.split('\n').slice(0, 6)).toEqual([
      '### ✗ not done: clustermesh-lab, 2 regions',
      '',
      '6 steps run, 2 skipped, in 4 min 40 s',
      '',
      '````',
      '✗ region-athens: cluster failed: exit code 1',
    ]);
    expect(text).toContain(
      '  remedy  deploy again\n  log     .lab/clustermesh-lab/logs/region-athens-cluster.log\n````\n',
    );
  });

  it('GIVEN a run that did nothing THEN none; GIVEN a file that cannot be written THEN a warning', () => {
    const heard: DriverEvent[] = [];
    const written: string[] = [];
    const inner = {
      report: (event: DriverEvent) => heard.push(event),
      pause: () => undefined,
      close: () => undefined,
    };
    const quiet = new StepSummaryReporter(inner, show, (text) => written.push(text));
    quiet.report(started);
    quiet.close();
    expect(written).toEqual([]);

    const full = new StepSummaryReporter(inner, show, () => {
      throw new Error('ENOSPC');
    });
    full.report(started);
    full.report(finished);
    full.close();
    expect(heard.at(-1)).toEqual({
      event: 'warning',
      message: 'no summary can be written: ENOSPC; all else is done',
    });
  });
});
