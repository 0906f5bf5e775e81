import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { creatingRegions, intentVolume } from '../../../scripts/observe/intent.ts';
import {
  clusterOwnership,
  guestClusters,
  type Holdings,
  networkOwnership,
  ownClusters,
  ownNetworks,
  orphanClusters,
  outOfSight,
} from '../../../scripts/observe/owned.ts';
import { articleLab, athens, containersOf, labNetwork, owner } from '../fixtures.ts';

const lab = articleLab();
const network = labNetwork(lab);
const held = (changes: Partial<Holdings> = {}): Holdings => ({
  ...{
    owner,
    records: [],
    made: [],
    creating: [],
    networks: [network],
    containers: containersOf(athens()),
    caches: [],
  },
  ...changes,
});

describe('whose a docker network is', () => {
  it.each([
    { given: 'its lab and its owner', changes: {}, whose: 'ours' },
    { given: 'its lab and another owner', changes: { owner: 'f00d' }, whose: "another lab folder's" },
    { given: 'another lab, even with its owner', changes: { lab: 'other' }, whose: "another lab folder's" },
    { given: 'no lab', changes: { lab: undefined, owner: undefined }, whose: "not a lab's" },
  ])('GIVEN a network with $given WHEN asked THEN $whose', ({ changes, whose }) => {
    expect(networkOwnership(lab, { owner }, { ...network, ...changes })).toBe(whose);
  });

  it('GIVEN a folder without owner WHEN asked THEN no network is ours, whatever it says', () => {
    const networks = [network, labNetwork(lab, { owner: undefined, lab: undefined })];

    expect(ownNetworks(lab, { owner: undefined, networks })).toEqual([]);
  });
});

describe('whose a kind cluster is', () => {
  const gone = containersOf(athens({ name: 'region-gone' }));

  it.each<{ given: string; holdings: Holdings; cluster?: string; whose: string | undefined }>([
    { given: 'none of that name', holdings: held({ containers: [] }), whose: undefined },
    { given: 'a region on our network', holdings: held(), whose: 'ours' },
    {
      given: 'a node of it elsewhere',
      holdings: held({
        caches: [],
        containers: [...containersOf(athens()).slice(1), ...containersOf(athens(), { networks: ['kind'] }).slice(0, 1)],
      }),
      whose: "not a lab's",
    },
    {
      given: "a region on another folder's network",
      holdings: held({ networks: [labNetwork(lab, { owner: 'f00d' })] }),
      whose: "another lab folder's",
    },
    {
      given: "a region on kind's own network",
      holdings: held({ containers: containersOf(athens(), { networks: ['kind'] }) }),
      whose: "not a lab's",
    },
    {
      given: 'a region that lab.yaml has lost, on record',
      holdings: held({ containers: gone, made: ['region-gone'] }),
      cluster: 'region-gone',
      whose: 'ours',
    },
    {
      given: 'a cluster that nobody has on record',
      holdings: held({ containers: gone }),
      cluster: 'region-gone',
      whose: "not a lab's",
    },
    {
      given: 'one whose creation was cut off while Docker made its nodes, so that they are on no network yet',
      holdings: held({ containers: containersOf(athens(), { networks: [] }), creating: ['region-athens'] }),
      whose: 'ours',
    },
    {
      given: 'one on no network, and no creation of ours on record',
      holdings: held({ containers: containersOf(athens(), { networks: [] }) }),
      whose: "not a lab's",
    },
    {
      given: 'one whose creation was cut off, a node of it on a network of others',
      holdings: held({
        containers: [...containersOf(athens(), { networks: [] }), ...containersOf(athens(), { networks: ['kind'] })],
        creating: ['region-athens'],
      }),
      whose: "not a lab's",
    },
  ])('GIVEN $given WHEN asked THEN $whose', ({ holdings, cluster = 'region-athens', whose }) => {
    expect(clusterOwnership(lab, holdings, cluster)).toBe(whose);
  });

  it('LAW: whatever is there, what is ours is on networks of ours alone, and no guest is ours', () => {
    const names = fc.constantFrom('region-athens', 'region-hurup', 'region-gone', 'x');
    const nets = fc.constantFrom('clustermesh-lab', 'former', 'kind');
    const containers = fc.array(
      fc.record({ cluster: names, network: nets }).map(({ cluster, network: on }) => ({
        ...{
          name: `${cluster}-node`,
          cluster,
          isNode: true,
          isWorker: false,
          state: 'running' as const,
          networks: [on],
        },
      })),
    );
    const networks = fc.uniqueArray(
      fc.record({
        name: nets,
        lab: fc.constantFrom(lab.name, 'other', undefined),
        owner: fc.constantFrom(owner, 'f00d'),
      }),
      { selector: ({ name }) => name },
    );
    fc.assert(
      fc.property(containers, networks, fc.subarray(['region-gone']), (kind, some, made) => {
        const holdings = held({ made, containers: kind, networks: some.map((each) => ({ ...network, ...each })) });
        const own = new Set(
          some.filter((each) => each.lab === lab.name && each.owner === owner).map(({ name }) => name as string),
        );
        const ours = ownClusters(lab, holdings);
        for (const { cluster, networks: on } of kind)
          if (ours.includes(cluster)) expect(on.every((name) => own.has(name))).toBe(true);
        expect(guestClusters(lab, holdings).filter((name) => ours.includes(name))).toEqual([]);
        expect(ours.filter((name) => name === 'x')).toEqual([]);
      }),
    );
  });
});

