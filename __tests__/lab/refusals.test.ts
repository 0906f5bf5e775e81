import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { check } from '../../lab/check.ts';
import { readInput } from '../../lab/input.ts';
import { pathText } from '../../lab/problems.ts';
import { publishedChart, publishedManifest } from '../../lab/published.ts';
import { publishedAt, publishedPrograms } from '../../scripts/supply/published.ts';
import { labOf, refusalOf } from './lab-file.ts';

/** Lines of lab.yaml from the fourth on, with one region `a` in the third: what is written there is region a's. */
const regionA = (lines: string) => `name: lab\nregions:\n  - name: a\n${lines}`;
const region = (keys: string) => regionA(`    ${keys}\n`);
const twoRegions = (a: string, b: string) => regionA(`    ${a}\n  - name: b\n    ${b}\n`);

describe('a name', () => {
  const named = (name: string) => refusalOf(`name: lab\nregions:\n  - name: ${name}\n`);

  it.each([
    ['Region', 'Region'],
    ['a_b', 'a_b'],
    ['a.b', 'a.b'],
    ['-a', '-a'],
    ['a-', 'a-'],
    ['""', '""'],
    ["'a b'", '"a b"'],
  ])('%s is refused', (name, shown) => {
    expect(named(name)).toEqual([
      `lab.yaml:3:5  ${shown} is not a name that kind and Cilium accept. Use a-z, 0-9 and dashes, no dash at an end, such as region-a.`,
    ]);
  });

  it('of 33 characters is refused', () => {
    const name = 'a'.repeat(33);
    expect(named(name)).toEqual([`lab.yaml:3:5  ${name} has 33 characters, and Cilium accepts 32. Shorten it.`]);
  });

  it('default is refused', () => {
    expect(named('default')).toEqual([
      'lab.yaml:3:5  default is what Cilium calls a cluster without a mesh. Give the region another name.',
    ]);
  });

  it('given twice is refused where it stands the second time', () => {
    expect(refusalOf('name: lab\nregions:\n  - name: a\n  - name: b\n  - name: a\n')).toEqual([
      'lab.yaml:5:5  a is the name of two regions. Rename one of them.',
    ]);
  });

  it.each(['My_Lab', 'my-', 'bridge', 'host'])('%s is refused for the lab, whose docker network has it too', (name) => {
    expect(refusalOf(`name: ${name}\nregions:\n  - name: a\n`)).toEqual([
      `lab.yaml:1:1  name ${name} is not a name for a lab. Use a-z, 0-9 and dashes, such as my-lab.`,
    ]);
  });
});

describe("kind's docker network", () => {
  const reason = 'kind is the docker network that kind gives every cluster that is not of a lab. Use another name';

  it('is refused, by the name of the lab too, with the reason', () => {
    expect(refusalOf('name: lab\nregions: [{ name: a }]\nnetwork: { name: kind }\n')).toEqual([
      `lab.yaml:3:12  network.name ${reason}, such as my-lab.`,
    ]);
    expect(refusalOf('name: kind\nregions: [{ name: a }]\n')).toEqual([
      `lab.yaml:1:1  name ${reason}, such as my-lab.`,
    ]);
  });

  it('is not meant by a longer name', () => {
    expect(labOf('name: kind-lab\nregions: [{ name: a }]\nnetwork: { name: Kind }\n').network.name).toBe('Kind');
  });
});

