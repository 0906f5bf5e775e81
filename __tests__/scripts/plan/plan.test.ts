import { describe, expect, it } from 'vitest';
import { stacks } from '../../../lab/stacks.ts';
import type { ObservedCluster } from '../../../scripts/observe/observed.ts';
import { planLines } from '../../../scripts/plan/plan.ts';
import { allThere, articleLab, livingRegion, metallbOf, nothingThere } from '../fixtures.ts';
import { athens, athensWith, lab, plan, running, told } from './planning.ts';

describe('the plan of a deployment', () => {
  it('GIVEN nothing at all WHEN planned THEN every step runs, in the order of a deployment', () => {
    expect(told(plan(nothingThere(lab), { tested: new Set() }))).toEqual([
      'network run: clustermesh-lab is not there',
      'fetch run: cilium-1.14.2.tgz and metallb-native.yaml not there',
      `pull run: ${stacks.article.nodeImage} not here`,
      'image run: 2 of 2 regions lack some',
      'region-athens/cluster run: not there',
      'region-hurup/cluster run: not there',
      'region-athens/load run: new nodes',
      'region-hurup/load run: new nodes',
      'region-athens/upgrade skip: nothing to change in a living mesh',
      'region-hurup/upgrade skip: nothing to change in a living mesh',
      'region-athens/cilium run: not installed',
      'region-hurup/cilium run: not installed',
      'region-athens/enable run: not enabled',
      'region-hurup/enable run: not enabled',
      'region-athens/metallb run: not installed',
      'region-hurup/metallb run: not installed',
      'region-athens/pool run: not there',
      'region-hurup/pool run: not there',
      'region-athens/ready run: Cilium is being installed',
      'region-hurup/ready run: Cilium is being installed',
      'connect run: 1 of 1 links are missing',
      'paths run: cilium runs before',
      'region-athens/scenario skip: none in lab.yaml',
      'region-hurup/scenario skip: none in lab.yaml',
      'test run: cilium runs before',
      'verify run: at the end of every deploy',
    ]);
  });

  it('GIVEN the whole lab WHEN planned THEN nothing runs, and each step says what it saw', () => {
    expect(told(plan(allThere(lab)))).toEqual([
      'network skip: clustermesh-lab is there, 172.19.0.0/16',
      'fetch skip: they are there',
      'pull skip: no cluster is to be made',
      'image skip: every node has them',
      'region-athens/cluster skip: 4 nodes',
      'region-hurup/cluster skip: 4 nodes',
      'region-athens/load skip: every node has them',
      'region-hurup/load skip: every node has them',
      'region-athens/upgrade skip: nothing to change in a living mesh',
      'region-hurup/upgrade skip: nothing to change in a living mesh',
      'region-athens/cilium skip: cilium-1.14.2 with these values',
      'region-hurup/cilium skip: cilium-1.14.2 with these values',
      'region-athens/enable skip: API server at 172.19.255.2',
      'region-hurup/enable skip: API server at 172.19.255.102',
      'region-athens/metallb skip: controller and speakers are up',
      'region-hurup/metallb skip: controller and speakers are up',
      'region-athens/pool skip: 172.19.255.1-172.19.255.100',
      'region-hurup/pool skip: 172.19.255.101-172.19.255.200',
      'region-athens/ready skip: Cilium is up',
      'region-hurup/ready skip: Cilium is up',
      'connect skip: every link is there',
      'paths skip: tried, and nothing changed since',
      'region-athens/scenario skip: none in lab.yaml',
      'region-hurup/scenario skip: none in lab.yaml',
      'test skip: passed, and nothing changed since',
      'verify run: at the end of every deploy',
    ]);
  });

  it('GIVEN any step WHEN planned THEN it waits for its own region, and steps of the lab for all regions', () => {
    const after = Object.fromEntries(plan(nothingThere(lab)).map((step) => [step.id, step.after]));

    expect(after).toMatchObject({
      network: [],
      fetch: [],
      pull: [],
      image: [],
      'region-athens/cluster': ['network', 'pull'],
      'region-athens/load': ['region-athens/cluster', 'image'],
      'region-hurup/upgrade': ['region-hurup/load', 'fetch'],
      'region-hurup/cilium': ['region-hurup/upgrade'],
      'region-hurup/metallb': ['region-hurup/cilium', 'fetch'],
      'region-hurup/pool': ['region-hurup/metallb', 'region-hurup/cluster'],
      'region-hurup/enable': ['region-hurup/cilium'],
      connect: ['region-athens/ready', 'region-hurup/ready'],
      'region-hurup/ready': ['region-hurup/pool', 'region-hurup/enable'],
      paths: ['region-athens/load', 'region-hurup/load', 'connect'],
      'region-athens/scenario': ['region-athens/load', 'connect'],
      test: ['paths', 'region-athens/scenario', 'region-hurup/scenario'],
      verify: ['test', 'region-athens/pool', 'region-hurup/pool'],
    });
  });

  it('GIVEN one region of two WHEN planned THEN its steps alone, its own paths, and nothing to connect or test', () => {
    const steps = plan(nothingThere(lab), { regions: [athens] });

    expect(steps.map(({ id }) => id).filter((id) => id.includes('hurup'))).toEqual([]);
    expect(told(steps).slice(-5)).toEqual([
      'connect skip: only region-athens is chosen (--region)',
      'paths run: cilium runs before',
      'region-athens/scenario skip: none in lab.yaml',
      'test skip: one region, no other to be tested with',
      'verify run: at the end of every deploy',
    ]);
    expect(steps.at(-5)?.after).toEqual(['region-athens/ready']);
  });
});

