import { describe, expect, it } from 'vitest';
import type { DriverEvent } from '../../../../scripts/events/events.ts';
import { failureLines, linesOf, planTable } from '../../../../scripts/events/reporters/lines.ts';
import { makeStyle } from '../../../../scripts/events/reporters/text.ts';
import { failed, finished, plain, show, started } from './events.ts';

const where = { step: 'cluster', region: 'region-athens' } as const;
const layout = { width: 13, titles: new Map([['cluster', 'create the kind cluster']]) };

describe('the lines of an event', () => {
  it.each<{ given: string; event: DriverEvent; lines: string[] }>([
    { given: 'the start', event: started, lines: ['clustermesh-lab: 2 regions, stack article'] },
    {
      given: 'a lab of one region',
      event: { ...started, regions: ['a'] } as DriverEvent,
      lines: ['clustermesh-lab: 1 region, stack article'],
    },
    { given: 'nothing there', event: { event: 'nothing-there', lab: 'my-lab' }, lines: ['my-lab: nothing is there'] },
    { given: 'a warning', event: { event: 'warning', message: 'mind the gap' }, lines: ['! mind the gap'] },
    {
      given: 'a step that starts',
      event: { event: 'step-started', at: 0.2, ...where, reason: 'not there' },
      lines: ['00:00  region-athens  cluster   … create the kind cluster: not there'],
    },
    {
      given: 'a step of the whole lab',
      event: { event: 'step-started', at: 65, step: 'connect', reason: '1 of 1 links are missing' },
      lines: ['01:05  lab            connect   … 1 of 1 links are missing'],
    },
    {
      given: 'progress, which live output alone shows',
      event: { event: 'step-progress', at: 3, ...where, line: 'x' },
      lines: [],
    },
    {
      given: 'a step that is done',
      event: { event: 'step-done', at: 280.9, ...where, seconds: 51.4 },
      lines: ['04:40  region-athens  cluster   ✓ 51 s'],
    },
    {
      given: 'a step that takes long',
      event: {
        event: 'step-takes-long',
        at: 130,
        ...where,
        seconds: 120.4,
        notUp: ['region-athens: kube-system/a: not ready yet'],
      },
      lines: [
        '02:10  region-athens  cluster   ! still at work after 2 min 0 s',
        '         region-athens: kube-system/a: not ready yet',
      ],
    },
    {
      given: 'one that runs a program meanwhile',
      event: {
        ...{ event: 'step-takes-long', at: 130, ...where, seconds: 120.4, notUp: [] },
        ...{ call: 'kind create cluster --name region-athens', said: ' • Starting control-plane' },
      },
      lines: [
        '02:10  region-athens  cluster   ! still at work after 2 min 0 s',
        '         kind create cluster --name region-athens',
        '         last said: • Starting control-plane',
      ],
    },
    { given: 'a step that failed', event: failed, lines: ['00:42  region-athens  cluster   ✗ exit code 1'] },
    { given: 'the end, which the summary tells', event: finished, lines: [] },
    {
      given: 'a stop',
      event: {
        event: 'stopped',
        exists: ['region-athens (2 of 4 nodes)'],
        look: 'npm run status',
        goOn: 'npm run deploy',
        cleanUp: 'npm run destroy',
      },
      lines: [
        '',
        'stopped; what exists: region-athens (2 of 4 nodes)',
        '  go on:     npm run deploy',
        '  clean up:  npm run destroy',
      ],
    },
    {
      given: 'a stop of a destroy, which goes on by cleaning up',
      event: {
        event: 'stopped',
        exists: ['region-athens (2 of 4 nodes)'],
        look: 'npm run status',
        goOn: 'npm run destroy -- --region region-athens',
        cleanUp: 'npm run destroy -- --region region-athens',
      },
      lines: [
        '',
        'stopped; what exists: region-athens (2 of 4 nodes)',
        '  go on:     npm run destroy -- --region region-athens',
      ],
    },
    {
      given: 'a stop before anything was made',
      event: {
        event: 'stopped',
        exists: [],
        look: 'npm run status',
        goOn: 'npm run deploy',
        cleanUp: 'npm run destroy',
      },
      lines: ['', 'stopped; nothing was made', '  go on:     npm run deploy', '  clean up:  npm run destroy'],
    },
    {
      given: 'a stop on a machine too busy to say what exists',
      event: {
        event: 'stopped',
        exists: undefined,
        look: 'npm run status',
        goOn: 'npm run deploy',
        cleanUp: 'npm run destroy',
      },
      lines: [
        '',
        'stopped; docker could not be asked in time: npm run status shows what exists',
        '  go on:     npm run deploy',
        '  clean up:  npm run destroy',
      ],
    },
    {
      given: 'the way in',
      event: {
        event: 'access',
        hubbleUi: { 'region-athens': '172.19.255.1', hurup: '172.19.255.101' },
        kubeconfig: ['/region-athens', '/region-hurup'],
        look: 'npm run status',
        cleanUp: 'npm run destroy',
      },
      lines: [
        '',
        'Hubble UI',
        '  region-athens  http://172.19.255.1',
        '  hurup          http://172.19.255.101',
        '',
        'Next',
        '  look:      npm run status',
        '  clean up:  npm run destroy',
        '  try it:    README.md#try-the-mesh, with the line below',
        '',
        'export KUBECONFIG=/region-athens:/region-hurup',
      ],
    },
    {
      given: 'the way into a lab that the README has nothing to try for, without Hubble UI',
      event: {
        event: 'access',
        hubbleUi: {},
        kubeconfig: ['/a', '/region-hurup'],
        look: 'npm run status',
        cleanUp: 'npm run destroy',
      },
      lines: [
        '',
        'Next',
        '  look:      npm run status',
        '  clean up:  npm run destroy',
        '',
        'export KUBECONFIG=/a:/region-hurup',
      ],
    },
  ])('GIVEN $given WHEN shown THEN $lines', ({ event, lines }) => {
    expect(linesOf(event, plain, layout)).toEqual(lines);
  });

  it.each<{ actions: ('run' | 'skip')[]; lines: string[] }>([
    { actions: ['run', 'run'], lines: ['2 steps to run', ''] },
    { actions: ['run', 'skip', 'skip'], lines: ['1 step to run, 2 need nothing', ''] },
    { actions: ['run', 'skip'], lines: ['1 step to run, 1 needs nothing', ''] },
    { actions: ['skip', 'skip'], lines: ['nothing to do: all 2 steps are done'] },
  ])('GIVEN a plan of $actions WHEN shown THEN $lines', ({ actions, lines }) => {
    const steps = actions.map((action) => ({ step: 'cluster', action, reason: '' }));

    expect(linesOf({ event: 'planned', steps }, plain, layout)).toEqual(lines);
  });
});

