import { describe, expect, it } from 'vitest';
import { wholeCluster } from '../../../scripts/observe/observed.ts';
import { warningsOf } from '../../../scripts/commands/prepare.ts';
import {
  allThere,
  articleLab,
  athens,
  containersOf,
  labNetwork,
  livingCluster,
  livingRegion,
  nothingThere,
} from '../fixtures.ts';

const lab = articleLab();

describe('what is odd and stops nothing', () => {
  it('GIVEN nothing, or the whole lab WHEN asked THEN nothing is odd', () => {
    expect(warningsOf(lab, nothingThere(lab))).toEqual([]);
    expect(warningsOf(lab, allThere(lab))).toEqual([]);
  });

  it("GIVEN a region that lab.yaml has lost WHEN asked THEN it is named once; clusters on other networks are not the lab's", () => {
    const gone = containersOf(athens({ name: 'region-gone' }));
    const foreign = containersOf(athens({ name: 'kind' }), { networks: ['kind'] });

    const observed = { ...allThere(lab), containers: [...gone, ...foreign] };

    expect(warningsOf(lab, { ...observed, made: ['region-gone'] })).toEqual([
      "the kind cluster region-gone is on the lab's network but not in lab.yaml; to remove it: npm run destroy -- --region region-gone",
    ]);
    // one that no deploy of this lab made is somebody else's
    expect(warningsOf(lab, observed)).toEqual([
      "the kind cluster region-gone is on the lab's network but not in lab.yaml; to remove it: kind delete cluster --name region-gone",
    ]);
  });

  it('GIVEN a network of that name which is not of this lab WHEN asked THEN what is on it is none of its business', () => {
    const containers = containersOf(athens({ name: 'region-gone' }));
    const networks = [labNetwork(lab, { lab: 'other' })];

    expect(warningsOf(lab, nothingThere(lab, { networks, containers }))).toEqual([]);
  });

  it('GIVEN a region of an older Kubernetes WHEN asked THEN it keeps its node image', () => {
    const cluster = livingCluster(lab, athens(), { kubernetes: 'v1.26.6' });

    expect(warningsOf(lab, allThere(lab, { 'region-athens': livingRegion(lab, athens(), { cluster }) }))).toEqual([
      'region-athens runs Kubernetes v1.26.6, the stack has v1.27.3; a living region keeps its node image',
    ]);
  });
});

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