it('GIVEN a plan WHEN it is told THEN each step with its region, those of the lab without one', () => {
  const lines = planLines(plan(allThere(lab))).filter(({ step }) => ['network', 'pool'].includes(step));

  expect(lines).toEqual([
    { step: 'network', action: 'skip', reason: 'clustermesh-lab is there, 172.19.0.0/16' },
    { step: 'pool', region: 'region-athens', action: 'skip', reason: '172.19.255.1-172.19.255.100' },
    { step: 'pool', region: 'region-hurup', action: 'skip', reason: '172.19.255.101-172.19.255.200' },
  ]);
});

/** What a step that disturbs the mesh makes look and try again. */
const lookedAtAgain = (step: string): string[] => [
  ...(step === 'metallb' ? ['region-athens/pool run: metallb runs before: looked at again'] : []),
  ...(step === 'cilium' ? [] : [`region-athens/ready run: ${step} runs before: looked at again`]),
  `connect run: ${step} runs before: looked at again`,
  `paths run: ${step} runs before`,
];

describe('a lab that is not as it should be', () => {
  it.each<{ given: string; cluster: Partial<ObservedCluster>; runs: string[] }>([
    {
      given: 'a node without the image',
      cluster: { missingImages: new Map([...athens.nodes.slice(1).map((node) => [node, []] as const)]) },
      runs: ['image run: 1 of 2 regions lack some', 'region-athens/load run: 1 of 4 nodes lack some'],
    },
    {
      given: 'MetalLB of another version',
      cluster: { metallb: metallbOf('v0.13.5') },
      runs: ['region-athens/metallb run: controller v0.13.5, speaker v0.13.5 -> v0.13.7', ...lookedAtAgain('metallb')],
    },
    {
      given: 'a controller of this version over speakers of an older one',
      cluster: {
        metallb: metallbOf('v0.13.7', {
          versions: new Map([
            ['controller', 'v0.13.7'],
            ['speaker', 'v0.13.5'],
          ]),
        }),
      },
      runs: ['region-athens/metallb run: speaker v0.13.5 -> v0.13.7', ...lookedAtAgain('metallb')],
    },
    {
      given: 'images of MetalLB whose tags tell no version',
      cluster: { metallb: metallbOf('', { versions: new Map() }) },
      runs: [],
    },
    {
      given: 'MetalLB without its CRDs',
      cluster: { metallb: metallbOf('v0.13.7', { crds: false }) },
      runs: ['region-athens/metallb run: its CRDs are missing', ...lookedAtAgain('metallb')],
    },
    {
      given: 'a MetalLB speaker that is not up',
      cluster: { metallb: metallbOf('v0.13.7', { notReady: ['daemonset/speaker 3/4'] }) },
      runs: ['region-athens/metallb run: not up: daemonset/speaker 3/4', ...lookedAtAgain('metallb')],
    },
    {
      given: 'another pool',
      cluster: {
        poolObjects: new Map([
          ['IPAddressPool/default-pool', { addresses: ['172.19.255.1-172.19.255.50'] }],
          ['L2Advertisement/default', { ipAddressPools: ['default-pool'] }],
        ]),
      },
      runs: [
        'region-athens/pool run: not as in dist/: IPAddressPool/default-pool (addresses)',
        ...lookedAtAgain('pool'),
      ],
    },
    {
      given: 'no pool at all',
      cluster: { poolObjects: new Map() },
      runs: ['region-athens/pool run: not there', ...lookedAtAgain('pool')],
    },
    {
      given: 'a workload of Cilium that somebody deleted',
      cluster: { ciliumIdle: ['DaemonSet/cilium'], ciliumNotReady: ['DaemonSet/cilium missing'] },
      runs: [
        'region-athens/cilium run: DaemonSet/cilium of the release is gone, or scaled to zero',
        'region-athens/ready run: Cilium is being installed',
        ...lookedAtAgain('cilium'),
        'test run: cilium runs before',
      ],
    },
    {
      given: 'an agent that is not up',
      cluster: { ciliumNotReady: ['daemonset/cilium 3/4'] },
      runs: ['region-athens/ready run: not up: daemonset/cilium 3/4'],
    },
    {
      given: 'an API server of the mesh without address',
      cluster: { mesh: { address: undefined, total: 4, connected: { 'region-hurup': 4 } } },
      runs: [
        'region-athens/enable run: its API server has no address',
        'region-athens/ready run: ClusterMesh is being enabled',
        'connect run: enable runs before: looked at again',
        'paths run: enable runs before',
        'test run: enable runs before',
      ],
    },
    {
      given: 'one agent that is not connected',
      cluster: { mesh: { address: '172.19.255.2', total: 4, connected: { 'region-hurup': 3 } } },
      runs: [
        'connect run: 1 of 1 links are missing',
        'paths run: connect runs before',
        'test run: connect runs before',
      ],
    },
  ])('GIVEN $given WHEN planned THEN $runs', ({ cluster, runs }) => {
    expect(running(plan(athensWith(cluster)))).toEqual(runs);
  });

  it('GIVEN a kubeconfig that is lost WHEN planned THEN it is exported again, and nothing else runs', () => {
    const observed = allThere(lab, { 'region-athens': livingRegion(lab, athens, { kubeconfig: false }) });

    expect(running(plan(observed))).toEqual(['region-athens/cluster run: its kubeconfig is not in .lab/']);
  });

  it('GIVEN pools to which the API server added its defaults WHEN planned THEN they are as in dist/', () => {
    const poolObjects = new Map([
      [
        'IPAddressPool/default-pool',
        { addresses: ['172.19.255.1-172.19.255.100'], autoAssign: true, avoidBuggyIPs: false },
      ],
      ['L2Advertisement/default', { ipAddressPools: ['default-pool'] }],
    ]);

    expect(running(plan(athensWith({ poolObjects })))).toEqual([]);
  });

  it('GIVEN a cluster whose creation was cut off WHEN planned THEN that region starts anew, the other is left alone', () => {
    // it may look whole: kind works on after the last node has joined
    expect(running(plan(allThere(lab, { 'region-athens': livingRegion(lab, athens, { creating: true }) })))).toEqual([
      'image run: 1 of 2 regions lack some',
      'region-athens/cluster run: its creation was cut off: made anew',
      'region-athens/load run: new nodes',
      'region-athens/cilium run: not installed',
      'region-athens/enable run: not enabled',
      'region-athens/metallb run: not installed',
      'region-athens/pool run: not there',
      'region-athens/ready run: Cilium is being installed',
      'connect run: 1 of 1 links are missing',
      'paths run: cilium runs before',
      'test run: cilium runs before',
    ]);
  });
});

