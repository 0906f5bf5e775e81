import { describe, expect, it } from 'vitest';
import type { PodsSeen, Trouble } from '../../../scripts/observe/pods.ts';
import { Verdict } from '../../../scripts/run/verdict.ts';

const START = Date.UTC(2026, 10, 30, 12);
const at = (seconds: number): number => START + 1000 * seconds;
const trouble = (kind: Trouble['kind'], more: Partial<Trouble> = {}): Trouble => ({
  ...{ pod: 'kube-system/relay-1', kind, isBase: false, why: kind, ...more },
});
const crash = (restarts: number, ended: number, more: Partial<Trouble> = {}): Trouble =>
  trouble('crash', { crash: { container: 'main', restarts, ended }, ...more });
const look = (troubles: readonly Trouble[], more: Partial<PodsSeen> = {}): PodsSeen => ({
  ...{ troubles, isBaseComing: false, coming: [], hasJob: false, warnings: [], ...more },
});

/** What is held for lost after each look, one every 15 s. */
function held(looks: readonly PodsSeen[], loading: readonly number[] = []): string[][] {
  const verdict = new Verdict(START);
  return looks.map((pods, index) =>
    verdict.seen(pods, { isLoading: loading.includes(index) }, at(15 * (index + 1))).map(({ kind }) => kind),
  );
}

describe('which pods will not come up', () => {
  it.each(['image', 'config', 'mount', 'secret'] as const)(
    'GIVEN one in trouble by %s for half a minute THEN it is held for lost, and not before',
    (kind) => {
      const same = look([trouble(kind)]);

      expect(held([same, same, same])).toEqual([[], [], [kind]]);
    },
  );

  it('GIVEN one that came out of it, and is in trouble again THEN it is counted anew', () => {
    const [bad, good] = [look([trouble('image')]), look([])];

    expect(held([bad, bad, good, bad, bad, bad])).toEqual([[], [], [], [], [], ['image']]);
  });

  it('GIVEN a pod that no node takes THEN it is never held for lost: nodes come', () => {
    expect(held(Array.from({ length: 50 }, () => look([trouble('unschedulable')]))).flat()).toEqual([]);
  });

  it('GIVEN images that are being loaded THEN one that is missing counts from their end on', () => {
    const same = look([trouble('image')]);

    expect(held([same, same, same, same, same], [0, 1])).toEqual([[], [], [], [], ['image']]);
  });

  it('GIVEN Cilium that is not up yet THEN nothing else is held for lost, but for its own', () => {
    const early = (...troubles: Trouble[]) => look(troubles, { isBaseComing: true });
    const others = [trouble('mount'), trouble('secret'), trouble('config'), crash(9, at(1))];
    const own = trouble('mount', { isBase: true, pod: 'kube-system/cilium-1' });

    expect(held([1, 2, 3, 4].map(() => early(...others))).flat()).toEqual([]);
    expect(held([1, 2, 3].map(() => early(own, ...others)))).toEqual([[], [], ['mount']]);
  });

  it('GIVEN a Secret that a Job or another pod beside may make THEN it is waited for', () => {
    const missing = [trouble('secret')];

    expect(held([1, 2, 3, 4].map(() => look(missing, { hasJob: true }))).flat()).toEqual([]);
    expect(held([1, 2, 3, 4].map(() => look(missing, { coming: ['kube-system/certgen-1'] }))).flat()).toEqual([]);
    expect(held([1, 2, 3].map(() => look(missing, { coming: ['default/mine'] }))).at(-1)).toEqual(['secret']);
  });

  it('GIVEN a pod that no node takes THEN memory and labels do not come by themselves, AND nodes do', () => {
    const no = (why: string): Trouble => ({ ...trouble('unschedulable'), why });
    const taken = (why: string) => held([1, 2, 3].map(() => look([no(why)]))).at(-1);

    expect(taken('Unschedulable: 0/2 nodes are available: 2 Insufficient memory.')).toEqual(['unschedulable']);
    expect(
      taken("Unschedulable: 0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector."),
    ).toEqual(['unschedulable']);
    expect(
      taken(
        'Unschedulable: 0/2 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint {node.kubernetes.io/not-ready: }.',
      ),
    ).toEqual([]);
    expect(taken('Unschedulable: no nodes available to schedule pods')).toEqual([]);
  });

  it('GIVEN a node that cannot make the room of a pod THEN it is lost, unless Cilium is still coming', () => {
    const sandbox = [trouble('sandbox')];

    expect(held([1, 2, 3].map(() => look(sandbox, { isBaseComing: true }))).flat()).toEqual([]);
    expect(held([1, 2, 3].map(() => look(sandbox))).at(-1)).toEqual(['sandbox']);
  });

  it('GIVEN a program that has ended three times since Cilium was up THEN it is held for lost at once', () => {
    expect(held([look([crash(1, at(10))]), look([crash(2, at(28))])])).toEqual([[], ['crash']]);
  });

  it('GIVEN one that ended often while Cilium was not up THEN it has another try', () => {
    const early = look([crash(5, at(10))], { isBaseComing: true });
    const before = look([crash(5, at(10))]);

    const tries = [look([crash(6, at(58))]), look([crash(7, at(70))])];
    expect(held([early, before, before, ...tries])).toEqual([[], [], [], [], ['crash']]);
  });

  it('GIVEN an agent that ended often before this run THEN it has another try, and its second end decides', () => {
    const base = { isBase: true, pod: 'kube-system/cilium-1' };
    const coming = { isBaseComing: true };

    const ends = [crash(7, at(-20), base), crash(8, at(20), base), crash(8, at(20), base), crash(9, at(58), base)];
    expect(held(ends.map((end) => look([end], coming)))).toEqual([[], [], [], ['crash']]);
  });
});