describe("Cilium's operator", () => {
  const told = 'and no agent gets ready without the operator, which makes the kinds that they wait for';

  it.each([
    ['cilium: { values: { operator: { replicas: 0 } } }', 'cilium.values.operator.replicas is 0', 'Give at least 1.'],
    ['cilium: { values: { operator: { replicas: -1 } } }', 'cilium.values.operator.replicas is -1', 'Give at least 1.'],
    ['cilium: { values: { operator: { enabled: false } } }', 'cilium.values.operator.enabled is false', 'Remove it.'],
  ])('is refused to be none: %s', (text, what, remedy) => {
    expect(refusalOf(`name: lab\nregions: [{ name: a }]\n${text}\n`)).toEqual([
      `lab.yaml:3:33  ${what}, ${told}. ${remedy}`,
    ]);
  });

  it('is refused to be none in one region too', () => {
    expect(refusalOf(region('cilium: { values: { operator: { replicas: 0 } } }'))).toEqual([
      `lab.yaml:4:37  regions[0].cilium.values.operator.replicas is 0, ${told}. Give at least 1.`,
    ]);
  });

  it.each(['{ replicas: 1 }', '{ replicas: null }', '{ enabled: true }'])('may be %s', (operator) => {
    expect(
      labOf(`name: lab\nregions: [{ name: a }]\ncilium: { values: { operator: ${operator} } }\n`).regions,
    ).toHaveLength(1);
  });

  it('GIVEN null for a map that templates read THEN refused, as an image', () => {
    expect(refusalOf('name: lab\nregions: [{ name: a }]\ncilium: { values: { image: null } }\n')).toEqual([
      'lab.yaml:3:21  cilium.values.image is empty, and the Cilium 1.14.2 chart has a map there. Write a map, or remove it.',
    ]);
  });
});

describe('an id', () => {
  it.each([
    [0, '0 is below 1. Give at least 1.'],
    [512, '512 is above 511. Give at most 511.'],
    [1.5, 'is 1.5, not a whole number. Write a whole number here.'],
  ])('%d is out of range', (id, message) => {
    expect(refusalOf(region(`id: ${id}`))).toEqual([`lab.yaml:4:5  regions[0].id ${message}`]);
  });

  it('above 255 needs a Cilium that has maxConnectedClusters', () => {
    expect(refusalOf(region('id: 256'))).toEqual([
      "lab.yaml:4:5  a's id 256 is above 255, the highest of Cilium 1.14.2. Give a lower one. Cilium 1.15 and later connects 511: use `stack: current`.",
    ]);
  });

  it('given twice is refused, both owners named', () => {
    expect(refusalOf(twoRegions('id: 7', 'id: 7'))).toEqual([
      "lab.yaml:6:5  b's id 7 is a's too. Give it another, or leave it out.",
    ]);
  });
});

describe('more regions than Cilium connects', () => {
  const many = (count: number, stack: string) =>
    `name: lab\nstack: ${stack}\nregions:\n${Array.from({ length: count }, (_, index) => `  - name: r${index}\n`).join('')}`;

  it('256 with the article’s stack', () => {
    expect(refusalOf(many(256, 'article'))).toEqual([
      'lab.yaml:3:1  256 regions are more than the 255 that Cilium 1.14.2 connects. Remove 1. Cilium 1.15 and later connects 511: use `stack: current`.',
    ]);
  });

  it('512 with any', () => {
    expect(refusalOf(many(512, 'current'))).toEqual([
      'lab.yaml:3:1  512 regions are more than the 511 that any Cilium connects. Remove 1.',
    ]);
  });
});

describe('nodes', () => {
  it('several control planes need a worker', () => {
    expect(refusalOf(region('controlPlanes: 3\n    workers: 0'))).toEqual([
      'lab.yaml:5:5  a has 3 control planes and no worker, so no node runs ordinary pods. Use `workers: 1` or `controlPlanes: 1`.',
    ]);
  });

  it.each([
    ['controlPlanes: 0', 'regions[0].controlPlanes 0 is below 1. Give at least 1.'],
    ['workers: -1', 'regions[0].workers -1 is below 0. Give at least 0.'],
    ['workers: many', 'regions[0].workers is "many", not a whole number. Write a whole number here.'],
  ])('%s is refused', (keys, message) => {
    expect(refusalOf(region(keys))).toEqual([`lab.yaml:4:5  ${message}`]);
  });

  it('must fit into the lower half of the docker subnet, the load balancer of several control planes too', () => {
    const lab = (workers: number) =>
      `network: { subnet: 172.19.0.0/28 }\n${region(`controlPlanes: 2\n    workers: ${workers}`)}`;
    expect(refusalOf(lab(4))).toEqual([
      'lab.yaml:1:12  network.subnet 172.19.0.0/28 has 6 addresses for nodes, in its lower half, and the lab has 7 containers. Use a larger network.subnet, or fewer nodes.',
    ]);
    expect(() => refusalOf(lab(3))).toThrow('the lab was accepted');
  });
});