describe('what may be left out', () => {
  it('GIVEN --skip-test WHEN planned THEN no test', () => {
    expect(told(plan(nothingThere(lab), { skipTest: true })).at(-2)).toBe('test skip: --skip-test');
  });

  it('GIVEN a pair that was not tested WHEN planned THEN the test alone runs', () => {
    expect(running(plan(allThere(lab), { tested: new Set() }))).toEqual([
      'test run: 1 of 1 pairs not tested since the last change',
    ]);
  });

  it('GIVEN by: nodes WHEN planned THEN no image is pulled or loaded', () => {
    const preload = { images: [], withoutAgent: 'sources.images.by is nodes' };
    const bare = articleLab({ regions: lab.regions.map((region) => ({ ...region, preload })) });

    expect(
      told(plan(nothingThere(bare), { lab: bare })).filter((line) => /(image|load) (run|skip)/.test(line)),
    ).toEqual([
      'image skip: sources.images.by is nodes',
      'region-athens/load skip: sources.images.by is nodes',
      'region-hurup/load skip: sources.images.by is nodes',
    ]);
  });

  it('GIVEN a lab of the article WHEN its stack becomes `current` THEN Cilium and MetalLB are upgraded', () => {
    const current = articleLab({ stack: stacks.current });

    expect(running(plan(allThere(lab), { lab: current })).filter((line) => line.includes('athens'))).toEqual([
      'region-athens/upgrade run: cilium-1.14.2 -> cilium-1.20.0; one region at a time, under load; back: helm rollback cilium 3',
      'region-athens/metallb run: controller v0.13.7, speaker v0.13.7 -> v0.16.1',
      'region-athens/pool run: metallb runs before: looked at again',
      'region-athens/ready run: metallb runs before: looked at again',
    ]);
  });

  it('GIVEN a region that nobody looked at WHEN planned THEN a mistake of the program', () => {
    const observed = nothingThere(lab, { regions: new Map() });

    expect(() => plan(observed)).toThrow(new Error('region-athens was not observed'));
  });
});
