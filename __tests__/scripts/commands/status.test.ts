import { describe, expect, it } from 'vitest';
import { regionStatus, statusLines } from '../../../scripts/commands/status.ts';
import { articleLab, athens, hurup, livingCluster, livingRegion } from '../fixtures.ts';
import { plain } from '../events/reporters/events.ts';

const lab = articleLab();
const of = (region = athens(), changes: Parameters<typeof livingCluster>[2] = {}) =>
  regionStatus(region, lab, livingRegion(lab, region, { cluster: livingCluster(lab, region, changes) }));
const absent = regionStatus(hurup(), lab, undefined);

describe('the status of a region', () => {
  it('GIVEN a living region WHEN asked THEN nodes, Cilium, addresses and links', () => {
    expect(of()).toEqual({
      region: 'region-athens',
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
    expect(absent).toMatchObject({ state: 'absent', nodesReady: 0, nodes: 4, cilium: '-', links: {} });
    expect(regionStatus(athens(), lab, livingRegion(lab, athens(), { cluster: undefined })).state).toBe('unreachable');
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

  it('GIVEN one region WHEN shown THEN no links', () => {
    expect(statusLines([of()], plain)).toHaveLength(2);
  });
});
