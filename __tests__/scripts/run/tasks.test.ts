import { describe, expect, it } from 'vitest';
import type { Lab } from '../../../lab/lab.ts';
import { resolveLab } from '../../../lab/resolve.ts';
import { labSchema } from '../../../lab/schema.ts';
import type { Observed } from '../../../scripts/observe/observed.ts';
import { findRefusals } from '../../../scripts/plan/refusals.ts';
import { makePlan } from '../../../scripts/plan/plan.ts';
import { schedule } from '../../../scripts/run/schedule.ts';
import { isAtWork, type StepTask, tasksOf } from '../../../scripts/run/tasks.ts';
import {
  allThere,
  articleLab,
  athens,
  desiredOf,
  livingCluster,
  livingRegion,
  makeWork,
  nothingThere,
  metallbOf,
} from '../fixtures.ts';

function labOf(count: number, method: 'cli' | 'install', stack: 'article' | 'current' = 'current'): Lab {
  const regions = Array.from({ length: count }, (_, index) => ({ name: `region-${index + 1}`, workers: 1 }));
  const resolved = resolveLab(labSchema.parse({ name: 'clustermesh-lab', stack, regions, mesh: { method } }));
  if ('problems' in resolved) throw new Error(JSON.stringify(resolved.problems));
  return resolved.lab;
}

function tasksFor(lab: Lab, observed: Observed, regions = lab.regions): StepTask[] {
  const desired = desiredOf(lab);
  const plan = makePlan({
    lab,
    regions,
    desired,
    observed,
    tested: new Set(),
    tried: false,
    skipTest: false,
    atOnce: false,
  });
  const { paths } = makeWork('/lab');
  return tasksOf(plan, { lab, regions, desired, observed, paths, concurrency: 2 });
}

/** Each task as `id <- what it waits for [what it claims]`. */
const told = (tasks: readonly StepTask[]): string[] =>
  tasks.map(({ id, after, claims = [] }) => {
    const held = claims.map(({ name, atOnce }) => `${name}/${atOnce}`);
    return `${id} <- ${after.join(' ')}${held.length === 0 ? '' : ` [${held.join(', ')}]`}`;
  });

describe('a plan as tasks', () => {
  it('GIVEN one region of nothing THEN what works claims a place, and what waits none', () => {
    const lab = articleLab();

    expect(told(tasksFor(lab, nothingThere(lab), [athens()]))).toEqual([
      'network <- ',
      'fetch <- ',
      'pull <- ',
      'image <- ',
      'region-athens/cluster <- network pull [region/2]',
      'region-athens/load <- region-athens/cluster: the API server image [image-load/2]',
      'region-athens/cilium <- region-athens/load: the agent fetch [region/2]',
      'region-athens/enable <- region-athens/cilium [region/2]',
      'region-athens/metallb (work) <- region-athens/cilium fetch [region/2]',
      'region-athens/metallb <- region-athens/metallb (work)',
      'region-athens/pool (work) <- region-athens/metallb region-athens/cluster',
      'region-athens/pool <- region-athens/pool (work)',
      'region-athens/ready <- region-athens/pool: the pool region-athens/enable',
      'paths <- region-athens/load region-athens/ready',
      'verify <- paths region-athens/load region-athens/ready region-athens/pool',
    ]);
  });

  it('THEN all that works in a region has one place among the regions, AND a load of images one of its own', () => {
    const tasks = tasksFor(articleLab(), nothingThere(articleLab()), [athens()]);
    const holders = tasks.flatMap(({ id, claims = [] }) => claims.map(({ name, holder }) => [id, name, holder]));

    expect(new Set(holders.map(([, name, holder]) => `${name} ${holder ?? ''}`))).toEqual(
      new Set(['region region-athens', 'image-load ']),
    );
  });

  it('GIVEN three regions to connect by pairs THEN each pair claims both of its regions, and the wait comes after all', () => {
    const lab = labOf(3, 'cli', 'article');
    const connect = told(tasksFor(lab, nothingThere(lab))).filter((line) => line.startsWith('connect'));
    const ready = 'region-1/ready region-2/ready region-3/ready';

    expect(connect).toEqual([
      `connect (region-2--region-3) <- ${ready} [region region-2/1, region region-3/1]`,
      `connect (region-1--region-2) <- ${ready} [region region-1/1, region region-2/1]`,
      `connect (region-1--region-3) <- ${ready} [region region-1/1, region region-3/1]`,
      'connect <- connect (region-2--region-3) connect (region-1--region-2) connect (region-1--region-3)',
    ]);
  });

  it('GIVEN a step that an earlier one only disturbs THEN it waits, and does nothing', () => {
    const lab = articleLab();
    const cluster = livingCluster(lab, athens(), { metallb: metallbOf('v0.13.7', { notReady: ['x'] }) });
    const observed = allThere(lab, { 'region-athens': livingRegion(lab, athens(), { cluster }) });

    expect(told(tasksFor(lab, observed)).filter((line) => /^(region-athens.ready|connect)/.test(line))).toEqual([
      'region-athens/ready <- region-athens/pool: the pool',
      'connect <- region-athens/ready',
    ]);
  });

  it.each([
    { given: 'no image to load', preload: false, cilium: 'region-athens/cluster: the API server fetch' },
    { given: 'images to load', preload: true, cilium: 'region-athens/load: the agent fetch' },
  ])('GIVEN $given THEN Cilium waits for no more than it needs of the cluster', ({ preload, cilium }) => {
    const article = articleLab();
    const regions = article.regions.map((region) => ({
      ...region,
      preload: preload ? region.preload : { ...region.preload, images: [] },
    }));
    const lab = { ...article, regions };

    expect(told(tasksFor(lab, nothingThere(lab)))).toContain(`region-athens/cilium <- ${cilium} [region/2]`);
  });
});

describe('as many regions as a mesh can have', () => {
  it.each<{ given: string; method: 'cli' | 'install'; there: boolean; tasks: number }>([
    { given: 'nothing', method: 'cli', there: false, tasks: 511 * 9 + 9 },
    { given: 'nothing', method: 'install', there: false, tasks: 511 * 8 + 7 },
    { given: 'all of it', method: 'cli', there: true, tasks: 3 },
  ])(
    'GIVEN $given of 511 regions, by $method WHEN planned and run without work THEN in less than two seconds',
    async ({ method, there, tasks: count }) => {
      const lab = labOf(511, method);
      const observed = there ? allThere(lab) : nothingThere(lab);
      const start = process.cpuUsage();

      findRefusals(lab, lab.regions, observed);
      const tasks = tasksFor(lab, observed);
      const states = await schedule(tasks, () => Promise.resolve(), new AbortController().signal);

      expect(secondsOfCpu(start)).toBeLessThan(2);
      expect(tasks).toHaveLength(count);
      expect(new Set(states.values())).toEqual(new Set(['done']));
    },
  );
});

/** CPU time: the same on a busy machine. */
function secondsOfCpu(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1_000_000;
}

describe('tasks that run', () => {
  it('GIVEN the images of one region that are being loaded THEN that is known of it, and of no other', () => {
    const lab = articleLab();
    const all = tasksFor(lab, nothingThere(lab));
    const loading = all.filter(({ planned }) => planned.id === 'region-athens/load');

    expect(loading.length).toBeGreaterThan(0);
    expect(isAtWork(loading, 'load', 'region-athens')).toBe(true);
    expect(isAtWork(loading, 'load', 'region-hurup')).toBe(false);
    expect(
      isAtWork(
        all.filter((task) => !loading.includes(task)),
        'load',
        'region-athens',
      ),
    ).toBe(false);
  });
});
