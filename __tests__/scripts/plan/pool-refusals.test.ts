import { describe, expect, it } from 'vitest';
import { IpRange } from '../../../lab/cidr.ts';
import type { Lab } from '../../../lab/lab.ts';
import { stacks } from '../../../lab/stacks.ts';
import type { Refusal } from '../../../scripts/plan/refusal.ts';
import { findRefusals } from '../../../scripts/plan/refusals.ts';
import { allThere, articleLab, labNetwork, livingCluster, livingRegion } from '../fixtures.ts';

const lab = articleLab();
const living = allThere(lab);

/** lab.yaml gives region-athens another pool, while the whole lab lives. */
function athensGets(pool: string, observed = living): Refusal[] {
  const [athens, ...others] = lab.regions;
  if (athens === undefined) throw new Error('the article has two regions');
  const changed: Lab = { ...lab, regions: [{ ...athens, pool: IpRange.parse(pool) }, ...others] };
  return findRefusals(changed, changed.regions, observed);
}

describe('a pool that moves under living addresses', () => {
  it('GIVEN it holds them still THEN nothing stands against it', () => {
    expect(athensGets('172.19.255.1-172.19.255.50')).toEqual([]);
    expect(athensGets('172.19.254.1-172.19.255.100')).toEqual([]);
  });

  it('GIVEN it leaves one out THEN refused, with the pool to keep', () => {
    expect(athensGets('172.19.254.1-172.19.254.100')).toEqual([
      {
        cause:
          'region-athens lives with the pool 172.19.255.1-172.19.255.100, and the pool 172.19.254.1-172.19.254.100 of lab.yaml leaves out 172.19.255.1 of kube-system/hubble-ui',
        remedy:
          'keep it: `pool: 172.19.255.1-172.19.255.100` under the region in lab.yaml; or make the region anew: npm run destroy -- --region region-athens, then deploy again',
      },
    ]);
  });

  it("GIVEN it holds another region's address THEN refused, though the two pools of lab.yaml may be apart", () => {
    const [, hurup] = lab.regions;
    if (hurup === undefined) throw new Error('the article has two regions');
    const addresses = [{ service: 'shop/front', address: '172.19.255.150' }];
    const observed = allThere(lab, {
      'region-hurup': livingRegion(lab, hurup, { cluster: livingCluster(lab, hurup, { addresses }) }),
    });

    expect(athensGets('172.19.255.1-172.19.255.150', observed)).toEqual([
      {
        cause:
          'the pool 172.19.255.1-172.19.255.150 of region-athens holds 172.19.255.150, which shop/front of region-hurup has',
        remedy: 'give region-athens another pool in lab.yaml',
      },
    ]);
  });

  it('GIVEN a living pool of two ranges THEN an address of either is looked at', () => {
    const [athens] = lab.regions;
    if (athens === undefined) throw new Error('the article has two regions');
    const poolObjects = new Map([
      ['IPAddressPool/default-pool', { addresses: ['172.19.250.1-172.19.250.9', '172.19.255.1-172.19.255.100'] }],
    ]);
    const cluster = livingCluster(lab, athens, { poolObjects });
    const observed = allThere(lab, { 'region-athens': livingRegion(lab, athens, { cluster }) });

    expect(athensGets('172.19.254.1-172.19.254.100', observed).map(({ cause }) => cause)).toEqual([
      'region-athens lives with the pool 172.19.250.1-172.19.250.9, 172.19.255.1-172.19.255.100, and the pool 172.19.254.1-172.19.254.100 of lab.yaml leaves out 172.19.255.1 of kube-system/hubble-ui',
    ]);
  });

  it.each([
    {
      given: 'its region is refused already, whose lines to keep have the pool',
      observed: () => {
        const [athens] = lab.regions;
        if (athens === undefined) throw new Error('the article has two regions');
        const cluster = livingCluster(lab, athens, { podSubnet: '10.8.0.0/16' });
        return allThere(lab, { 'region-athens': livingRegion(lab, athens, { cluster }) });
      },
      cause: 'region-athens lives with podSubnet 10.8.0.0/16, lab.yaml says 10.0.0.0/16',
    },
    {
      given: 'the network is refused, and all pools with it',
      observed: () => ({ ...living, networks: [labNetwork(lab, { subnets: ['172.20.0.0/16'] })] }),
      cause:
        'the docker network clustermesh-lab is 172.20.0.0/16 (nodes 172.19.0.0/17), lab.yaml says 172.19.0.0/16 (nodes 172.19.0.0/17)',
    },
  ])('GIVEN $given THEN nothing is said of the pool', ({ observed, cause }) => {
    expect(athensGets('172.19.254.1-172.19.254.100', observed()).map((refusal) => refusal.cause)).toEqual([cause]);
  });

  it('GIVEN an address of a pool that is not the lab’s THEN it is not looked at', () => {
    const [athens] = lab.regions;
    if (athens === undefined) throw new Error('the article has two regions');
    const addresses = [{ service: 'shop/front', address: '172.19.240.1' }];
    const cluster = livingCluster(lab, athens, { addresses });

    expect(
      athensGets(
        '172.19.254.1-172.19.254.100',
        allThere(lab, { 'region-athens': livingRegion(lab, athens, { cluster }) }),
      ),
    ).toEqual([]);
  });
});

describe('a jump of Cilium releases', () => {
  const to = (cilium: string): Refusal[] => {
    const stack = { ...stacks.article, versions: { ...stacks.article.versions, cilium } };
    return findRefusals(articleLab({ stack }), lab.regions.slice(0, 1), living);
  };

  it.each(['1.14.2', '1.14.9', '1.15.0', '1.13.4'])(
    'GIVEN 1.14.2 lives WHEN lab.yaml says %s THEN it may',
    (version) => {
      expect(to(version)).toEqual([]);
    },
  );

  it.each([
    ['1.16.0', '1.15'],
    ['1.20.0', '1.15'],
    ['1.12.1', '1.13'],
    ['2.0.0', '2.0'],
  ])('GIVEN 1.14.2 lives WHEN lab.yaml says %s THEN refused, by way of %s', (version, next) => {
    expect(to(version)).toEqual([
      {
        cause: `region-athens runs Cilium 1.14.2, lab.yaml says ${version}: more than one minor release at once, which Cilium does not test`,
        remedy: `go there release by release: \`versions: { cilium: ${next}.x }\` in lab.yaml next, with the newest ${next}; or destroy the lab and deploy it anew`,
      },
    ]);
  });
});
