import { describe, expect, it } from 'vitest';
import { wholeCluster } from '../../../scripts/observe/observed.ts';
import { articleLab, athens, livingCluster, livingRegion } from '../fixtures.ts';

const lab = articleLab();

describe('a cluster whose creation came to an end', () => {
  const seen = (nodes: readonly string[]) =>
    livingRegion(lab, athens(), { cluster: livingCluster(lab, athens(), { nodes }) });

  it.each([
    { given: 'all nodes', seen: seen(athens().nodes), whole: true },
    { given: 'a node that did not join', seen: seen(athens().nodes.slice(1)), whole: false },
    { given: 'nodes of other names', seen: seen(['a', 'b', 'c', 'd']), whole: false },
    {
      given: 'all nodes, and a creation that was cut off',
      seen: livingRegion(lab, athens(), { creating: true }),
      whole: false,
    },
    { given: 'no answer', seen: livingRegion(lab, athens(), { cluster: undefined }), whole: false },
    { given: 'nobody who looked', seen: undefined, whole: false },
  ])('GIVEN $given WHEN asked THEN $whole', ({ seen: region, whole }) => {
    expect(wholeCluster(athens(), region) !== undefined).toBe(whole);
  });
});
