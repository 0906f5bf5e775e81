import { describe, expect, it } from 'vitest';
import { stacks } from '../../../lab/stacks.ts';
import { connect } from '../../../scripts/steps/connect.ts';
import { enable } from '../../../scripts/steps/enable.ts';
import { metallb } from '../../../scripts/steps/metallb.ts';
import { pool } from '../../../scripts/steps/pool.ts';
import { ready } from '../../../scripts/steps/ready.ts';
import type { RegionStep, Work } from '../../../scripts/steps/step.ts';
import type { Command } from '../../../scripts/tools/command.ts';
import { articleLab, athens, desiredOf, makeWork } from '../fixtures.ts';

/** A call without what says where: `kubectl wait --for=condition=Established`. */
function shortly({ program, args }: Command): string {
  const words = args.join(' ').replaceAll(/--(kubeconfig|context|namespace|wait-duration|service-type) \S+ ?/g, '');
  return `(${program} ${words.split(' ').slice(0, 2).join(' ')})`;
}

/** A step's means whose programs end well at once. What a reader sees: what the step says, and each program in its place. */
function watched(): { seen: string[]; work: Work } {
  const seen: string[] = [];
  const run = (command: Command) => {
    seen.push(shortly(command));
    return Promise.resolve({ stdout: '', stderr: '' });
  };
  const attempt: Work['attempt'] = async (command) => {
    const said = { timeoutSeconds: 900, log: undefined, ended: 'exit', exitCode: 0 } as const;
    return { command, ...said, ...(await run(command)) };
  };
  const progress = (text: string) => seen.push(text);
  return { seen, work: makeWork('/nowhere', { run, attempt, timeoutSeconds: 900, progress }) };
}

async function seenOf(step: RegionStep): Promise<string[]> {
  const { seen, work } = watched();
  const wanted = desiredOf(work.lab).get('region-athens');
  if (wanted === undefined) throw new Error('no region-athens');
  await step.run?.(work, athens(), wanted);
  await step.wait?.(work, athens(), wanted);
  return seen;
}

describe('a program that waits by itself', () => {
  it.each([
    {
      step: metallb,
      seen: [
        '(kubectl apply --filename)',
        "waiting up to 15 min for MetalLB's CRDs",
        '(kubectl wait --for=condition=Established)',
        "waiting up to 15 min for MetalLB's controller",
        '(kubectl wait --for=condition=Available)',
      ],
    },
    {
      step: pool,
      seen: ['(kubectl apply --filename)', "waiting up to 15 min for MetalLB's speakers", '(kubectl rollout status)'],
    },
    {
      step: ready,
      seen: [
        'waiting up to 15 min for Cilium',
        '(cilium status --wait)',
        'waiting up to 15 min for the ClusterMesh API server',
        '(cilium clustermesh status)',
      ],
    },
    {
      step: enable,
      seen: ['waiting up to 15 min for the Helm upgrade', '(cilium clustermesh enable)'],
    },
  ])('GIVEN $step.name WHEN it runs THEN it says first for what, and how long at most', async ({ step, seen }) => {
    expect(await seenOf(step)).toEqual(seen);
  });

  it.each([
    ['article', 'connecting region-athens–region-hurup, up to 15 min'],
    ['current', 'connecting all regions, up to 15 min'],
  ] as const)('GIVEN the stack %s WHEN regions are connected THEN which, and how long at most', async (name, told) => {
    const { seen, work } = watched();
    const lab = articleLab({ stack: stacks[name] });

    for (const part of connect.parts?.({ ...work, lab }) ?? []) await part.run(work);

    expect(seen).toEqual([told, '(cilium clustermesh connect)']);
  });
});
