import { describe, expect, it } from 'vitest';
import type { DriverEvent } from '../../../../scripts/events/events.ts';
import { GithubReporter } from '../../../../scripts/events/reporters/github.ts';
import { stepSummary, StepSummaryReporter } from '../../../../scripts/events/reporters/step-summary.ts';
import { failed, finished, plain, show, started } from './events.ts';

const where = { step: 'cluster', region: 'region-athens' };
const plan: DriverEvent = { event: 'planned', steps: [{ ...where, action: 'run', reason: 'not there' }] };
const stopped: DriverEvent = {
  event: 'stopped',
  exists: ['the docker network clustermesh-lab'],
  look: 'npm run status',
  goOn: 'npm run deploy',
  cleanUp: 'npm run destroy',
};
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
      [
        '::error::✗ region-athens: cluster failed: exit code 1',
        ...['', '  kind create cluster --name region-athens', ''],
        ...['  │ Creating cluster "region-athens" ...', '  │ ERROR: failed to lock config file', ''],
        '  cause   a kind that was killed has left its lock',
        '  remedy  deploy again',
        '  log     .lab/clustermesh-lab/logs/region-athens-cluster.log',
      ].join('%0A'),
    ]);
  });

  it('GIVEN a failure that the deploy tries again THEN it is a warning, in full', () => {
    const lines = told([started, { ...failed, event: 'step-again' }]);

    expect(lines.filter((line) => line.startsWith('::'))).toEqual([
      expect.stringMatching(/^::warning::✗ region-athens: cluster failed: exit code 1%0A/) as string,
    ]);
  });

  it('GIVEN a failure whose remedy speaks of what is said above THEN its annotation has that above it', () => {
    const [annotation = ''] = told([started, failed]).filter((line) => line.startsWith('::error::'));

    expect(annotation.indexOf('ERROR: failed to lock config file')).toBeLessThan(annotation.indexOf('  remedy  '));
  });

  it('GIVEN a destroy THEN its steps are a group too', () => {
    const where = { step: 'network', at: 1 };
    const lines = told([
      started,
      { event: 'step-started', ...where, reason: 'removing' },
      { event: 'step-done', ...where, seconds: 1 },
      { ...finished, criticalPath: [] },
    ]);

    expect(lines).toEqual([
      'clustermesh-lab: 2 regions, stack article',
      '::group::The steps, one line a change',
      '00:01  lab            network   … removing',
      '00:01  lab            network   ✓ 1.0 s',
      '::endgroup::',
      '',
      'done in 4 min 40 s: 6 steps run, 2 skipped',
    ]);
  });

  it('GIVEN a run that is stopped THEN a warning below the group, with what exists and how to go on', () => {
    expect(told([started, plan, stopped]).slice(-2)).toEqual([
      '::endgroup::',
      '::warning::stopped; what exists: the docker network clustermesh-lab%0A  go on:     npm run deploy%0A  clean up:  npm run destroy',
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
    const text = stepSummary([started, plan, failed, { ...finished, outcome: 'failed' }], show);

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

  it('GIVEN a lab that was destroyed THEN so it says, and not that it is done', () => {
    const gone = { ...finished, ran: 3, skipped: 0, criticalPath: [] };

    expect(stepSummary([started, gone], show)).toBe(
      '### ✓ destroyed: clustermesh-lab, 2 regions\n\n3 steps run, 0 skipped, in 4 min 40 s\n\n',
    );
    expect(stepSummary([started, failed, { ...gone, outcome: 'failed' }], show)).toMatch(
      /^### ✗ not destroyed: clustermesh-lab, 2 regions\n/,
    );
  });

  it('GIVEN a run that was stopped THEN what exists, how to go on, and what had failed before', () => {
    expect(stepSummary([started, plan, stopped], show)).toBe(`### stopped: clustermesh-lab, 2 regions

\`\`\`\`
stopped; what exists: the docker network clustermesh-lab
  go on:     npm run deploy
  clean up:  npm run destroy
\`\`\`\`

`);
    expect(stepSummary([started, plan, failed, stopped], show)).toContain('\n✗ region-athens: cluster failed');
    expect(stepSummary([stopped], show)).toMatch(/^### stopped\n/);
  });

  it('GIVEN a run that did nothing THEN none; GIVEN a file that cannot be written THEN a warning that is no event', () => {
    const heard: DriverEvent[] = [];
    const warned: string[] = [];
    const written: string[] = [];
    const inner = {
      report: (event: DriverEvent) => heard.push(event),
      pause: () => undefined,
      close: () => undefined,
    };
    const warn = (message: string) => warned.push(message);
    const quiet = new StepSummaryReporter(inner, show, (text) => written.push(text), warn);
    quiet.report(started);
    quiet.close();
    expect(written).toEqual([]);

    const noSpace = () => {
      throw new Error('ENOSPC');
    };
    const full = new StepSummaryReporter(inner, show, noSpace, warn);
    full.report(started);
    full.report(finished);
    full.close();
    expect(heard.at(-1)).toEqual(finished);
    expect(warned).toEqual(['no summary can be written: ENOSPC; all else is done']);
  });
});