describe('an address that is no address', () => {
  it.each([
    ['podSubnet: 10.0.1.0/8', 'podSubnet 10.0.1.0/8 has host bits set. Did you mean 10.0.0.0/8?'],
    [
      'podSubnet: 10.0.0.0/33',
      'podSubnet 10.0.0.0/33 has a prefix longer than 32 bits. Give a shorter one, such as /16.',
    ],
    [
      'serviceSubnet: 010.0.0.0/16',
      'serviceSubnet 010.0.0.0/16 has the leading zero 010, which some programs read as octal. Did you mean 10.0.0.0/16?',
    ],
    [
      'pool: 172.19.255.9-172.19.255.1',
      'pool 172.19.255.9-172.19.255.1 is reversed. Did you mean 172.19.255.1-172.19.255.9?',
    ],
    [
      'pool: 172.19.255.0/24',
      'pool 172.19.255.0/24 is not a range of addresses. Did you mean 172.19.255.1-172.19.255.254?',
    ],
    ['podSubnet: 10.0', 'podSubnet 10 is a number. Put it in quotes.'],
  ])('%s', (keys, message) => {
    expect(refusalOf(region(keys))).toEqual([`lab.yaml:4:5  regions[0].${message}`]);
  });

  it.each([
    [
      'a size that no docker network has',
      'network: { subnet: 10.0.0.0/0 }\nregions: [{ name: a }]',
      '1:12  network.subnet 10.0.0.0/0 has host bits set. Write a subnet from /8 to /28, such as 172.19.0.0/16.',
    ],
    [
      'the pods’ own subnet',
      'network: { subnet: 10.0.0.1/8 }\nregions: [{ name: a }]',
      '1:12  network.subnet 10.0.0.1/8 has host bits set. Write a subnet from /8 to /28, such as 172.19.0.0/16.',
    ],
    [
      'too little room',
      'network: { pods: 10.0.0.1/24 }\nregions: [{ name: a }]',
      '1:12  network.pods 10.0.0.1/24 has host bits set. Write a subnet from /3 to /24, such as 10.0.0.0/8.',
    ],
    [
      'reserved space',
      'regions: [{ name: a, serviceSubnet: 127.0.0.1/16 }]',
      '1:22  regions[0].serviceSubnet 127.0.0.1/16 has host bits set. Write a subnet from /12 to /28, such as 10.1.0.0/16.',
    ],
    [
      'the subnet of another region',
      'regions: [{ name: a, podSubnet: 10.0.0.0/16 }, { name: b, podSubnet: 10.0.1.0/16 }]',
      '1:59  regions[1].podSubnet 10.0.1.0/16 has host bits set. Write a subnet from /8 to /24, such as 10.0.0.0/16.',
    ],
    [
      'a pool where the nodes are',
      'regions: [{ name: a, pool: 172.19.0.0/24 }]',
      '1:22  regions[0].pool 172.19.0.0/24 is not a range of addresses. Write one in the upper half of network.subnet, such as 172.19.255.1-172.19.255.100.',
    ],
    [
      'nothing, beside what else is wrong,',
      'network: { subnet: 172.19.0.1/16, pods: 8 }\nregions: [{ name: a }]',
      '1:12  network.subnet 172.19.0.1/16 has host bits set. Did you mean 172.19.0.0/16?',
    ],
    [
      'a part of what is to be mended',
      'regions: [{ name: a, podSubnet: 010.0.1.0/016 }]',
      '1:22  regions[0].podSubnet 010.0.1.0/016 has the leading zero 010, which some programs read as octal. Did you mean 10.0.0.0/16?',
    ],
  ])('is not taken for %s, which would be refused next', (_, lab, message) => {
    expect(refusalOf(`${lab}\nname: lab\n`)).toContain(`lab.yaml:${message}`);
  });

  it('is proposed only what is accepted in its place', () => {
    const octet = fc.constantFrom('0', '1', '10', '010', '19', '172', '224', '255');
    const ipv4 = fc.tuple(fc.constantFrom('10', '010', '172', '127'), fc.constantFrom('0', '019', '19'), octet, octet);
    const address = ipv4.map((octets) => octets.join('.'));
    const subnet = fc.tuple(address, fc.nat(32)).map(([ip, prefix]) => `${ip}/${prefix}`);
    const pool = fc.oneof(
      subnet,
      fc.tuple(address, address).map((ends) => ends.join('-')),
      fc.tuple(address, octet).map((ends) => ends.join('-')),
    );
    const region = fc.record({ podSubnet: subnet, serviceSubnet: subnet, pool }, { requiredKeys: [] });
    const lab = fc.record({
      network: fc.record({ subnet, pods: subnet }, { requiredKeys: [] }),
      regions: fc.array(region, { minLength: 1, maxLength: 2 }),
    });
    let proposals = 0;
    fc.assert(
      fc.property(lab, ({ network, regions }) => {
        const raw = { name: 'lab', network, regions: regions.map((keys, index) => ({ name: `r${index}`, ...keys })) };
        const mended = structuredClone(raw);
        const places: string[] = [];
        for (const { path, message } of readInput(raw).problems) {
          const meant = /Did you mean (.*)\?$/.exec(message)?.[1];
          if (meant === undefined) continue;
          proposals++;
          places.push(pathText(path));
          const [key = ''] = path.slice(-1);
          const owner = path[0] === 'network' ? mended.network : mended.regions[Number(path[1])];
          Object.assign(owner ?? {}, { [key]: meant });
        }
        const { input, problems, refused } = readInput(mended);
        const next = [...problems, ...(input === undefined ? [] : check(input, refused))];
        expect(next.map(({ path }) => pathText(path)).filter((place) => places.includes(place))).toEqual([]);
      }),
      { numRuns: 1000 },
    );
    // the property says nothing where nothing is proposed
    expect(proposals).toBeGreaterThan(100);
  });
});

