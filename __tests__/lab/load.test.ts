import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Cidr } from '../../lab/cidr.ts';
import { loadLab, withSubnet } from '../../lab/load.ts';
import { LabError } from '../../lab/problems.ts';
import { articleLab, inFolder, labOf, refusalOf } from './lab-file.ts';

describe('all problems come at once, each with its place', () => {
  it('GIVEN a file wrong in many ways THEN each is said, in the order of the file', () => {
    const text = `
name: Lab_1
stacc: current
regions:
  - name: region-athens
    podSubnet: 10.0.1.0/8
    workrs: 3
    id: 1
  - name: Region_B
    id: 1
    pool: 172.19.255.100-172.19.255.1
    serviceSubnet: 10.7.0.0/16
  - nope
  - id: 0
    podSubnet: 10.7.0.0/16
versions:
  kubernetes: 1.27
`;
    expect(refusalOf(text)).toEqual([
      'lab.yaml:2:1  name Lab_1 is not a name for a lab. Use a-z, 0-9 and dashes, such as my-lab.',
      'lab.yaml:3:1  stacc is not a key of lab.yaml. Did you mean stack?',
      'lab.yaml:6:5  regions[0].podSubnet 10.0.1.0/8 has host bits set. Did you mean 10.0.0.0/8?',
      'lab.yaml:7:5  workrs is not a key of regions[0]. Did you mean workers?',
      'lab.yaml:9:5  Region_B is not a name that kind and Cilium accept. Use a-z, 0-9 and dashes, no dash at an end, such as region-a.',
      "lab.yaml:10:5  Region_B's id 1 is region-athens's too. Give it another, or leave it out.",
      'lab.yaml:11:5  regions[1].pool 172.19.255.100-172.19.255.1 is reversed. Did you mean 172.19.255.1-172.19.255.100?',
      "lab.yaml:12:5  Region_B's serviceSubnet 10.7.0.0/16 overlaps regions[3]'s podSubnet 10.7.0.0/16. Change one of them, or leave it out to have it allocated.",
      'lab.yaml:13:5  regions[2] is "nope", not a map of keys. Write a map of keys here.',
      'lab.yaml:14:5  regions[3].name is missing. Add it.',
      'lab.yaml:14:5  regions[3].id 0 is below 1. Give at least 1.',
      'lab.yaml:17:3  versions.kubernetes 1.27 is a number. Put it in quotes.',
    ]);
  });

  it('the error has the problems as data', () => {
    const error = inFolder((folder) => {
      const file = join(folder, 'lab.yaml');
      writeFileSync(file, 'name: lab\nregions:\n  - name: default\n');
      try {
        return loadLab(file);
      } catch (caught) {
        return caught;
      }
    });
    expect(error).toBeInstanceOf(LabError);
    expect((error as LabError).problems).toEqual([
      {
        path: ['regions', 0, 'name'],
        message: 'default is what Cilium calls a cluster without a mesh. Give the region another name.',
        line: 3,
        column: 5,
      },
    ]);
  });

  it.each([
    ['network: { subnet: nonsense }', 'pool: 10.99.0.1-10.99.0.9', 'network.subnet nonsense is not IPv4.'],
    ['netwrk: { subnet: 10.99.0.0/16 }', 'pool: 10.99.0.1-10.99.0.9', 'netwrk is not a key of lab.yaml.'],
    ['stack: curent', 'id: 300', 'stack is "curent", which is none of article, current. Did you mean current?'],
    ['network: { pods: 11.0.0.0/33 }', 'podSubnet: 11.0.0.0/16', 'network.pods 11.0.0.0/33 has a prefix'],
    ['versions: { cilium: 1.20 }', 'cilium: { values: { bgp: {} } }', 'versions.cilium 1.2 is a number.'],
  ])('GIVEN %s THEN nothing is concluded from a default in its place', (lab, region, message) => {
    const lines = refusalOf(`name: lab\n${lab}\nregions:\n  - name: a\n    ${region}\n`);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(message);
  });
});

