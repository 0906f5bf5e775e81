import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Fault } from '../stand-ins/lab-bench.ts';
import { cloneSite, copySite, makeSite, type Site } from './drive.ts';
import { forgetTest, killAndResume, type Moment } from './kills.ts';
import { endState } from './world.ts';

const moments: readonly (Moment & { step: string; from: string })[] = [
  { step: 'load', from: 'load', tool: 'kind', match: '--name region-athens --nodes' },
  { step: 'cilium', from: 'cilium', tool: 'helm', match: 'region-athens/cilium-values.yaml' },
  { step: 'metallb', from: 'cilium', tool: 'kubectl', match: 'kind-region-athens apply … metallb-native.yaml' },
  { step: 'pool', from: 'cilium', tool: 'kubectl', match: 'region-athens/ipaddresspool.yaml' },
  { step: 'enable', from: 'enable', tool: 'cilium', match: 'clustermesh enable --context kind-region-athens' },
  {
    step: 'connect, the first release is pending',
    from: 'connect',
    tool: 'cilium',
    match: 'clustermesh connect',
    stage: 'pending',
  },
  { step: 'connect, one of two releases is upgraded', from: 'connect', tool: 'cilium', match: 'clustermesh connect' },
  { step: 'test', from: 'test', tool: 'cilium', match: 'connectivity test' },
];

/** Labs whose next step is the one named. */
const before = new Map<string, Site>();
let undisturbed: unknown;

beforeAll(async () => {
  // two regions must come to the same step before it fails, so that both wait there
  const until: [string, Pick<Fault, 'tool' | 'match'>][] = [
    ['load', { tool: 'kind', match: 'load image-archive' }],
    ['cilium', { tool: 'helm', match: 'upgrade --install' }],
    ['enable', { tool: 'cilium', match: 'clustermesh enable' }],
    ['connect', { tool: 'cilium', match: 'clustermesh connect' }],
  ];
  let site = await makeSite(undefined, { webhookFailures: 0 });
  for (const [step, fault] of until) {
    site.bench.setFaults([{ ...fault, times: 2, exit: 1, delayMs: 800 }]);
    expect((await site.run('deploy')).exit).toBe(1);
    before.set(step, site);
    site = cloneSite(site);
  }
  expect((await site.run('deploy')).exit).toBe(0);
  undisturbed = endState(site.bench.state());
  forgetTest(site);
  before.set('test', site);
});
afterAll(() => {
  for (const site of before.values()) site.dispose();
});

describe('GIVEN a driver that is killed in the middle of a step', () => {
  it.each(moments)(
    'WHEN it was $step THEN the next deploy ends as if nothing had happened',
    async ({ step, from, ...moment }) => {
      const earlier = before.get(from);
      if (earlier === undefined) throw new Error(`no lab before ${from}`);
      const site = copySite(earlier);
      const { exit, stdout, stderr } = await killAndResume(site, moment);

      expect({ step, exit, stderr }).toEqual({ step, exit: 0, stderr: '' });
      expect(stdout).toMatch(/\ndone in .*, \d+ skipped\n/);
      expect(endState(site.bench.state())).toEqual(undisturbed);
    },
  );
});