describe('overlapping', () => {
  const remedy = 'Change one of them, or leave it out to have it allocated.';

  it.each([
    [
      'podSubnet: 10.0.0.0/16',
      'podSubnet: 10.0.0.0/16',
      "b's podSubnet 10.0.0.0/16 overlaps a's podSubnet 10.0.0.0/16.",
    ],
    [
      'podSubnet: 10.0.0.0/15',
      'podSubnet: 10.1.0.0/16',
      "b's podSubnet 10.1.0.0/16 overlaps a's podSubnet 10.0.0.0/15.",
    ],
    [
      'podSubnet: 10.0.0.0/15',
      'serviceSubnet: 10.1.0.0/16',
      "b's serviceSubnet 10.1.0.0/16 overlaps a's podSubnet 10.0.0.0/15.",
    ],
    [
      'serviceSubnet: 10.0.0.0/15',
      'serviceSubnet: 10.1.0.0/16',
      "b's serviceSubnet 10.1.0.0/16 overlaps a's serviceSubnet 10.0.0.0/15.",
    ],
    [
      'pool: 172.19.200.1-172.19.200.9',
      'pool: 172.19.200.9-172.19.200.20',
      "b's pool 172.19.200.9-172.19.200.20 overlaps a's pool 172.19.200.1-172.19.200.9.",
    ],
  ])('%s and %s: both owners are named', (a, b, message) => {
    expect(refusalOf(twoRegions(a, b))).toEqual([`lab.yaml:6:5  ${message} ${remedy}`]);
  });

  it('of a region with itself is refused too', () => {
    expect(refusalOf(region('podSubnet: 10.0.0.0/16\n    serviceSubnet: 10.0.0.0/16'))).toEqual([
      `lab.yaml:5:5  a's serviceSubnet 10.0.0.0/16 overlaps a's podSubnet 10.0.0.0/16. ${remedy}`,
    ]);
  });

  it.each(['podSubnet', 'serviceSubnet'])('of %s with the docker subnet, given or not', (key) => {
    const overlapping = `a's ${key} 10.9.0.0/16 overlaps network.subnet 10.0.0.0/12. ${remedy}`;
    expect(refusalOf(`${region(`${key}: 10.9.0.0/16`)}network: { subnet: 10.0.0.0/12 }\n`)).toContain(
      `lab.yaml:4:5  ${overlapping}`,
    );
    const byDefault = refusalOf(`${region(`${key}: 172.19.0.0/24`)}network: { pods: 172.16.0.0/12 }\n`);
    expect(byDefault).toContain(
      `lab.yaml:4:5  a's ${key} 172.19.0.0/24 overlaps network.subnet 172.19.0.0/16. ${remedy}`,
    );
  });
});

