import { describe, expect, it } from 'vitest';
import { Cidr, Ipv4 } from '../../../lab/cidr.ts';
import * as docker from '../../../scripts/tools/docker.ts';

const network = {
  name: 'clustermesh-lab',
  subnet: Cidr.parse('172.19.0.0/16'),
  gateway: Ipv4.parse('172.19.0.1'),
  nodeRange: Cidr.parse('172.19.0.0/17'),
};

describe('calls of docker', () => {
  it.each([
    { command: docker.info(), line: 'info --format {{json .}}' },
    { command: docker.listNetworks(), line: 'network ls --quiet --no-trunc' },
    { command: docker.inspectNetworks(['3f1a', '9bc2']), line: 'network inspect 3f1a 9bc2' },
    {
      command: docker.createNetwork('my-lab', '7d3c-2f', network),
      line: 'network create --driver bridge --label clustermesh-lab=my-lab --label clustermesh-lab.owner=7d3c-2f --subnet 172.19.0.0/16 --ip-range 172.19.0.0/17 --gateway 172.19.0.1 clustermesh-lab',
    },
    {
      command: docker.createNetwork('my-lab', '7d3c-2f', network, 1400),
      line: 'network create --driver bridge --label clustermesh-lab=my-lab --label clustermesh-lab.owner=7d3c-2f --opt com.docker.network.driver.mtu=1400 --subnet 172.19.0.0/16 --ip-range 172.19.0.0/17 --gateway 172.19.0.1 clustermesh-lab',
    },
    { command: docker.tag('a:1@sha256:1', 'a:1'), line: 'tag a:1@sha256:1 a:1' },
    { command: docker.removeNetwork('clustermesh-lab'), line: 'network rm clustermesh-lab' },
    {
      command: docker.listKindContainers(),
      line: 'ps --all --no-trunc --filter label=io.x-k8s.kind.cluster --format {{json .}}',
    },
    { command: docker.createVolume('v', { a: '1', b: '{}' }), line: 'volume create --label a=1 --label b={} v' },
    { command: docker.listVolumes('a'), line: 'volume ls --quiet --filter label=a' },
    { command: docker.inspectVolumes(['v', 'w']), line: 'volume inspect v w' },
    { command: docker.removeVolumes(['v', 'w']), line: 'volume rm v w' },
    { command: docker.inspectImage('a:1'), line: 'image inspect --format {{.Id}} a:1' },
    { command: docker.pull('a:1'), line: 'pull a:1' },
    { command: docker.save('a:1', 'a.tar'), line: 'save --output a.tar a:1' },
    { command: docker.save('a:1', 'a.tar', 'linux/amd64'), line: 'save --platform linux/amd64 --output a.tar a:1' },
    {
      command: docker.imagesOnNode('n1', ['a:1', 'b:1']),
      line: 'exec n1 ctr --namespace=k8s.io images list --quiet name==a:1 name==b:1',
    },
  ])('docker $line', ({ command, line }) => {
    expect(command.program).toBe('docker');
    expect(command.args.join(' ')).toBe(line);
  });

  it.each([
    docker.createNetwork('my-lab', '7d3c-2f', network),
    docker.removeNetwork('my-lab'),
    docker.createVolume('v', {}),
    docker.removeVolumes(['v']),
  ])(
    'GIVEN docker $args.0 $args.1, which answers with an id or a name alone THEN its answer is shown to nobody',
    (command) => {
      expect(command.quiet).toBe(true);
    },
  );

  it('GIVEN a template with a blank WHEN asked THEN it is one argument', () => {
    expect(docker.info().args).toEqual(['info', '--format', '{{json .}}']);
  });
});

describe('docker networks', () => {
  it('GIVEN kind networks with IPv6 first and IPv6 last WHEN read THEN their IPv4 subnets alone', () => {
    const ipv6 = { Subnet: 'fc00:f853:ccd:e793::/64' };
    const ipv4 = { Subnet: '172.18.0.0/16', Gateway: '172.18.0.1' };
    const json = JSON.stringify([
      { Name: 'first', Labels: {}, IPAM: { Config: [ipv6, ipv4] }, Containers: {} },
      { Name: 'last', Labels: {}, IPAM: { Config: [ipv4, ipv6] }, Containers: {} },
    ]);

    expect(docker.parseNetworks(json)?.map(({ subnets }) => subnets)).toEqual([['172.18.0.0/16'], ['172.18.0.0/16']]);
  });

  it("GIVEN the lab's network with a node in it WHEN read THEN its lab, owner, range and container", () => {
    const json = JSON.stringify([
      {
        Name: 'clustermesh-lab',
        Id: '3f1a',
        Labels: { 'clustermesh-lab': 'my-lab', 'clustermesh-lab.owner': '7d3c-2f' },
        Options: { 'com.docker.network.driver.mtu': '1400' },
        IPAM: { Config: [{ Subnet: '172.19.0.0/16', IPRange: '172.19.0.0/17', Gateway: '172.19.0.1' }] },
        Containers: { '06a3': { Name: 'region-athens-control-plane', IPv4Address: '172.19.0.2/16' } },
      },
    ]);

    expect(docker.parseNetworks(json)).toEqual([
      {
        name: 'clustermesh-lab',
        subnets: ['172.19.0.0/16'],
        ipRange: '172.19.0.0/17',
        mtu: 1400,
        lab: 'my-lab',
        owner: '7d3c-2f',
        containers: ['region-athens-control-plane'],
      },
    ]);
  });

  it('GIVEN a network that a lab made before owners were WHEN read THEN its own id is its owner', () => {
    const [old] =
      docker.parseNetworks(
        '[{"Name":"my-lab","Id":"3f1a","Labels":{"clustermesh-lab":"my-lab"},"IPAM":{"Config":[]}}]',
      ) ?? [];

    expect(old).toMatchObject({ lab: 'my-lab', owner: '3f1a' });
  });

  it("GIVEN Docker's network `none` WHEN read THEN it has no subnet and no lab", () => {
    const json = '[{"Name":"none","Labels":null,"IPAM":{"Driver":"default","Options":null,"Config":null}}]';

    expect(docker.parseNetworks(json)).toEqual([
      {
        name: 'none',
        subnets: [],
        ipRange: undefined,
        mtu: undefined,
        lab: undefined,
        owner: undefined,
        containers: [],
      },
    ]);
  });
});

describe('docker volumes', () => {
  it('GIVEN volumes with and without labels, or no answer WHEN read THEN their labels by name', () => {
    const json = '[{"Name":"v","Labels":{"a":"1"}},{"Name":"w","Labels":null}]';

    expect(docker.parseVolumes(json)).toEqual(
      new Map([
        ['v', { a: '1' }],
        ['w', {}],
      ]),
    );
    expect(docker.parseVolumes('')).toEqual(new Map());
  });
});

describe('networks that have gone since they were listed', () => {
  it.each([
    { stderr: 'Error response from daemon: network 3f1a not found\n', only: true }, // Docker 28
    { stderr: 'Error: No such network: 3f1a\nError: No such network: 9bc2\n', only: true }, // Docker 20
    { stderr: '', only: false },
    { stderr: 'Error response from daemon: network 3f1a not found\nError response from daemon: EOF\n', only: false },
    { stderr: 'Cannot connect to the Docker daemon', only: false },
  ])('GIVEN $stderr THEN $only', ({ stderr, only }) => {
    expect(docker.isOnlyGone(stderr)).toBe(only);
  });
});