describe('a key or value that the schema refuses', () => {
  it.each([
    ['regions: []', 'lab.yaml:2:1  regions is empty. Give at least one item or character.'],
    ['regions: [{ name: a }]\nstack:', 'lab.yaml:3:1  stack is empty. Give it a value, or remove the key.'],
    ['regions: { name: a }', 'lab.yaml:2:1  regions is a map, not a list. Write a list here.'],
    ['regions: [{ name: true }]', 'lab.yaml:2:13  regions[0].name is true, not a text. Write a text here.'],
    ['regions: region-a', 'lab.yaml:2:1  regions is "region-a", not a list. Write a list here.'],
    ['reigons: [{ name: a }]', 'lab.yaml:1:1  regions is missing. Add it.'],
    ['regions: [{ name: a }]\nnetwork:', 'lab.yaml:3:1  network is empty. Give it a value, or remove the key.'],
    [
      'regions: [{ name: a }]\nnetwork: { name: host }',
      'lab.yaml:3:12  network.name host is not a name for a docker network of your own. Use letters, digits and dashes, such as my-lab.',
    ],
    [
      'regions: [{ name: a }]\nstack: new',
      'lab.yaml:3:1  stack is "new", which is none of article, current. Choose one of them.',
    ],
    [
      'regions: [{ name: a }]\nmesh: { method: klick }',
      'lab.yaml:3:9  mesh.method is "klick", which is none of cli, install. Choose one of them.',
    ],
    [
      'regions: [{ name: a }]\nmesh: { zzz: 1 }',
      'lab.yaml:3:9  zzz is not a key of mesh. Known keys: method, topology, hub, pairs, maxConnectedClusters.',
    ],
    [
      'regions: [{ name: a }]\ntest: { only: [""] }',
      'lab.yaml:3:16  test.only[0] is empty. Give at least one item or character.',
    ],
    [
      'regions: [{ name: a }]\nversions: { cilium: v1.14.2 }',
      'lab.yaml:3:13  versions.cilium v1.14.2 is not a version of the chart. Write it as 1.2.3, without v.',
    ],
    [
      'regions: [{ name: a }]\nversions: { kind: latest }',
      'lab.yaml:3:13  versions.kind latest is not a version. Write it as v1.2.3.',
    ],
    [
      'regions: [{ name: a }]\nsources: { nodeImage: --privileged }',
      'lab.yaml:3:12  sources.nodeImage --privileged is not an image. Write it as REPOSITORY:TAG or REPOSITORY:TAG@sha256:DIGEST.',
    ],
    [
      'regions: [{ name: a }]\nsources: { ciliumChart: --x }',
      'lab.yaml:3:12  sources.ciliumChart --x is neither a path nor a URL. Write a path, from the folder of this file, or https://….',
    ],
    [
      'regions: [{ name: a }]\nsources: { ciliumChart: "https://x.example/c.tgz#sha256=abc" }',
      'lab.yaml:3:12  sources.ciliumChart https://x.example/c.tgz#sha256=abc ends in no SHA-256. Write #sha256= and 64 hexadecimal digits, or leave it out.',
    ],
    [
      'regions: [{ name: a }]\nsources: { ciliumChart: "https://bob:hunter2@x.example/c.tgz" }',
      'lab.yaml:3:12  sources.ciliumChart https://…@x.example/c.tgz holds a user or a password, which lab.yaml is no place for. Download it, and give the path of the file.',
    ],
    [
      'regions: [{ name: a }]\nsources: { metallbManifest: "oci://token@x.example/m" }',
      'lab.yaml:3:12  sources.metallbManifest oci://…@x.example/m holds a user or a password, which lab.yaml is no place for. Download it, and give the path of the file.',
    ],
    [
      'regions: [{ name: a }]\nsources: { ciliumChart: "https://bob:hun/ter2@x.example/c.tgz" }',
      'lab.yaml:3:12  sources.ciliumChart https://…@x.example/c.tgz is not a URL. Write it as https://HOST/PATH, or give a path.',
    ],
    ...[
      ['https:///bob:hunter2@x.example/c.tgz', 'https:///…@x.example/c.tgz'],
      ['https:/bob:hunter2@x.example/c.tgz', 'https:/…@x.example/c.tgz'],
      ['https:bob:hunter2@x.example', 'https:…@x.example'],
      ['https:bob:hun/@/ter2@x.example', 'https:…@x.example'],
      ['https://bob:hun ter2@x.example/c.tgz', 'https://…@x.example/c.tgz'],
      ['oci://bob:hun ter2@x.example/c', 'oci://…@x.example/c'],
      ['HTTPS:/x.example/c.tgz', 'HTTPS:/x.example/c.tgz'],
      ['https:///x.example/c.tgz?token=5ec2e7', 'https:///x.example/c.tgz?…'],
      ['https:/x.example/c.tgz?token=5ec 2e7', 'https:/x.example/c.tgz?…'],
    ].map(([url, shown]) => [
      `regions: [{ name: a }]\nsources: { ciliumChart: "${url}" }`,
      `lab.yaml:3:12  sources.ciliumChart ${shown} is not a URL. Write it as https://HOST/PATH, or give a path.`,
    ]),
    [
      'regions: [{ name: a }]\nsources: https://bob:hunter2@x.example/c.tgz?token=5ec2e7',
      'lab.yaml:3:1  sources is "https://…@x.example/c.tgz?…", not a map of keys. Write a map of keys here.',
    ],
    [
      'regions: [{ name: a }]\ncilium: { hubble: yes }',
      'lab.yaml:3:11  cilium.hubble is "yes", not true or false. Write true or false here.',
    ],
    [
      'regions: [{ name: a }]\ncilium: { values: [] }',
      'lab.yaml:3:11  cilium.values is a list, not a map of keys. Write a map of keys here.',
    ],
    [
      'regions: [{ name: a }]\nloadBalancer: { addressesPerRegion: 1 }',
      'lab.yaml:3:17  loadBalancer.addressesPerRegion 1 is below 2. Give at least 2.',
    ],
  ])('%s', (text, message) => {
    expect(refusalOf(`name: lab\n${text}\n`)).toContain(message);
  });
});

