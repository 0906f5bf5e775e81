import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Call } from '../stand-ins/lab-bench.ts';
import { changes, find, overlaps, regionOf } from './calls.ts';
import { makeSite, type Site } from './drive.ts';
import { links } from './world.ts';

const names = ['region-athens', 'region-hurup', 'region-kyoto', 'region-lima'];
const fourRegions = `name: test-lab
regions:
${names.map((name) => `  - { name: ${name}, workers: 1 }\n`).join('')}`;

/** Do any two of the calls that `related` pairs run at the same time? */
function together(calls: readonly Call[], related: (one: Call, other: Call) => boolean = () => true): boolean {
  return calls.some((one, index) =>
    calls.slice(index + 1).some((other) => related(one, other) && overlaps(one, other)),
  );
}

const contexts = ({ args }: Call): string[] => args.filter((arg) => arg.startsWith('kind-region-'));
const shareRegion = (one: Call, other: Call): boolean =>
  contexts(one).some((context) => contexts(other).includes(context));

describe('GIVEN four regions, deployed with --concurrency 4', () => {
  let site: Site;
  beforeAll(async () => {
    // slow enough to be seen side by side
    const slow = { tool: 'cilium', match: 'clustermesh connect', times: 6, delayMs: 300 } as const;
    site = await makeSite(fourRegions, { webhookFailures: 0, faults: [slow] });
    expect((await site.run('deploy', '--concurrency', '4', '--skip-test')).exit).toBe(0);
  });
  afterAll(() => {
    site.dispose();
  });

  it('THEN every pair is connected once, and all regions with all', () => {
    const pairs = find(changes(site), 'cilium', 'clustermesh connect').map((call) => contexts(call).join(' '));
    expect(pairs.toSorted()).toEqual([
      'kind-region-athens kind-region-hurup',
      'kind-region-athens kind-region-kyoto',
      'kind-region-athens kind-region-lima',
      'kind-region-hurup kind-region-kyoto',
      'kind-region-hurup kind-region-lima',
      'kind-region-kyoto kind-region-lima',
    ]);
    for (const name of names) expect(links(site.bench.state())[name]).toEqual(names.filter((other) => other !== name));
  });

  it('THEN pairs without a common region are connected side by side, and others never', () => {
    const connects = find(changes(site), 'cilium', 'clustermesh connect');
    expect(together(connects)).toBe(true);
    expect(together(connects, shareRegion)).toBe(false);
  });

  it('THEN no two of Helm, enable and connect work on one release at once', () => {
    const writers = changes(site).filter(
      ({ tool, args }) =>
        (tool === 'helm' && args[0] === 'upgrade') || /^clustermesh (enable|connect)/.test(args.join(' ')),
    );
    expect(writers).toHaveLength(4 + 4 + 6);
    expect(together(writers, shareRegion)).toBe(false);
  });

  it('THEN images are loaded into two regions at a time at most', () => {
    const loads = find(changes(site), 'kind', 'load image-archive');
    const atOnce = loads.map(
      (one) => loads.filter((other) => one.started >= other.started && one.started < (other.ended ?? 0)).length,
    );
    expect(Math.max(...atOnce)).toBeLessThanOrEqual(2);
  });
});

describe('GIVEN --concurrency 1', () => {
  it('THEN one region works at a time, and its steps come in their order', async () => {
    const site = await makeSite(undefined, { webhookFailures: 0 });
    try {
      const { exit, events } = await site.events('deploy', '--concurrency', '1', '--skip-test');
      expect(exit).toBe(0);
      expect([...new Set(events.map(({ event }) => event))].toSorted()).toEqual([
        ...['access', 'finished', 'planned', 'started', 'step-done', 'step-progress', 'step-started'],
      ]);
      const lines = events.flatMap((event) => (event.event === 'step-progress' ? [event.line] : []));
      expect(lines.filter((line) => /^[0-9a-f]{64}$|clustermesh-lab-creating/.test(line))).toEqual([]);
      for (const region of ['region-athens', 'region-hurup']) {
        const started = events.flatMap((event) =>
          event.event === 'step-started' && event.region === region ? [event.step] : [],
        );
        expect(started).toEqual(['cluster', 'load', 'cilium', 'enable', 'metallb', 'pool', 'ready']);
      }
      // what only waits holds no place: the other region works meanwhile
      const works = /^(upgrade|clustermesh enable|.* apply .*metallb-native)/;
      const ofRegions = changes(site).filter(({ args }) => works.test(args.join(' ')));
      expect(ofRegions).toHaveLength(6);
      const of = (region: string) => ofRegions.filter((call) => regionOf(call) === region);
      const apart = of('region-athens').every((one) => !of('region-hurup').some((other) => overlaps(one, other)));
      expect(apart).toBe(true);
      const [first, second] = find(changes(site), 'kind', 'create cluster');
      expect(second?.started).toBeGreaterThan(first?.ended ?? Infinity);
    } finally {
      site.dispose();
    }
  });
});
