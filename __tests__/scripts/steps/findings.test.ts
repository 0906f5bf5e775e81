import { describe, expect, it } from 'vitest';
import { findings } from '../../../scripts/steps/findings.ts';
import type { Observed, ObservedCluster } from '../../../scripts/observe/observed.ts';
import {
  allThere,
  articleLab,
  athens,
  desiredOf,
  livingCluster,
  livingRegion,
  metallbOf,
  noMetallb,
  nothingThere,
} from '../fixtures.ts';

const lab = articleLab();
const desired = desiredOf(lab);
const of = (observed: Observed, regions = lab.regions): string[] => findings({ lab, regions, desired }, observed);

/** All is there, but for changes to region-athens. */
function athensWith(changes: Partial<ObservedCluster>): Observed {
  const cluster = livingCluster(lab, athens(), changes);
  return allThere(lab, { 'region-athens': livingRegion(lab, athens(), { cluster }) });
}

const living = livingCluster(lab, athens());
const halfUpgraded = new Map([
  ['controller', 'v0.13.7'],
  ['speaker', 'v0.13.5'],
]);

describe('the last look', () => {
  it('GIVEN the whole lab THEN it finds nothing', () => {
    expect(of(allThere(lab))).toEqual([]);
  });

  it.each<{ given: string; cluster: Partial<ObservedCluster>; found: string[] }>([
    {
      given: 'an agent that is not up',
      cluster: { ciliumNotReady: ['daemonset/cilium 1/2'] },
      found: ['region-athens: not up: daemonset/cilium 1/2'],
    },
    {
      given: 'a speaker that is not up',
      cluster: { metallb: metallbOf('v0.13.7', { notReady: ['daemonset/speaker 3/4'] }) },
      found: ['region-athens: not up: daemonset/speaker 3/4'],
    },
    {
      given: 'speakers of another version than the controller',
      cluster: { metallb: metallbOf('v0.13.7', { versions: halfUpgraded }) },
      found: ["region-athens: MetalLB's speaker is v0.13.5, not v0.13.7"],
    },
    {
      given: 'no MetalLB',
      cluster: { metallb: noMetallb },
      found: ['region-athens: not up: MetalLB'],
    },
    {
      given: 'a node that is not ready',
      cluster: { readyNodes: living.nodes.slice(1) },
      found: ['region-athens: not up: node/region-athens-control-plane'],
    },
    {
      given: 'a release that is not deployed',
      cluster: { release: living.release && { ...living.release, status: 'failed' } },
      found: ['region-athens: not up: the Cilium release is failed'],
    },
    {
      given: 'no release',
      cluster: { release: undefined },
      found: ['region-athens: not up: the Cilium release is not installed'],
    },
    {
      given: 'a Service without address',
      cluster: { addresses: [{ service: 'kube-system/hubble-ui', address: undefined }] },
      found: ['region-athens: kube-system/hubble-ui has no address'],
    },
    {
      given: 'an address outside the pool',
      cluster: { addresses: [{ service: 'kube-system/hubble-ui', address: '172.19.255.150' }] },
      found: [
        'region-athens: kube-system/hubble-ui has the address 172.19.255.150, outside the pool 172.19.255.1-172.19.255.100',
      ],
    },
    {
      given: "a Service of the user's own, of another pool or still without address",
      cluster: {
        addresses: [
          { service: 'shop/front', address: '10.9.9.9' },
          { service: 'shop/back', address: undefined },
        ],
      },
      found: [],
    },
    {
      given: 'a pool that somebody changed',
      cluster: { poolObjects: new Map([['IPAddressPool/default-pool', { addresses: ['172.19.255.1-172.19.255.9'] }]]) },
      found: [
        'region-athens: IPAddressPool/default-pool is not as in dist/: addresses',
        'region-athens: L2Advertisement/default is not as in dist/: it is missing',
      ],
    },
    {
      given: 'one agent without a link',
      cluster: { mesh: { address: '172.19.255.2', total: 4, connected: { 'region-hurup': 3 } } },
      found: ['region-athens: does not reach region-hurup with all of its agents'],
    },
    {
      given: 'agents that are connected to a region that they are not to be connected to',
      cluster: { mesh: { address: '172.19.255.2', total: 4, connected: { 'region-hurup': 4, 'region-kyoto': 1 } } },
      found: ['region-athens: is connected to region-kyoto, which lab.yaml does not connect it to'],
    },
    {
      given: 'an API server that moved to another address of the pool',
      cluster: { mesh: { address: '172.19.255.7', total: 4, connected: { 'region-hurup': 4 } } },
      found: ['region-hurup: does not reach region-athens with all of its agents'],
    },
  ])('GIVEN $given THEN $found', ({ cluster, found }) => {
    expect(of(athensWith(cluster))).toEqual(found);
  });

  it("GIVEN addresses of Cilium's THEN MetalLB is not missed, and its pool is looked at", () => {
    const own = articleLab({ loadBalancer: 'cilium' });
    const wanted = { lab: own, regions: own.regions, desired: desiredOf(own) };
    const poolObjects = new Map([['CiliumLoadBalancerIPPool/default-pool', { blocks: [], disabled: true }]]);
    const cluster = livingCluster(own, athens(), { poolObjects });

    expect(findings(wanted, allThere(own))).toEqual([]);
    expect(findings(wanted, allThere(own, { 'region-athens': livingRegion(own, athens(), { cluster }) }))).toEqual([
      'region-athens: CiliumLoadBalancerIPPool/default-pool is not as in dist/: disabled, blocks',
      'region-athens: CiliumL2AnnouncementPolicy/default is not as in dist/: it is missing',
    ]);
  });

  it('GIVEN a region that does not answer THEN it is named, and the links of the other one too', () => {
    const observed = allThere(lab, { 'region-athens': livingRegion(lab, athens(), { cluster: undefined }) });

    expect(of(observed)).toEqual(['region-athens: not up: its API server, or a node of it']);
    expect(of(nothingThere(lab))).toHaveLength(2);
  });

  it('GIVEN one region of two WHEN looked at THEN its links are not asked for', () => {
    const observed = athensWith({ mesh: { address: '172.19.255.2', total: 4, connected: {} } });

    expect(of(observed, [athens()])).toEqual([]);
  });
});
