import { describe, expect, it } from 'vitest';
import { countsOf, loadOf, loadQuestions } from '../../../scripts/probes/load.ts';
import { firstProbe, three } from './lab-of-probes.ts';

describe('what a probe asks under load', () => {
  it('GIVEN a region, one that it is connected to and one that it is not THEN every open way once', () => {
    const [a] = three;
    if (a === undefined) throw new Error('no region');

    expect(loadQuestions(firstProbe(a), three).map(({ path, to, host }) => `${path} ${to} ${host}`)).toEqual([
      'pod a 10.0.1.10',
      'pod b 10.1.0.10',
      'pod b 10.1.1.10',
      // whoever answers
      'service a 10.0.255.1',
      'name a probe.clustermesh-lab-probes.svc.cluster.local',
    ]);
  });
});

describe('counts of what was asked', () => {
  it('GIVEN two slices of a way THEN one line of it, with the words of the first loss', () => {
    const counts = [
      { way: 'pod a → b', sent: 20, late: 1, lost: 0, slowest: 12 },
      { way: 'pod a → b', sent: 20, late: 0, lost: 2, slowest: 1007, failed: 'ECONNREFUSED' },
      { way: 'pod b → a', sent: 20, late: 0, lost: 0, slowest: 3 },
    ];

    expect(loadOf(counts)).toEqual({
      sent: 60,
      late: 1,
      unheard: 0,
      lost: 2,
      slowest: 1007,
      ways: [{ way: 'pod a → b', sent: 40, lost: 2, seen: 'refused: nobody listens there' }],
      unknown: [],
    });
  });

  it('GIVEN a probe that could not be asked THEN nothing is known of its ways, and that is told of those never heard of', () => {
    const [a] = three;
    if (a === undefined) throw new Error('no region');
    const [first, second] = loadQuestions(firstProbe(a), three);
    if (first === undefined || second === undefined) throw new Error('no questions');
    const heard = '{"id":0,"sent":20,"late":0,"lost":0,"slowest":3}\n';
    const { sent, late, unheard, lost, ways, unknown } = loadOf([
      ...countsOf([first, second], heard, ''),
      ...countsOf([first, second], '', 'Error from server (NotFound): pods "probe-x" not found\n'),
    ]);

    expect({ sent, late, unheard, lost, ways }).toEqual({ sent: 80, late: 0, unheard: 60, lost: 0, ways: [] });
    expect(unknown).toEqual([
      expect.stringMatching(/^pod \S+ → \S+: kubectl exec: Error from server \(NotFound\): pods "probe-x" not found$/),
    ]);
  });

  it('GIVEN nothing THEN nothing', () => {
    expect(loadOf([])).toEqual({ sent: 0, late: 0, unheard: 0, lost: 0, slowest: 0, ways: [], unknown: [] });
  });
});
