import { describe, expect, it } from 'vitest';
import type { Observed, ObservedCluster, ObservedRegion } from '../../../scripts/observe/observed.ts';
import { findRefusals, othersLab } from '../../../scripts/plan/refusals.ts';
import type { DockerNetwork } from '../../../scripts/tools/docker.ts';
import {
  allThere,
  articleLab,
  containersOf,
  labNetwork,
  livingCluster,
  livingRegion,
  nothingThere,
  owner,
} from '../fixtures.ts';

const lab = articleLab();
const [athens] = lab.regions;
if (athens === undefined) throw new Error('the article has two regions');

const refusals = (observed: Observed): string[] =>
  findRefusals(lab, lab.regions, observed).map(({ cause, remedy }) => `${cause} | ${remedy}`);
const withNetwork = (changes: Partial<DockerNetwork>): Observed =>
  nothingThere(lab, { networks: [labNetwork(lab, changes)] });
const withAthens = (changes: Partial<ObservedRegion>): Observed =>
  allThere(lab, { 'region-athens': livingRegion(lab, athens, changes) });
const withCluster = (changes: Partial<ObservedCluster>): Observed =>
  withAthens({ cluster: livingCluster(lab, athens, changes) });

describe('what exists and stands against the lab', () => {
  it('GIVEN nothing, or the whole lab WHEN asked THEN no refusal', () => {
    expect(refusals(nothingThere(lab))).toEqual([]);
    expect(refusals(allThere(lab))).toEqual([]);
  });

  it.each([
    {
      given: 'a network of that name which is not from a lab',
      network: { lab: undefined },
      text: 'the docker network clustermesh-lab was not made by this lab | give network.name in lab.yaml another name, or remove it: docker network rm clustermesh-lab',
    },
    {
      given: 'the network of another lab',
      network: { lab: 'other' },
      text: 'the docker network clustermesh-lab belongs to the lab other | give network.name in lab.yaml another name',
    },
    {
      given: "the network of another folder's lab of this name",
      network: { owner: 'f00d' },
      text: 'the docker network clustermesh-lab was made by a lab clustermesh-lab of another folder or user | give name or network.name in lab.yaml another value; if that lab is yours (the folder was moved or copied, or lost its .lab/), take it over: npm run deploy -- --adopt',
    },
    {
      given: 'another subnet',
      network: { subnets: ['172.20.0.0/16'], ipRange: '172.20.0.0/17' },
      text: 'the docker network clustermesh-lab is 172.20.0.0/16 (nodes 172.20.0.0/17), lab.yaml says 172.19.0.0/16 (nodes 172.19.0.0/17) | a network cannot be changed in place: npm run destroy, then deploy again; or put network.subnet back',
    },
    {
      given: 'no range for the nodes',
      network: { ipRange: undefined },
      text: 'the docker network clustermesh-lab is 172.19.0.0/16 (nodes anywhere), lab.yaml says 172.19.0.0/16 (nodes 172.19.0.0/17) | a network cannot be changed in place: npm run destroy, then deploy again; or put network.subnet back',
    },
    {
      given: 'no IPv4 at all',
      network: { subnets: [], ipRange: undefined },
      text: 'the docker network clustermesh-lab is without subnet (nodes anywhere), lab.yaml says 172.19.0.0/16 (nodes 172.19.0.0/17) | a network cannot be changed in place: npm run destroy, then deploy again; or put network.subnet back',
    },
  ])('GIVEN $given WHEN asked THEN it is told', ({ network, text }) => {
    expect(refusals(withNetwork(network))).toEqual([text]);
  });

  it("GIVEN another folder's lab of this name, beside networks of others WHEN asked THEN it may be adopted still", () => {
    const bridge = labNetwork(lab, { name: 'bridge', lab: undefined, owner: undefined });

    expect(
      othersLab(lab, { owner, networks: [bridge, labNetwork(lab, { owner: 'f00d' })] }, 'deploy --adopt')?.remedy,
    ).toContain('take it over: deploy --adopt');
    expect(othersLab(lab, { owner, networks: [bridge, labNetwork(lab)] }, 'deploy --adopt')).toBeUndefined();
  });

  it("GIVEN a kind cluster of that name on kind's own network WHEN asked THEN it is not the lab's to change", () => {
    const containers = containersOf(athens, { networks: ['kind'] });

    const seen = withAthens({ containers, ownership: "not a lab's", cluster: undefined, kubeconfig: false });
    const kind = { ...labNetwork(lab, { owner: undefined, lab: undefined }), name: 'kind' };

    expect(refusals({ ...seen, networks: [...seen.networks, kind] })).toEqual([
      'a kind cluster region-athens exists on the docker network kind, and this lab did not make it | give the region another name in lab.yaml, or remove the cluster: kind delete cluster --name region-athens',
    ]);
  });

  it('GIVEN nodes that are stopped, as after a reboot WHEN asked THEN they are named', () => {
    const containers = containersOf(athens).map((node, index) => ({
      ...node,
      state: index > 1 ? ('running' as const) : ('stopped' as const),
    }));

    expect(refusals(withAthens({ containers, cluster: undefined }))).toEqual([
      'region-athens is not running: region-athens-control-plane, region-athens-worker stopped | npm run resume',
    ]);
  });

  it('GIVEN nodes that are paused, beside one that never started WHEN asked THEN each with its state', () => {
    const states = ['paused', 'paused', 'created', 'running'] as const;
    const containers = containersOf(athens).map((node, index) => ({ ...node, state: states[index] ?? 'running' }));

    expect(refusals(withAthens({ containers, cluster: undefined }))).toEqual([
      'region-athens is not running: region-athens-worker2 stopped, region-athens-control-plane, region-athens-worker paused | npm run resume',
    ]);
  });

  it.each([{ kubeconfig: true }, { kubeconfig: false }])(
    'GIVEN an API server that does not answer, $kubeconfig a kubeconfig WHEN asked THEN where to look: it is not half-built',
    ({ kubeconfig }) => {
      expect(refusals(withAthens({ cluster: undefined, kubeconfig }))).toEqual([
        'the API server of region-athens does not answer | docker logs region-athens-control-plane; if it does not come back: npm run destroy -- --region region-athens, then deploy again',
      ]);
    },
  );

  it("GIVEN several control planes whose API server does not answer WHEN asked THEN kind's load balancer is where to look", () => {
    const region = { ...athens, apiServerHost: 'region-athens-external-load-balancer' };

    expect(findRefusals(lab, [region], withAthens({ cluster: undefined })).map((each) => each.remedy)).toEqual([
      'docker logs region-athens-external-load-balancer; if it does not come back: npm run destroy -- --region region-athens, then deploy again',
    ]);
  });

  it.each<{ given: string; changes: Partial<ObservedRegion> }>([
    { given: 'no API server yet', changes: { cluster: undefined, kubeconfig: false } },
    { given: 'a kubeconfig', changes: { cluster: undefined } },
    {
      given: 'containers that never started',
      changes: { containers: containersOf(athens, { state: 'created' }), cluster: undefined },
    },
    {
      given: 'containers that Docker was still making',
      changes: { containers: containersOf(athens, { state: 'created', networks: [] }), cluster: undefined },
    },
    { given: 'nodes that have not joined', changes: { cluster: livingCluster(lab, athens, { nodes: [] }) } },
    { given: 'all nodes', changes: {} },
  ])(
    'GIVEN a creation that is on record as cut off, and $given WHEN asked THEN no refusal: it is made anew',
    ({ changes }) => {
      const observed = withAthens({ ...changes, creating: true });
      const all = [...observed.regions.values()].flatMap(({ containers }) => containers);
      expect(refusals({ ...observed, containers: all, creating: ['region-athens'] })).toEqual([]);
    },
  );

  it("GIVEN a cluster of another folder's lab under all names of this one WHEN asked THEN it is said of the network alone", () => {
    const observed = withAthens({ ownership: "another lab folder's", cluster: undefined, kubeconfig: false });

    expect(refusals({ ...observed, networks: [labNetwork(lab, { owner: 'f00d' })] })).toHaveLength(1);
  });
});

