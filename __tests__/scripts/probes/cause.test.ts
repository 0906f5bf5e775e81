import { describe, expect, it } from 'vitest';
import { causeOf, type Circumstances } from '../../../scripts/probes/cause.ts';
import { type PathName, questionsOf, unaddressed } from '../../../scripts/probes/questions.ts';
import { failed, type Trial } from '../../../scripts/probes/trials.ts';
import { firstProbe, probesOf, regionOf, three } from './lab-of-probes.ts';

const asking = firstProbe(three[0] ?? probesOf(regionOf('a', 2, ['b'])));

/** All questions of a's first probe, as they should be but for those of these paths to b. */
function trials(...failing: readonly PathName[]): Trial[] {
  return questionsOf(asking, three).map((question) => {
    const ok = !(question.to === 'b' && failing.includes(question.path));
    return { ...question, asked: true, ok, milliseconds: ok ? 1 : undefined, seen: ok ? 'answered' : 'no answer' };
  });
}

const fine = (region: string, other: string, changes: Partial<Circumstances> = {}): Circumstances => ({
  context: `kind-${region}`,
  loadBalancer: 'metallb',
  missingProbes: [],
  mesh: { address: '172.19.255.2', total: 2, connected: { [other]: 2 } },
  configured: [other],
  apiServer: '1/1',
  apiServerAge: 3600,
  cilium: 14,
  dns: '2/2',
  service: { isGlobal: true, isShared: true },
  mtus: new Map([`${region}-0`, `${region}-1`].map((node) => [node, 1500])),
  policies: [],
  ...changes,
});

/** What is said first of the first of the failing paths. */
function cause(
  failing: readonly PathName[],
  here: Partial<Circumstances> = {},
  there: Partial<Circumstances> = {},
): string {
  const all = trials(...failing);
  const failed = all.find(({ ok }) => !ok);
  if (failed === undefined) throw new Error('nothing fails');
  return causeOf(failed, all, fine('a', 'b', here), fine('b', 'a', there)).cause;
}

describe('what has no address', () => {
  it.each([
    ['service', 'service not there: clustermesh-lab-probes/probe of a has no cluster address'],
    ['balancer', 'the ClusterMesh API server of b has no LoadBalancer address'],
  ] as const)('GIVEN a %s THEN that is what is told', (path, told) => {
    const [without] = unaddressed(
      asking,
      three.map((each) => ({ ...each, service: undefined, balancer: undefined })),
    ).filter((question) => question.path === path && question.to === 'b');
    if (without === undefined) throw new Error('nothing is without an address');

    expect(causeOf(failed(without), [], fine('a', 'b'), fine('b', 'a')).cause).toBe(told);
  });
});