describe('the clusters of a lab', () => {
  it('GIVEN containers in any order WHEN named THEN in the order of lab.yaml, those that it has no more behind', () => {
    const known = lab.regions.flatMap((region) => containersOf(region)).toReversed();
    const containers = [...containersOf(athens({ name: 'region-gone' })), ...known];

    expect(ownClusters(lab, held({ made: ['region-gone'], containers }))).toEqual([
      ...['region-athens', 'region-hurup', 'region-gone'],
    ]);
  });
});

describe('kind clusters whose docker network is gone', () => {
  it('GIVEN one network that is there and one that is not WHEN asked THEN the clusters of the latter, each once', () => {
    const lost = containersOf(athens()).map((each) => ({ ...each, cluster: 'lost', networks: ['gone'] }));
    const both = containersOf(athens()).map((each) => ({ ...each, cluster: 'both', networks: ['gone', network.name] }));

    expect(orphanClusters(held({ containers: [...containersOf(athens()), ...lost, ...both] }))).toEqual(['lost']);
    expect(orphanClusters(held())).toEqual([]);
  });

  it('GIVEN nodes on no network WHEN asked THEN they are lost, unless their creation was cut off', () => {
    const containers = containersOf(athens(), { networks: [] });

    expect(orphanClusters(held({ containers }))).toEqual(['region-athens']);
    expect(orphanClusters(held({ containers, creating: ['region-athens'] }))).toEqual([]);
  });
});

describe('a creation that was cut off', () => {
  it('GIVEN volumes of two owners WHEN asked THEN the own regions, and of none where there is no owner', () => {
    const volumes = [intentVolume(owner, 'region-athens'), intentVolume('f00d', 'region-hurup'), ''];

    expect(creatingRegions(volumes, owner)).toEqual(['region-athens']);
    expect(creatingRegions(volumes, undefined)).toEqual([]);
  });
});

describe('a lab that `.lab/` tells of', () => {
  const record = { lab: lab.name, id: owner, here: true, engine: 'A' };

  it.each([
    { given: 'no record', holdings: { networks: [] }, seen: undefined },
    { given: 'its network, on an engine that got another id', holdings: { records: [record] }, seen: undefined },
    {
      given: 'nothing, on another engine',
      holdings: { records: [record], networks: [] },
      seen: { where: 'elsewhere' },
    },
    {
      given: 'nothing, and no engine on record, where a cluster was begun',
      holdings: { records: [{ ...record, engine: undefined }], made: ['region-athens'], networks: [] },
      seen: { where: 'elsewhere' },
    },
    {
      given: 'nothing, and no engine on record, where none was',
      holdings: { records: [{ ...record, engine: undefined }], networks: [] },
      seen: undefined,
    },
    {
      given: 'a creation that was cut off, on another network',
      holdings: { records: [record], networks: [], creating: ['region-athens'], made: ['region-athens'] },
      seen: undefined,
    },
    {
      given: 'its network under another name, from another folder',
      holdings: { records: [{ ...record, here: false }], networks: [{ ...network, name: 'former' }] },
      seen: { where: 'another network', network: 'former' },
    },
  ])('GIVEN $given WHEN looked for THEN $seen', ({ holdings, seen }) => {
    expect(outOfSight(lab, held({ containers: [], ...holdings }), 'B')).toEqual(seen);
  });
});