describe('a pod or service subnet', () => {
  it('of pods must lie in the native routing CIDR', () => {
    expect(refusalOf(region('podSubnet: 11.0.0.0/16'))).toEqual([
      "lab.yaml:4:5  a's podSubnet 11.0.0.0/16 lies outside network.pods 10.0.0.0/8, the native routing CIDR. Choose one inside, or widen network.pods.",
    ]);
  });

  it('must hold a /24 for each node', () => {
    expect(refusalOf(region('podSubnet: 10.0.0.0/23'))).toEqual([
      "lab.yaml:4:5  a's podSubnet 10.0.0.0/23 is too small for 4 nodes: Kubernetes gives each a /24. Use /22 or larger.",
    ]);
    expect(() => refusalOf(region('podSubnet: 10.0.0.0/22'))).toThrow('the lab was accepted');
  });

  it('must not be larger than Kubernetes takes', () => {
    expect(refusalOf(`${region('podSubnet: 10.0.0.0/7')}network: { pods: 8.0.0.0/5 }\n`)).toEqual([
      "lab.yaml:4:5  a's podSubnet 10.0.0.0/7 is larger than Kubernetes takes. Use /8 or smaller.",
    ]);
  });

  it.each([
    ['10.0.0.0/11', 'larger'],
    ['10.0.0.0/29', 'smaller'],
  ])('service subnet %s is %s than Kubernetes takes', (subnet, size) => {
    expect(refusalOf(region(`serviceSubnet: ${subnet}`))).toEqual([
      `lab.yaml:4:5  a's serviceSubnet ${subnet} is ${size} than Kubernetes takes. Use one from /12 to /28.`,
    ]);
  });
});

describe('a pool', () => {
  const free = 'Choose one in 172.19.128.0-172.19.255.254.';

  it.each([
    ['172.20.0.1-172.20.0.9', `lies outside network.subnet 172.19.0.0/16. ${free}`],
    ['172.19.255.1-172.20.0.9', `lies outside network.subnet 172.19.0.0/16. ${free}`],
    ['172.19.0.0-172.19.0.9', `holds the gateway 172.19.0.1. ${free}`],
    ['172.19.0.2-172.19.0.9', `overlaps 172.19.0.0/17, where the nodes get their addresses. ${free}`],
    ['172.19.127.9-172.19.128.9', `overlaps 172.19.0.0/17, where the nodes get their addresses. ${free}`],
    ['172.19.255.9-172.19.255.255', `holds the broadcast address 172.19.255.255. ${free}`],
    ['172.19.255.9-172.19.255.9', 'has 1 address. Hubble UI and the ClusterMesh API server need one each: give 2.'],
  ])('%s is refused', (pool, message) => {
    expect(refusalOf(region(`pool: ${pool}`))).toEqual([`lab.yaml:4:5  a's pool ${pool} ${message}`]);
  });
});

