import { describe, expect, it } from 'vitest';
import { poolDifferences } from '../../../scripts/steps/pool-objects.ts';
import { articleLab, athens, desiredOf, livingCluster } from '../fixtures.ts';

const lab = articleLab();
const wanted = desiredOf(lab).get('region-athens');
if (wanted === undefined) throw new Error('no region-athens');

const range = '172.19.255.1-172.19.255.100';
const whole = new Map<string, Record<string, unknown>>([
  ['IPAddressPool/default-pool', { addresses: [range] }],
  ['L2Advertisement/default', { ipAddressPools: ['default-pool'] }],
]);

/** Where region-athens differs from dist/, with these objects in place of its own; without one for undefined. */
function found(changes: Readonly<Record<string, Record<string, unknown> | undefined>>): Record<string, string> {
  const objects = Object.entries({ ...Object.fromEntries(whole), ...changes });
  const poolObjects = new Map(objects.flatMap(([name, spec]) => (spec === undefined ? [] : [[name, spec] as const])));
  const differing = poolDifferences(livingCluster(lab, athens(), { poolObjects }), wanted ?? never());
  return Object.fromEntries(differing.map(({ name, where }) => [name, where]));
}

function never(): never {
  throw new Error('no region-athens');
}

describe("a region's pool and its announcement, beside dist/", () => {
  it.each<{ given: string; pool: Record<string, unknown>; where?: string }>([
    { given: 'the same', pool: { addresses: [range] } },
    {
      given: 'the defaults that the API server adds',
      pool: { addresses: [range], autoAssign: true, avoidBuggyIPs: false },
    },
    { given: 'other addresses', pool: { addresses: ['172.19.255.1-172.19.255.9'] }, where: 'addresses' },
    { given: 'one range more', pool: { addresses: [range, '10.0.0.1-10.0.0.9'] }, where: 'addresses' },
    {
      given: 'a pool that gives nothing unless it is asked for by name',
      pool: { addresses: [range], autoAssign: false },
      where: 'autoAssign',
    },
    {
      given: 'a pool that leaves out .0 and .255',
      pool: { addresses: [range], autoAssign: true, avoidBuggyIPs: true },
      where: 'avoidBuggyIPs',
    },
    {
      given: 'a pool for one namespace alone',
      pool: { addresses: [range], serviceAllocation: { namespaces: ['shop'] } },
      where: 'serviceAllocation',
    },
    { given: 'no addresses, and a key of a later version', pool: { later: 1 }, where: 'addresses, later' },
  ])('GIVEN $given WHEN compared THEN it differs at: $where', ({ pool, where }) => {
    expect(found({ 'IPAddressPool/default-pool': pool })).toEqual(
      where === undefined ? {} : { 'IPAddressPool/default-pool': where },
    );
  });

  it.each([
    { given: 'other nodes', more: { nodeSelectors: [{ matchLabels: { nope: 'x' } }] }, where: 'nodeSelectors' },
    { given: 'other interfaces', more: { interfaces: ['eth7'] }, where: 'interfaces' },
    { given: 'some Services alone', more: { serviceSelectors: [{}] }, where: 'serviceSelectors' },
    { given: 'what is a default of a pool alone', more: { autoAssign: true }, where: 'autoAssign' },
  ])('GIVEN an announcement for $given WHEN compared THEN it differs', ({ more, where }) => {
    expect(found({ 'L2Advertisement/default': { ipAddressPools: ['default-pool'], ...more } })).toEqual({
      'L2Advertisement/default': where,
    });
  });

  it("GIVEN Cilium's with the default that the API server adds THEN they are the same; disabled, or of other interfaces, not", () => {
    const own = articleLab({ loadBalancer: 'cilium' });
    const blocks = [{ start: '172.19.255.1', stop: '172.19.255.100' }];
    const where = (pool: object, policy: object): string[] => {
      const poolObjects = new Map<string, Record<string, unknown>>([
        ['CiliumLoadBalancerIPPool/default-pool', { blocks, disabled: false, ...pool }],
        ['CiliumL2AnnouncementPolicy/default', { loadBalancerIPs: true, ...policy }],
      ]);
      const cluster = livingCluster(own, athens(), { poolObjects });
      return poolDifferences(cluster, desiredOf(own).get('region-athens') ?? never()).map((each) => each.where);
    };

    expect(where({}, {})).toEqual([]);
    expect(where({ disabled: true }, { interfaces: ['eth7'] })).toEqual(['disabled', 'interfaces']);
  });

  it('GIVEN one that is missing THEN it is, and what is only in the cluster is somebody else’s', () => {
    expect(found({ 'L2Advertisement/default': undefined, 'IPAddressPool/mine': { addresses: [] } })).toEqual({
      'L2Advertisement/default': 'it is missing',
    });
  });
});
