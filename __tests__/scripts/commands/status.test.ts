import { describe, expect, it } from 'vitest';
import { regionStatus, statusLines } from '../../../scripts/commands/status.ts';
import type { ObservedCluster } from '../../../scripts/observe/observed.ts';
import { articleLab, athens, containersOf, hurup, livingCluster, livingRegion } from '../fixtures.ts';
import { plain } from '../events/reporters/events.ts';

const lab = articleLab();
const of = (region = athens(), changes: Parameters<typeof livingCluster>[2] = {}) =>
  regionStatus(region, lab, livingRegion(lab, region, { cluster: livingCluster(lab, region, changes) }));
const absent = regionStatus(hurup(), lab, undefined);

describe('the status of a region', () => {
  it('GIVEN a living region WHEN asked THEN nodes, Cilium, addresses and links', () => {
    expect(of()).toEqual({
      region: 'region-athens',
      ok: true,
      state: 'up',
      nodesReady: 4,
      nodes: 4,
      cilium: '1.14.2',
      hubbleUi: '172.19.255.1',
      meshApiServer: '172.19.255.2',
      links: { 'region-hurup': '4/4' },
    });
  });

  it('GIVEN none, and one whose API server does not answer WHEN asked THEN absent and unreachable', () => {
    expect(absent).toMatchObject({ ok: false, state: 'absent', nodesReady: 0, nodes: 4, cilium: '-', links: {} });
    expect(regionStatus(athens(), lab, livingRegion(lab, athens(), { cluster: undefined })).state).toBe('unreachable');
    const half = { creating: true, cluster: undefined } as const;
    expect(regionStatus(athens(), lab, livingRegion(lab, athens(), half)).state).toBe('half-built');
  });

  it('GIVEN a node that does not run WHEN asked THEN stopped; where the API server answers, up without that node', () => {
    const containers = containersOf(athens()).map((each, index) =>
      index === 0 ? { ...each, state: 'stopped' as const } : each,
    );
    const seen = (cluster: ObservedCluster | undefined) =>
      regionStatus(athens(), lab, livingRegion(lab, athens(), { containers, cluster }));

    expect(seen(undefined)).toMatchObject({ state: 'stopped', ok: false });
    expect(seen(livingCluster(lab, athens(), { readyNodes: athens().nodes.slice(1) }))).toMatchObject({
      ...{ state: 'up', nodesReady: 3, nodes: 4, ok: false },
    });
  });

  it.each([
    {
      given: 'an agent that is not up',
      changes: { ciliumNotReady: ['daemonset/cilium 3/4'] },
      cilium: 'daemonset/cilium 3/4',
    },
    { given: 'no Cilium', changes: { release: undefined }, cilium: '-' },
  ])('GIVEN $given WHEN asked THEN Cilium is: $cilium', ({ changes, cilium }) => {
    expect(of(athens(), changes).cilium).toBe(cilium);
  });
});

describe('is a region as it should be?', () => {
  it.each<{ given: string; changes: Parameters<typeof livingCluster>[2]; ok: boolean }>([
    { given: 'all of it', changes: {}, ok: true },
    { given: 'a node that is not ready', changes: { readyNodes: athens().nodes.slice(1) }, ok: false },
    { given: 'no Cilium', changes: { release: undefined }, ok: false },
    { given: 'an agent that is not up', changes: { ciliumNotReady: ['daemonset/cilium 3/4'] }, ok: false },
    { given: 'no mesh', changes: { mesh: undefined }, ok: false },
    {
      given: 'an agent that is not connected',
      changes: { mesh: { address: '172.19.255.2', total: 4, connected: { 'region-hurup': 3 } } },
      ok: false,
    },
  ])('GIVEN $given WHEN asked THEN $ok', ({ changes, ok }) => {
    expect(of(athens(), changes).ok).toBe(ok);
  });
});

describe('the links of many regions', () => {
  const many = (count: number) => {
    const names = Array.from({ length: count }, (_, index) => `r${index}`);
    return names.map((region) => ({
      ...of(),
      region,
      links: Object.fromEntries(names.filter((name) => name !== region).map((name) => [name, '4/4'])),
    }));
  };
  const linksOf = (...args: Parameters<typeof statusLines>) => {
    const lines = statusLines(...args);
    return lines.slice(lines.indexOf('') + 1);
  };

  it('GIVEN more than twelve WHEN shown THEN a row each: how many links, and the first that are missing', () => {
    const regions = many(13);
    const [one, two] = regions;
    if (one === undefined || two === undefined) throw new Error('no regions');
    const lines = linksOf(
      [
        { ...one, links: { ...one.links, r5: '3/4' } },
        { ...two, links: { ...two.links, r2: '-', r3: '-', r4: '-', r5: '-' } },
        ...regions.slice(2, -1),
        { ...absent, region: 'r12', links: { r0: '-' } },
      ],
      plain,
    );

    expect(lines.slice(0, 4)).toEqual([
      'region  links  not connected',
      'r0      11/12  r5 3/4',
      'r1      8/12   r2 -, r3 -, r4 -, and 1 more',
      'r2      12/12',
    ]);
    expect(lines.at(-1)).toBe('r12     0/1');
  });

  it('GIVEN twelve THEN all links, unless the terminal is too narrow', () => {
    expect(linksOf(many(12), plain)[0]).toContain('connected to  r0   r1 ');
    expect(linksOf(many(12), plain, { columns: 72 })[0]).toContain('connected to');
    expect(linksOf(many(12), plain, { columns: 71 })[0]).toBe('region  links  not connected');
  });
});

describe('the whole lab on one screen', () => {
  it('GIVEN two regions, one link broken WHEN shown THEN a row each, and who is connected to whom', () => {
    const mesh = { address: '172.19.255.102', total: 4, connected: { 'region-athens': 3 } };

    expect(statusLines([of(), of(hurup(), { mesh, hubbleUi: undefined })], plain)).toEqual([
      'region         nodes  cilium  hubble ui     mesh api server',
      'region-athens  4/4    1.14.2  172.19.255.1  172.19.255.2',
      'region-hurup   4/4    1.14.2  -             172.19.255.102',
      '',
      'connected to   region-athens  region-hurup',
      'region-athens  ·              4/4',
      'region-hurup   3/4            ·',
    ]);
  });

  it('GIVEN a region that is not there WHEN shown THEN so it says', () => {
    expect(statusLines([of(), absent], plain).slice(1)).toEqual([
      'region-athens  4/4     1.14.2  172.19.255.1  172.19.255.2',
      'region-hurup   absent',
      '',
      'connected to   region-athens  region-hurup',
      'region-athens  ·              4/4',
      'region-hurup   -              ·',
    ]);
  });

  it('GIVEN a lab without Hubble UI WHEN shown THEN no column for it', () => {
    const regions = [of(athens(), { hubbleUi: undefined }), absent];
    expect(statusLines(regions, plain, { hasHubbleUi: false }).slice(0, 3)).toEqual([
      'region         nodes   cilium  mesh api server',
      'region-athens  4/4     1.14.2  172.19.255.2',
      'region-hurup   absent',
    ]);
  });

  it('GIVEN one region WHEN shown THEN no links', () => {
    expect(statusLines([of()], plain)).toHaveLength(2);
  });
});