describe('more regions than addresses', () => {
  it('in network.pods', () => {
    expect(
      refusalOf('name: lab\nnetwork:\n  pods: 10.0.0.0/20\nregions: [{ name: a }, { name: b }, { name: c }]\n'),
    ).toEqual([
      'lab.yaml:3:3  network.pods 10.0.0.0/20 has no room for the pod and service subnets of 3 regions with up to 4 nodes each. Use a larger network.pods, fewer regions or fewer nodes.',
    ]);
  });

  it('in the docker subnet, with the pools’ size given', () => {
    const lab = 'name: lab\nregions: [{ name: a }, { name: b }]\nnetwork: { subnet: 172.19.0.0/24 }\nloadBalancer:\n';
    expect(refusalOf(`${lab}  addressesPerRegion: 100\n`)).toEqual([
      'lab.yaml:5:3  The upper half of network.subnet 172.19.0.0/24 has no room for 2 address pools of 100 addresses. Use a larger network.subnet, fewer regions or a smaller loadBalancer.addressesPerRegion.',
    ]);
    expect(() => refusalOf(`${lab}  addressesPerRegion: 63\n`)).toThrow('the lab was accepted');
  });

  it('in the docker subnet, however small the pools', () => {
    const regions = Array.from({ length: 4 }, (_, index) => `{ name: r${index}, workers: 0 }`).join(', ');
    expect(refusalOf(`name: lab\nregions: [${regions}]\nnetwork: { subnet: 172.19.0.0/28 }\n`)).toEqual([
      'lab.yaml:3:12  The upper half of network.subnet 172.19.0.0/28 has no room for 4 address pools of 2 addresses. Use a larger network.subnet, fewer regions or a smaller loadBalancer.addressesPerRegion.',
    ]);
  });

  it.each([
    ['172.0.0.0/7', 'large'],
    ['172.19.0.0/29', 'small'],
  ])('a docker subnet %s is too %s', (subnet, size) => {
    const lines = refusalOf(`name: lab\nregions: [{ name: a, workers: 0 }]\nnetwork:\n  subnet: ${subnet}\n`);
    expect(lines).toEqual([
      `lab.yaml:4:3  network.subnet ${subnet} is too ${size} for a docker network of nodes and address pools. Use one from /8 to /28.`,
    ]);
  });
});