describe('a plan, a failure, a number', () => {
  it('GIVEN a plan WHEN tabled THEN a row each, those to skip dim on a terminal', () => {
    const steps = [
      { step: 'network', action: 'skip', reason: 'there' },
      { step: 'cluster', region: 'region-athens', action: 'run', reason: 'not there' },
    ] as const;

    expect(planTable(steps, plain)).toEqual([
      '= network  lab            skip  there',
      '+ cluster  region-athens  run   not there',
    ]);
    expect(planTable(steps, makeStyle(true))[0]).toBe('\u001b[2m= network  lab            skip  there\u001b[22m');
  });

  it('GIVEN a known failure WHEN told THEN command to paste, last lines, cause, remedy and log', () => {
    expect(failureLines(failed, failed.failure, plain, show)).toEqual([
      '',
      '✗ region-athens: cluster failed: exit code 1',
      '',
      '  kind create cluster --name region-athens',
      '',
      '  │ Creating cluster "region-athens" ...',
      '  │ ERROR: failed to lock config file',
      '',
      '  cause   a kind that was killed has left its lock',
      '  remedy  deploy again',
      '  log     .lab/clustermesh-lab/logs/region-athens-cluster.log',
    ]);
  });

  it('GIVEN pods in trouble beside a failure WHEN told THEN they stand before its cause', () => {
    const notUp = ['region-athens: kube-system/a: ImagePullBackOff: no'];

    expect(failureLines(failed, { ...failed.failure, notUp }, plain, show).slice(-4, -2)).toEqual([
      '  not up  region-athens: kube-system/a: ImagePullBackOff: no',
      '  cause   a kind that was killed has left its lock',
    ]);
  });

  it('GIVEN a terminal WHEN a remedy is longer than it is wide THEN folded between words, the log never', () => {
    const remedy = 'look at the pods of MetalLB, then deploy again';
    const lines = failureLines(failed, { ...failed.failure, remedy }, plain, show, 40);

    expect(lines.slice(-4)).toEqual([
      '          left its lock',
      '  remedy  look at the pods of MetalLB,',
      '          then deploy again',
      '  log     .lab/clustermesh-lab/logs/region-athens-cluster.log',
    ]);
  });

  it('GIVEN a failure of the lab of which little is known WHEN told THEN what there is', () => {
    expect(failureLines({ step: 'network' }, { reason: 'odd', lastLines: [], remedy: 'look' }, plain, show)).toEqual([
      '',
      '✗ network failed: odd',
      '',
      '  remedy  look',
    ]);
  });
});
