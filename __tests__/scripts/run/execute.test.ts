import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { DriverEvent } from '../../../scripts/events/events.ts';
import type { PlannedStep } from '../../../scripts/plan/plan.ts';
import { execute } from '../../../scripts/run/execute.ts';
import { Journal } from '../../../scripts/run/journal.ts';
import type { LabStep, RegionStep, StepName, Work } from '../../../scripts/steps/step.ts';
import { Runner } from '../../../scripts/tools/runner.ts';
import { articleLab, athens, hurup, makeWork, nothingThere } from '../fixtures.ts';

const decide = () => ({ action: 'run' as const, reason: 'not there' });

const planned = (step: LabStep | RegionStep, region: PlannedStep['region'], after: string[]): PlannedStep => ({
  ...{ id: region === undefined ? step.name : `${region.name}/${step.name}`, step, region, after, ...decide() },
});

it('GIVEN a region that has not begun, and one that waits for it WHEN a step of the lab fails THEN the other hears that nothing more is done there', async () => {
  const lab = articleLab();
  const heard: string[][] = [];
  const image: LabStep = {
    ...{ name: 'image', title: 'pull', scope: 'lab', after: [], decide },
    run: async () => {
      await sleep(20);
      throw new Error('no image');
    },
  };
  const over = (work: Work): string[] =>
    ['region-athens', 'region-hurup', 'a region that has nothing to do'].filter((name) => work.isOver(name));
  const ready: RegionStep = {
    ...{ name: 'ready', title: 'wait', scope: 'region', after: [], decide },
    wait: async (work) => {
      heard.push(over(work));
      for (let looks = 0; looks < 200 && !work.isOver('region-hurup'); looks++) await sleep(10);
      heard.push(over(work));
    },
  };
  const cilium: RegionStep = {
    ...{ name: 'cilium', title: 'install', scope: 'region', after: ['image'], decide },
    run: () => Promise.reject(new Error('it must not start')),
  };

  const work = makeWork('/lab');
  const plan = [planned(image, undefined, []), planned(ready, athens(), []), planned(cilium, hurup(), ['image'])];
  const runner = new Runner({}, new AbortController().signal);
  const outcome = await execute(plan, {
    ...work,
    lab,
    runner,
    observed: nothingThere(lab),
    concurrency: 2,
    report: () => undefined,
  });

  expect(outcome).toBe('failed');
  expect(heard).toEqual([[], ['region-hurup']]);
});

it('GIVEN a plan that goes on to another WHEN both are done THEN they are told as one, AND the critical path leads through both', async () => {
  const lab = articleLab();
  const waits = (name: StepName): LabStep => ({
    ...{ name, title: name, scope: 'lab', after: [], decide },
    run: () => sleep(10),
  });
  const told: DriverEvent[] = [];
  const report = (event: DriverEvent) => void told.push(event);
  const runner = new Runner({}, new AbortController().signal);
  const execution = { ...makeWork('/lab'), lab, runner, observed: nothingThere(lab), concurrency: 2, report };
  const journal = new Journal(report, runner.signal);

  await execute([planned(waits('start'), undefined, [])], { ...execution, journal, goesOn: true });
  await execute([planned(waits('network'), undefined, []), planned(waits('connect'), undefined, ['network'])], {
    ...execution,
    journal,
  });

  expect(told.filter(({ event }) => event === 'finished')).toMatchObject([
    { outcome: 'done', ran: 3, criticalPath: ['start', 'network', 'connect'] },
  ]);
});

it('GIVEN a failure that another plan mends WHEN that follows THEN both are told as one, AND the critical path comes to an end', async () => {
  const lab = articleLab();
  const step = (name: StepName, run: () => Promise<unknown>): LabStep => ({
    ...{ name, title: name, scope: 'lab', after: [], decide },
    run: async () => {
      await run();
    },
  });
  const network = planned(
    step('network', () => sleep(10)),
    undefined,
    [],
  );
  const fails = step('connect', () => Promise.reject(new Error('etcdserver: leader changed')));
  const told: DriverEvent[] = [];
  const report = (event: DriverEvent) => void told.push(event);
  const runner = new Runner({}, new AbortController().signal);
  const execution = { ...makeWork('/lab'), lab, runner, observed: nothingThere(lab), concurrency: 2, report };
  const journal = new Journal(report, runner.signal);

  const first = await execute([network, planned(fails, undefined, ['network'])], {
    ...execution,
    journal,
    triesAgain: true,
  });
  const last = await execute(
    [
      { ...network, action: 'skip', reason: 'it is there' },
      planned(
        step('connect', () => sleep(10)),
        undefined,
        ['network'],
      ),
    ],
    { ...execution, journal },
  );

  expect([first, last]).toEqual(['again', 'done']);
  expect(told.map(({ event }) => event).filter((event) => !/started|progress/.test(event))).toEqual([
    ...['step-done', 'step-again', 'step-done', 'finished'],
  ]);
  expect(told.at(-1)).toMatchObject({ outcome: 'done', ran: 2, criticalPath: ['network', 'connect'] });
});