describe('addresses that are kept for something else', () => {
  const private_ = 'Use private ones: of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16.';

  it.each([
    ['127.0.0.0/16', '127.0.0.0/8, which is loopback'],
    ['0.0.0.0/8', '0.0.0.0/8, which is "this network"'],
    ['224.0.0.0/16', '224.0.0.0/4, which is multicast'],
    ['240.0.0.0/16', '240.0.0.0/4, which is reserved'],
    ['255.255.0.0/16', '240.0.0.0/4, which is reserved'],
    ['169.254.0.0/16', '169.254.0.0/16, which is link-local'],
  ])('%s', (subnet, range) => {
    const refused = (key: string) => `${key} ${subnet} has addresses of ${range}. ${private_}`;
    expect(refusalOf(`network: { subnet: ${subnet} }\n${regionA('')}`)).toContain(
      `lab.yaml:1:12  ${refused('network.subnet')}`,
    );
    expect(refusalOf(`network: { pods: ${subnet} }\n${regionA('')}`)).toContain(
      `lab.yaml:1:12  ${refused('network.pods')}`,
    );
    for (const key of ['podSubnet', 'serviceSubnet']) {
      expect(refusalOf(region(`${key}: ${subnet}`))).toContain(`lab.yaml:4:5  ${refused(`a's ${key}`)}`);
    }
    const pool = `${subnet.replace(/0\/\d+/, '1')}-${subnet.replace(/0\/\d+/, '9')}`;
    expect(refusalOf(region(`pool: ${pool}`))).toEqual([
      `lab.yaml:4:5  a's pool ${pool} lies outside network.subnet 172.19.0.0/16. Choose one in 172.19.128.0-172.19.255.254.`,
    ]);
  });

  it('are in the whole of IPv4 too', () => {
    expect(refusalOf(`network: { pods: 0.0.0.0/0, subnet: 10.0.0.0/16 }\n${regionA('')}`)).toContain(
      `lab.yaml:1:12  network.pods 0.0.0.0/0 has addresses of 0.0.0.0/8, which is "this network". ${private_}`,
    );
  });
});

describe('a docker network within the native routing CIDR', () => {
  const reason =
    "the native routing CIDR, so pods would get no answer from the docker network's gateway, which is their name server.";

  it.each([
    [
      'subnet: 10.9.0.0/16',
      `network.subnet 10.9.0.0/16 overlaps network.pods 10.0.0.0/8, ${reason} Choose a network.subnet outside it, such as 172.19.0.0/16, or a smaller network.pods.`,
    ],
    [
      'pods: 172.16.0.0/12',
      `network.subnet 172.19.0.0/16 overlaps network.pods 172.16.0.0/12, ${reason} Choose a network.subnet outside it, such as 10.201.0.0/16, or a smaller network.pods.`,
    ],
  ])('%s', (network, message) => {
    expect(refusalOf(`network: { ${network} }\n${regionA('')}`)).toEqual([
      `lab.yaml:1:${network.startsWith('subnet') ? 12 : 1}  ${message}`,
    ]);
  });
});

describe('a region of many nodes', () => {
  it('gets a block that is large enough', () => {
    const { regions } = labOf(region('workers: 300'));
    expect(regions.map(({ podSubnet, serviceSubnet }) => [podSubnet, serviceSubnet].map(String))).toEqual([
      ['10.0.0.0/15', '10.2.0.0/15'],
    ]);
    expect(labOf(region('workers: 4000')).regions[0]?.podSubnet.prefix).toBe(12);
  });

  it('is told at its line where no block is', () => {
    expect(refusalOf(region('workers: 5000'))).toEqual([
      'lab.yaml:3:5  5001 nodes need a pod subnet of /11, and none larger than /12 is allocated. Give this region a podSubnet of /11 in network.pods 10.0.0.0/8, or fewer nodes.',
    ]);
    expect(labOf(region('workers: 5000\n    podSubnet: 10.32.0.0/11')).regions[0]?.serviceSubnet.prefix).toBe(16);
  });
});

describe('an image', () => {
  const digest = 'a'.repeat(64);

  it.each([
    'kindest/node:',
    'kindest/node@',
    'kindest/node@sha256:abc',
    'kindest//node',
    'kindest/node::v1',
    'a/B:c',
    'kindest/node:v1:v2',
    'a...b',
    '-a',
    'a b',
  ])('%s is refused', (image) => {
    expect(refusalOf(region(`nodeImage: "${image}"`))).toEqual([
      `lab.yaml:4:5  regions[0].nodeImage ${image} is not an image. Write it as REPOSITORY:TAG or REPOSITORY:TAG@sha256:DIGEST.`,
    ]);
  });

  it.each([
    'kindest/node:v1.27.3',
    `kindest/node:v1.27.3@sha256:${digest}`,
    `localhost:5000/a__b/c-d.e@sha256:${digest}`,
    'Registry.Example.com/node',
    'node',
  ])('%s is accepted', (image) => {
    expect(labOf(region(`nodeImage: "${image}"`)).regions[0]?.nodeImage).toBe(image);
  });
});

describe('mirrors', () => {
  const neither =
    'mirrors is neither china nor hosts with their mirrors. Write it as { get.helm.sh: https://HOST/PATH }, or china.';

  it.each([
    ['france', 1, neither],
    ['[]', 1, neither],
    ['{ toString: 0 }', 1, neither],
    ['{ Get.helm.sh: "https://x" }', 1, neither],
    ['{ "https://get.helm.sh": "https://x" }', 1, neither],
    ['{ get.helm.sh: 5 }', 1, neither],
    [
      '{ get.helm.sh: "ftp://x" }',
      12,
      'mirrors.get.helm.sh ftp://x is not a mirror. Write it as https://HOST/PATH, without user, password and query.',
    ],
    [
      '{ get.helm.sh: "https://anna:pw@x" }',
      12,
      'mirrors.get.helm.sh https://…@x is not a mirror. Write it as https://HOST/PATH, without user, password and query.',
    ],
    [
      '{ get.helm.sh: "https://x/?key=pw" }',
      12,
      'mirrors.get.helm.sh https://x/?… is not a mirror. Write it as https://HOST/PATH, without user, password and query.',
    ],
  ])('%s is refused', (mirrors, column, message) => {
    expect(refusalOf(`mirrors: ${mirrors}\n${regionA('')}`)[0]).toBe(`lab.yaml:1:${column}  ${message}`);
  });

  it('china stands for a mirror of each host that something is downloaded from', () => {
    const { mirrors, stack } = labOf(`mirrors: china\n${regionA('')}`);
    const urls = [publishedChart(stack.versions.cilium).url, publishedManifest(stack.versions.metallb).url];
    const programs = publishedPrograms.flatMap((program) => {
      const { url, sums } = publishedAt(program, 'v1.2.3', { os: 'linux', arch: 'amd64' });
      return [url, sums];
    });
    const hosts = new Set([...urls, ...programs].map((url) => new URL(url).host));
    expect(Object.keys(mirrors).toSorted()).toEqual([...hosts].toSorted());
    expect(mirrors['get.helm.sh']).toBe('https://files.m.daocloud.io/get.helm.sh');
  });
});

describe('a source', () => {
  it.each([
    ['""', 'sources.ciliumChart is empty. Give at least one item or character.'],
    [
      '" x"',
      'sources.ciliumChart  x is neither a path nor a URL. Write a path, from the folder of this file, or https://….',
    ],
    [
      '"a\\0b"',
      'sources.ciliumChart a b is neither a path nor a URL. Write a path, from the folder of this file, or https://….',
    ],
    [
      '"a\\nb"',
      'sources.ciliumChart a b is neither a path nor a URL. Write a path, from the folder of this file, or https://….',
    ],
  ])('%s is refused', (chart, message) => {
    expect(refusalOf(`sources: { ciliumChart: ${chart} }\n${regionA('')}`)[0]).toBe(`lab.yaml:1:12  ${message}`);
  });
});

describe('a pattern of tests', () => {
  const only = (pattern: string) => `test:\n  only:\n    - '${pattern}'\n${regionA('')}`;

  it.each([
    ['(', 'is not a regular expression of Go: missing closing ): `(`. Correct it.'],
    ['*', 'is not a regular expression of Go: missing argument to repetition operator: `*`. Correct it.'],
    ['!a(?=b)', 'is not a regular expression of Go: invalid or unsupported Perl syntax: `(?=`. Correct it.'],
    ['^no-policies$', 'never matches: it is compared with TEST/SCENARIO. Write ^no-policies/ for the test.'],
    ['!^no-policies$', 'never matches: it is compared with TEST/SCENARIO. Write ^no-policies/ for the test.'],
    [
      'a{1,2}',
      'has a comma, a quote or a control character, at which the CLI cuts a pattern. Write an item for each pattern.',
    ],
  ])('%s is refused', (pattern, message) => {
    expect(refusalOf(only(pattern))).toEqual([`lab.yaml:3:7  test.only[0] ${pattern} ${message}`]);
  });

  it.each(['no-policies/pod-to-pod', '^no-policies/', '!/pod-to-world', '(?i)DNS', '[[:alpha:]]', '/pod-to-cidr$'])(
    '%s is accepted',
    (pattern) => {
      expect(labOf(only(pattern)).testOnly).toEqual([pattern]);
    },
  );
});