describe('who gives the LoadBalancer addresses of a living region', () => {
  it.each(['metallb', 'cilium'] as const)('GIVEN %s WHEN lab.yaml says another THEN refused', (living) => {
    const wanted = living === 'metallb' ? 'cilium' : 'metallb';
    const observed = allThere({ ...lab, loadBalancer: living });
    const [first] = findRefusals({ ...lab, loadBalancer: wanted }, lab.regions, observed);

    expect(first).toEqual({
      cause: `region-athens lives with loadBalancer.by ${living}, lab.yaml says ${wanted}`,
      remedy:
        'this cannot be changed in place: npm run destroy -- --region region-athens, then deploy again; or put it back',
    });
    expect(findRefusals({ ...lab, loadBalancer: living }, lab.regions, observed)).toEqual([]);
  });
});

describe('what a region keeps for its life', () => {
  const otherwise =
    'this cannot be changed in place: npm run destroy -- --region region-athens, then deploy again; or ';
  const remedy = `${otherwise}put it back`;
  const keep = (...lines: string[]): string =>
    [`${otherwise}keep what lives: give region-athens in lab.yaml`, ...lines].join('\n    ');
  const release = livingCluster(lab, athens).release;
  const pools = (...addresses: string[]) => new Map([['IPAddressPool/default-pool', { addresses }]]);
  const identity = (cluster: unknown): Partial<ObservedCluster> => ({
    release: release && { ...release, values: { ...release.values, cluster } },
  });

  it.each<{ what: string; cluster: Partial<ObservedCluster>; told: string[] }>([
    {
      what: 'pod subnet',
      cluster: { podSubnet: '10.8.0.0/16' },
      told: [
        `region-athens lives with podSubnet 10.8.0.0/16, lab.yaml says 10.0.0.0/16 | ${keep('podSubnet: 10.8.0.0/16')}`,
      ],
    },
    {
      what: 'service subnet',
      cluster: { serviceSubnet: '10.9.0.0/16' },
      told: [
        `region-athens lives with serviceSubnet 10.9.0.0/16, lab.yaml says 10.1.0.0/16 | ${keep('serviceSubnet: 10.9.0.0/16')}`,
      ],
    },
    {
      what: 'id and name',
      cluster: identity({ id: 7, name: 'athens' }),
      told: [
        `region-athens lives with cluster id 7, lab.yaml says 1 | ${keep('id: 7')}`,
        `region-athens lives with cluster name athens, lab.yaml says region-athens | ${remedy}`,
      ],
    },
    {
      what: 'room for regions',
      cluster: {
        release: release && { ...release, values: { ...release.values, clustermesh: { maxConnectedClusters: 511 } } },
      },
      told: [`region-athens lives with maxConnectedClusters 511, lab.yaml says 255 | ${remedy}`],
    },
    { what: 'nothing that is known', cluster: { podSubnet: undefined, serviceSubnet: undefined }, told: [] },
    { what: 'no Cilium yet', cluster: { release: undefined }, told: [] },
    {
      what: 'pool, too',
      cluster: { podSubnet: '10.8.0.0/16', poolObjects: pools('172.19.250.1-172.19.250.9') },
      told: [
        `region-athens lives with podSubnet 10.8.0.0/16, lab.yaml says 10.0.0.0/16 | ${keep('podSubnet: 10.8.0.0/16', 'pool: 172.19.250.1-172.19.250.9')}`,
      ],
    },
    {
      what: 'pool, of several ranges, which lab.yaml cannot give',
      cluster: { podSubnet: '10.8.0.0/16', poolObjects: pools('172.19.250.1-172.19.250.9', '172.19.251.0/24') },
      told: [
        `region-athens lives with podSubnet 10.8.0.0/16, lab.yaml says 10.0.0.0/16 | ${keep('podSubnet: 10.8.0.0/16')}`,
      ],
    },
    {
      what: 'pod subnet, before it had a pool',
      cluster: { podSubnet: '10.8.0.0/16', poolObjects: new Map() },
      told: [
        `region-athens lives with podSubnet 10.8.0.0/16, lab.yaml says 10.0.0.0/16 | ${keep('podSubnet: 10.8.0.0/16')}`,
      ],
    },
    { what: 'pool alone', cluster: { poolObjects: pools('172.19.250.1-172.19.250.9') }, told: [] },
  ])('GIVEN another $what WHEN asked THEN $told', ({ cluster, told }) => {
    expect(refusals(withCluster(cluster))).toEqual(told);
  });

  it('GIVEN a release that names no room for regions WHEN lab.yaml says 511 THEN it has 255, the default of Cilium', () => {
    const larger = articleLab({ maxConnectedClusters: 511 });

    expect(findRefusals(larger, [athens], allThere(lab)).map(({ cause }) => cause)).toEqual([
      'region-athens lives with maxConnectedClusters 255, lab.yaml says 511',
    ]);
  });

  it('GIVEN a whole cluster with more nodes WHEN asked THEN both numbers', () => {
    const more = { ...athens, nodes: [...athens.nodes, 'region-athens-worker4'] };
    const seen = { containers: containersOf(more), cluster: livingCluster(lab, athens, { nodes: more.nodes }) };

    expect(refusals(withAthens(seen))).toEqual([`region-athens lives with nodes 5, lab.yaml says 4 | ${remedy}`]);
  });

  it("GIVEN kind's load balancer before several control planes WHEN asked THEN it is no node", () => {
    const [node] = containersOf(athens);
    if (node === undefined) throw new Error('no node');
    const balancer = { ...node, name: 'region-athens-external-load-balancer', isNode: false };

    expect(refusals(withAthens({ containers: [...containersOf(athens), balancer] }))).toEqual([]);
  });

  it('GIVEN a node that was taken away after the creation WHEN asked THEN it is named, and nothing is made anew', () => {
    const destroy = 'npm run destroy -- --region region-athens, then deploy again';

    expect(refusals(withCluster({ nodes: athens.nodes.slice(0, 3) }))).toEqual([
      `region-athens has lost region-athens-worker3, whose container runs | docker restart region-athens-worker3; if it does not come back: ${destroy}`,
    ]);
  });

  it('GIVEN as many nodes, and others WHEN asked THEN both are named', () => {
    const nodes = [
      'region-athens-control-plane',
      'region-athens-control-plane2',
      'region-athens-worker',
      'region-athens-worker2',
    ];
    const seen = { containers: containersOf({ ...athens, nodes }), cluster: livingCluster(lab, athens, { nodes }) };

    expect(refusals(withAthens(seen))).toEqual([
      `region-athens lives with nodes ${nodes.join(', ')}, lab.yaml says ${athens.nodes.toSorted().join(', ')} | ${remedy}`,
    ]);
  });

  it('GIVEN a region on a network of the same lab with a former name WHEN asked THEN it stays a region of the lab', () => {
    const containers = containersOf(athens, { networks: ['former'] });
    const observed = withAthens({ containers, cluster: undefined });
    const networks = [...observed.networks, labNetwork(lab, { name: 'former' })];

    expect(refusals({ ...observed, networks })).toEqual([
      'region-athens lives on the docker network former, lab.yaml says clustermesh-lab | this cannot be changed in place: npm run destroy -- --region region-athens, then deploy again; or put network.name back',
    ]);
  });

  it('GIVEN several things at once WHEN asked THEN all are told; of other regions than those asked for, none', () => {
    const observed = withCluster({ podSubnet: '10.8.0.0/16', serviceSubnet: '10.9.0.0/16' });
    const [, hurup] = lab.regions;

    expect(refusals(observed)).toHaveLength(2);
    expect(findRefusals(lab, hurup === undefined ? [] : [hurup], observed)).toEqual([]);
  });
});