it('GIVEN a value of several lines THEN its problem still takes one', () => {
  expect(refusalOf('name: "a\\nb\\e[31m"\nregions: [{ name: a }]\n')).toEqual([
    'lab.yaml:1:1  name a b [31m is not a name for a lab. Use a-z, 0-9 and dashes, such as my-lab.',
  ]);
});

describe('a file that is no YAML', () => {
  it.each([
    ['', 'lab.yaml:1:1  The file is empty. Give it a name and regions.'],
    ['# nothing\n', 'lab.yaml:1:1  The file is empty. Give it a name and regions.'],
    ['hello\n', 'lab.yaml:1:1  The file is "hello", not a map of keys. Write a map of keys here.'],
    ['name: a\nname: b\n', 'lab.yaml:2:1  This key is given twice. Keep one of them.'],
    ['name: a\n---\nname: b\n', 'lab.yaml:2:1  A lab is one YAML document. Remove this second one.'],
    ['name: a\nregions:\n\t- name: a\n', 'lab.yaml:3:1  A tab indents this line. Use spaces.'],
    ['name: *lab\n', 'lab.yaml:1:7  *lab refers to no anchor above it. Define &lab first, or write the value out.'],
    ['regions: &all [*all]\n', 'lab.yaml:1:16  *all stands inside &all. Write the value out.'],
    ['name: "a\n', 'lab.yaml:2:1  Missing closing "quote. Correct the YAML here.'],
  ])('%j', (text, message) => {
    expect(refusalOf(text)).toContain(message);
  });

  it('GIVEN aliases that multiply without end THEN it is refused, not expanded', () => {
    const levels = Array.from(
      { length: 9 },
      (_, level) =>
        `l${level}: &l${level} [${Array(9)
          .fill(`*l${level - 1}`)
          .join(', ')}]`,
    );
    const [line] = refusalOf(['a: &l-1 x', ...levels].join('\n').replaceAll('l-1', 'start'));
    expect(line).toBe('lab.yaml:1:1  The aliases stand for more than 100000 values. Write the values out.');
  });

  it('GIVEN no file THEN the path and the option are named', () => {
    expect(() => loadLab('/nowhere/lab.yaml')).toThrow(
      new LabError('/nowhere/lab.yaml', [
        { path: [], message: 'There is no such file. Create it, or name another with --lab FILE.' },
      ]),
    );
    expect(() => loadLab('/')).toThrow('/  This is a folder, not a file. Name another with --lab FILE.');
  });
});

describe('anchors', () => {
  it('GIVEN an alias or a merge key THEN its values count, and problems point at them', () => {
    const text = 'name: lab\nregions:\n  - &a { name: a, workers: 1 }\n  - { <<: *a, name: b }\n';
    expect(labOf(text).regions.map(({ name, workers }) => [name, workers])).toEqual([
      ['a', 1],
      ['b', 1],
    ]);
    expect(refusalOf('name: lab\nregions:\n  - &a { name: a, id: 0 }\n  - *a\n')).toEqual([
      'lab.yaml:3:10  a is the name of two regions. Rename one of them.',
      'lab.yaml:3:19  regions[0].id 0 is below 1. Give at least 1.',
      'lab.yaml:3:19  regions[1].id 0 is below 1. Give at least 1.',
    ]);
  });
});

