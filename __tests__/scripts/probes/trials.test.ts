import { describe, expect, it } from 'vitest';
import { questionsOf } from '../../../scripts/probes/questions.ts';
import { trialsOf } from '../../../scripts/probes/trials.ts';
import { firstProbe, three } from './lab-of-probes.ts';

const [a] = three;
if (a === undefined) throw new Error('no region');
const all = questionsOf(firstProbe(a), three);
const place = (to: string, path: string): number => all.findIndex((each) => each.to === to && each.path === path);

/** One question, and how it went by what the probe printed. */
function tried(to: string, path: string, answer: object) {
  const id = place(to, path);
  const trial = trialsOf(all, JSON.stringify({ id, ...answer }))[id];
  return { ok: trial?.ok, seen: trial?.seen };
}

describe('how a question went', () => {
  it.each([
    {
      what: 'an answer of the pod that was meant',
      to: 'b',
      path: 'pod',
      answer: { ms: 1, from: { region: 'b', pod: 'probe-of-b-0' } },
      ok: true,
      seen: 'answered by probe-of-b-0 of b',
    },
    {
      what: 'of another pod',
      to: 'b',
      path: 'pod',
      answer: { ms: 1, from: { region: 'b', pod: 'probe-of-b-1' } },
      ok: false,
      seen: 'answered by probe-of-b-1 of b',
    },
    {
      what: 'of any pod of the region',
      to: 'b',
      path: 'service',
      answer: { ms: 1, from: { region: 'b', pod: 'any' } },
      ok: true,
      seen: 'answered by any of b',
    },
    {
      what: 'of another region',
      to: 'b',
      path: 'service',
      answer: { ms: 1, from: { region: 'a', pod: 'any' } },
      ok: false,
      seen: 'answered by any of a',
    },
    {
      what: 'a datagram back',
      to: 'b',
      path: 'mtu',
      answer: { ms: 1, bytes: 1422 },
      ok: true,
      seen: '1422 bytes came back',
    },
    { what: 'a connection', to: 'b', path: 'balancer', answer: { ms: 1 }, ok: true, seen: 'connected' },
    { what: 'nothing', to: 'b', path: 'pod', answer: { failed: 'no answer' }, ok: false, seen: 'no answer' },
    {
      what: 'a name that is none',
      to: 'b',
      path: 'name',
      answer: { failed: 'ENOTFOUND' },
      ok: false,
      seen: 'no such name',
    },
    {
      what: 'nothing, as it should be',
      to: 'c',
      path: 'pod',
      answer: { failed: 'no answer' },
      ok: true,
      seen: 'no answer',
    },
    {
      what: 'a refusal of what is to be shut: it was reached',
      to: 'c',
      path: 'pod',
      answer: { failed: 'ECONNREFUSED' },
      ok: false,
      seen: 'refused: nobody listens there',
    },
    {
      what: 'an answer of what is to be shut',
      to: 'b',
      path: 'policy',
      answer: { ms: 1, from: { region: 'b', pod: 'probe-of-b-0' } },
      ok: false,
      seen: 'answered by probe-of-b-0 of b',
    },
  ])('GIVEN $what of $to THEN ok: $ok', ({ to, path, answer, ok, seen }) => {
    expect(tried(to, path, answer)).toEqual({ ok, seen });
  });

  it('GIVEN a probe that was cut off THEN what it did not ask is told so, and no half line is taken for an answer', () => {
    const trials = trialsOf(
      all,
      '{"id":0,"ms":1,"from":{"region":"a","pod":"probe-of-a-1"}}\n{"id":1,"m',
      'kubectl exec: gone',
    );

    expect(trials[0]).toMatchObject({ ok: true });
    expect(new Set(trials.slice(1).map(({ ok, seen }) => `${ok} ${seen}`))).toEqual(
      new Set(['false kubectl exec: gone']),
    );
  });
});