describe('the first thing to look at', () => {
  it.each<{
    given: string;
    failing: readonly PathName[];
    here?: Partial<Circumstances>;
    there?: Partial<Circumstances>;
    first: string;
  }>([
    {
      given: "a link's Secret that is gone",
      failing: ['pod', 'service'],
      here: { configured: undefined },
      first: 'link down: the Secret kube-system/cilium-clustermesh of a is gone, so its agents do not connect',
    },
    {
      given: 'one that has no entry, at the other end',
      failing: ['service'],
      there: { configured: ['c'] },
      first:
        'link down: the Secret kube-system/cilium-clustermesh of b has no entry for a, so its agents do not connect',
    },
    {
      given: 'a ClusterMesh API server at 0',
      failing: ['service'],
      there: { apiServer: '0/0' },
      first: 'link down: the ClusterMesh API server of b has 0/0 pods ready',
    },
    {
      given: 'none at all',
      failing: ['pod'],
      there: { apiServer: undefined },
      first: 'link down: the ClusterMesh API server of b is not there',
    },
    {
      given: 'an agent that is not connected',
      failing: ['pod'],
      here: { mesh: { address: undefined, total: 2, connected: { b: 1 } } },
      first: 'agent not connected: those of a are connected to b 1/2',
    },
    {
      given: 'agents that do not answer',
      failing: ['pod'],
      there: { mesh: undefined },
      first: 'agent not connected: those of b do not answer',
    },
    {
      given: 'a Service that is not global here',
      failing: ['service', 'name'],
      here: { service: { isGlobal: false, isShared: true } },
      first: 'service not global there: clustermesh-lab-probes/probe of a is not global',
    },
    {
      given: 'one that is not shared there',
      failing: ['service', 'name'],
      there: { service: { isGlobal: true, isShared: false } },
      first: 'service not global there: clustermesh-lab-probes/probe of b is not shared',
    },
    {
      given: 'no backends',
      failing: ['service'],
      there: { missingProbes: ['b-0 (CrashLoopBackOff)'] },
      first: 'no backends: in b no probe is ready on b-0 (CrashLoopBackOff)',
    },
    {
      given: 'a policy that shuts a region out',
      failing: ['pod', 'mtu', 'service', 'name'],
      there: { policies: ['ciliumnetworkpolicy clustermesh-lab-probes/shut-a-out'] },
      first: 'policy: ciliumnetworkpolicy clustermesh-lab-probes/shut-a-out in b',
    },
    { given: 'CoreDNS at 0', failing: ['name'], here: { dns: '0/2' }, first: 'DNS: CoreDNS of a has 0/2 pods ready' },
    { given: 'no CoreDNS', failing: ['name'], here: { dns: undefined }, first: 'DNS: CoreDNS of a is not there' },
    {
      given: 'a small MTU',
      failing: ['mtu'],
      first: 'MTU: small packets get from a-0 to b-0, full-size ones do not',
    },
    {
      given: 'an interface that takes less than the others, and loses small packets too',
      failing: ['pod', 'mtu', 'service'],
      there: {
        mtus: new Map([
          ['b-0', 1300],
          ['b-1', 1500],
        ]),
      },
      first: 'MTU: eth0 of b-0 has 1300, other nodes 1500',
    },
    {
      given: 'a Service whose pods are not reached',
      failing: ['pod', 'service', 'name'],
      first: 'no way from a-0 to b-0, though the link stands: VXLAN (UDP 8472) between these nodes',
    },
    {
      given: 'a ClusterMesh API server that is new, to agents of Cilium 1.14',
      failing: ['service', 'name'],
      there: { apiServerAge: 40.4 },
      first:
        'the ClusterMesh API server of b was started 40 s ago, and agents of Cilium before 1.16, as those of a, hear nothing of a new one for three to four minutes',
    },
    {
      given: 'the same, to those of Cilium 1.16',
      failing: ['service'],
      here: { cilium: 16 },
      there: { apiServerAge: 40 },
      first: 'nothing that is known explains it',
    },
    {
      given: 'one that is new, where pods are not reached',
      failing: ['pod', 'service'],
      there: { apiServerAge: 40 },
      first: 'no way from a-0 to b-0, though the link stands: VXLAN (UDP 8472) between these nodes',
    },
    {
      given: 'VXLAN that is dropped',
      failing: ['pod', 'mtu'],
      first: 'no way from a-0 to b-0, though the link stands: VXLAN (UDP 8472) between these nodes',
    },
    {
      given: 'an address that nobody answers for',
      failing: ['balancer'],
      first: 'the LoadBalancer address of b is not answered for on the docker network',
    },
    {
      given: 'an address whose server is down',
      failing: ['balancer'],
      there: { apiServer: '0/1' },
      first: 'link down: the ClusterMesh API server of b has 0/1 pods ready',
    },
    {
      given: 'a policy that does not hold',
      failing: ['policy'],
      first: 'the policy of clustermesh-lab-probes in b does not hold for clients of a',
    },
  ])('GIVEN $given THEN $first', ({ failing, here, there, first }) => {
    expect(cause(failing, here, there)).toBe(first);
  });

  it('GIVEN two that are connected though they are not to be THEN the topology', () => {
    const all = trials().map((trial) => (trial.to === 'c' && trial.path === 'pod' ? { ...trial, ok: false } : trial));
    const open = all.find(({ ok }) => !ok);
    if (open === undefined) throw new Error('nothing fails');
    const here = fine('a', 'b', { mesh: { address: undefined, total: 2, connected: { b: 2, c: 2 } } });

    expect(causeOf(open, all, here, fine('c', 'a'))).toEqual({
      cause: 'topology: the agents of a are connected to c, which lab.yaml does not connect',
      look: 'cilium clustermesh status --context kind-a',
    });
  });

  it('GIVEN a probe that could not ask THEN that, and no guess about the mesh', () => {
    const all = trials().map((trial) => ({ ...trial, asked: false, ok: false, seen: 'kubectl exec: gone' }));
    const [first] = all;
    if (first === undefined) throw new Error('nothing is asked');

    expect(causeOf(first, all, fine('a', 'b'), fine('b', 'a'))).toEqual({
      cause: 'the probe on a-0 did not come to its end: kubectl exec: gone',
      look: 'kubectl --context kind-a -n clustermesh-lab-probes describe pod probe-of-a-0',
    });
  });

  it('GIVEN nothing that is known THEN that is said, and where packets are dropped is looked at', () => {
    expect(cause(['service'])).toBe('nothing that is known explains it');
  });
});