describe('cilium.values', () => {
  it('GIVEN a key that the chart does not know THEN it is refused with the nearest, in lab and region', () => {
    const text = `name: lab
regions:
  - name: a
    cilium: { values: { hubble: { rely: { enabled: true } } } }
cilium:
  values:
    debugg: { enabled: true }
    bandwidthManager: null
    operator: { affinity: null }
`;
    expect(refusalOf(text)).toEqual([
      'lab.yaml:4:35  regions[0].cilium.values.hubble.rely is not a value of the Cilium 1.14.2 chart. Did you mean hubble.relay?',
      'lab.yaml:7:5  cilium.values.debugg is not a value of the Cilium 1.14.2 chart. Did you mean debug?',
      'lab.yaml:8:5  cilium.values.bandwidthManager is empty, and the Cilium 1.14.2 chart has a map there. Write a map, such as { enabled: false }.',
    ]);
  });

  it('GIVEN a chart of the user THEN its keys count', () => {
    const chart = fileURLToPath(new URL('chart', import.meta.url));
    const text = (key: string) =>
      `name: lab\nregions: [{ name: a }]\nsources: { ciliumChart: ${chart} }\ncilium: { values: { ${key}: 1 } }\n`;
    expect(refusalOf(text('debug'))).toEqual([
      `lab.yaml:4:21  cilium.values.debug is not a value of the chart ${chart}. Remove it, or see the chart's values.yaml.`,
    ]);
    expect(labOf(text('clusterHealthPort')).regions[0]?.values).toEqual({ clusterHealthPort: 1 });
  });

  it('GIVEN a chart of another version than the lab has THEN it is refused with the pin to set', () => {
    const chart = fileURLToPath(new URL('chart', import.meta.url));
    const text = (version: string) =>
      `name: lab\nregions: [{ name: a }]\nversions: { cilium: ${version} }\nsources: { ciliumChart: ${chart} }\n`;
    expect(refusalOf(text('1.14.5'))).toEqual([
      `lab.yaml:4:12  sources.ciliumChart ${chart} is a chart of Cilium 1.14.2, and the lab has 1.14.5. Set versions.cilium to 1.14.2, or name another chart.`,
    ]);
    expect(labOf(text('1.14.2')).stack.versions.cilium).toBe('1.14.2');
  });

  it('GIVEN a chart that is not at hand THEN nothing is refused', () => {
    const text =
      'name: lab\nregions: [{ name: a }]\nversions: { cilium: 1.15.0, ciliumCli: v0.16.20 }\ncilium: { values: { any: 1 } }\n';
    expect(labOf(text).regions[0]?.values).toEqual({ any: 1 });
  });
});

it('GIVEN relative sources THEN they start at the folder of the lab file; URLs stay', () => {
  inFolder((folder) => {
    mkdirSync(join(folder, 'labs'));
    const file = join(folder, 'labs', 'lab.yaml');
    const sources =
      'sources: { ciliumChart: ../charts/cilium.tgz, metallbManifest: "https://mirror.example/m.yaml" }\n';
    writeFileSync(file, articleLab + sources);
    expect(loadLab(file).sources).toMatchObject({
      ciliumChart: { place: join(folder, 'charts', 'cilium.tgz') },
      metallbManifest: { url: 'https://mirror.example/m.yaml', sha256: undefined },
    });
  });
});

describe('withSubnet changes network.subnet and nothing else', () => {
  const subnet = Cidr.parse('172.30.0.0/16');

  it.each([
    [
      'given',
      '# my lab\nname:   lab # short\nnetwork:\n  pods: 10.0.0.0/8\n  subnet: 172.19.0.0/16    # taken\n',
      '# my lab\nname:   lab # short\nnetwork:\n  pods: 10.0.0.0/8\n  subnet: 172.30.0.0/16    # taken\n',
    ],
    ['quoted', 'network: { subnet: "172.19.0.0/16" }\n', 'network: { subnet: 172.30.0.0/16 }\n'],
    [
      'missing in a block',
      'network:\n    pods: 10.0.0.0/8\n',
      'network:\n    subnet: 172.30.0.0/16\n    pods: 10.0.0.0/8\n',
    ],
    ['missing in braces', 'network: { name: x }\n', 'network: { subnet: 172.30.0.0/16, name: x }\n'],
    ['missing in an empty map', 'network: {}\nname: lab\n', 'network: { subnet: 172.30.0.0/16 }\nname: lab\n'],
    ['without a network', 'name: lab\n\n# end\n', 'name: lab\n\n# end\nnetwork:\n  subnet: 172.30.0.0/16\n'],
    ['without a network or last line end', 'name: lab', 'name: lab\nnetwork:\n  subnet: 172.30.0.0/16\n'],
    ['without a network, all in braces', '{ name: lab }\n', '{ network: { subnet: 172.30.0.0/16 }, name: lab }\n'],
  ])('%s', (_, before, after) => {
    expect(withSubnet(before, subnet)).toBe(after);
  });

  it('and the lab then has it', () => {
    expect(labOf(withSubnet(articleLab, subnet)).network.subnet).toEqual(subnet);
  });
});
