import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadLab } from '../../lab/load.ts';
import { LabError } from '../../lab/problems.ts';
import { articleLab, inFolder, labOf, refusalOf } from './lab-file.ts';

/** What is said about a file of these bytes; it must be few lines, none of them long, and soon. */
function toldOf(bytes: Buffer | string): readonly string[] {
  return inFolder((folder) => {
    const file = join(folder, 'lab.yaml');
    writeFileSync(file, bytes);
    return toldBy(file);
  });
}

function toldBy(file: string): readonly string[] {
  const start = process.cpuUsage();
  const lines = linesOf(file);
  expect(lines.length).toBeLessThanOrEqual(21);
  for (const line of lines) expect(line.length, line.slice(0, 400)).toBeLessThan(500);
  // about a second of one processor; what grows with the square of the file took ten and more
  expect(process.cpuUsage(start).user / 1000).toBeLessThan(5000);
  return lines;
}

function linesOf(file: string): string[] {
  try {
    loadLab(file);
    return [];
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    return error.message.replaceAll(file, 'lab.yaml').split('\n');
  }
}

const lines = (count: number, line: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => line(i)).join('');
const lab = articleLab;

describe('a file that is too much', () => {
  it.each([
    ['50,000 unknown keys', lab + lines(50_000, (i) => `k${i}: 1\n`), 'lab.yaml:5:1  k0 is not a key of lab.yaml.'],
    [
      '35,000 unknown values',
      `${lab}cilium:\n  values:\n${lines(35_000, (i) => `    k${i}: 1\n`)}`,
      'lab.yaml:7:5  cilium.values.k0 is not a value of the Cilium 1.14.2 chart.',
    ],
    [
      '45,000 regions',
      `name: lab\nregions:\n${lines(45_000, () => '- name: a\n')}`,
      'lab.yaml:2:1  45000 regions are more than the 511 that any Cilium connects. Remove 44489.',
    ],
    [
      '100,000 wrong items',
      `${lab}test: { only: [${lines(100_000, () => '1,')}] }\n`,
      'lab.yaml:5:16  test.only[0] 1 is a number. Put it in quotes.',
    ],
    [
      '4,000 aliases',
      `a: &a { x: 1 }\nl:\n${lines(4000, () => '  - *a\n')}`,
      'lab.yaml:1:1  The file has 4000 aliases, more than 2048. Write the values out.',
    ],
    [
      '60,000 aliases',
      `a: &a { x: 1 }\nl:\n${lines(60_000, () => '  - *a\n')}`,
      'lab.yaml:1:1  The file has 60000 aliases, more than 2048. Write the values out.',
    ],
    ['20,000 brackets', '['.repeat(20_000), 'The file nests deeper than 60 maps and lists. Write it flatter.'],
    ['20,000 dashes', '- '.repeat(20_000), 'The file nests deeper than 60 maps and lists. Write it flatter.'],
    ['70 maps', `${lab}x: ${'{ a: '.repeat(70)}1${' }'.repeat(70)}\n`, 'The file nests deeper than 60 maps and lists.'],
    ['keys that are given twice', lines(60_000, () => 'name: a\n'), 'lab.yaml:2:1  This key is given twice.'],
    [
      'a long name',
      `name: ${'x'.repeat(500_000)}\nregions: [{ name: a }]\n`,
      'has more than 63 characters. Shorten it.',
    ],
    ['a long region', `name: a\nregions: [{ name: ${'x'.repeat(500_000)} }]\n`, 'has 500000 characters, and Cilium'],
    [
      'a long address',
      `${lab}network: { subnet: ${'1.'.repeat(200_000)}0 }\n`,
      'is too long for an address. Shorten it.',
    ],
    ['a long key', `${lab}? ${'x'.repeat(500_000)}\n: 1\n`, 'is not a key of lab.yaml.'],
    ['a long image', `${lab}sources: { nodeImage: ${'a-'.repeat(200_000)}! }\n`, 'has more than 512 characters.'],
    [
      'a long value',
      `${lab}cilium: { values: { bandwidthManager: ${'x'.repeat(500_000)} } }\n`,
      'and the Cilium 1.14.2 chart has a map',
    ],
    [
      'more than half a mebibyte',
      lab + '#'.repeat(2 ** 19),
      'lab.yaml  This has 524354 bytes, and 524288 is the most that is read. Name another with --lab FILE.',
    ],
  ])('%s', (_, text, message) => {
    expect(toldOf(text)[0]).toContain(message);
  });

  it('GIVEN more problems than a person mends at once THEN the first 20 are told, and how many more there are', () => {
    const told = toldOf(lab + lines(100, (i) => `k${i}: 1\n`));
    expect(told).toHaveLength(21);
    expect(told.at(-1)).toBe('and 80 more. Mend these first.');
  });

  it('GIVEN aliases as a lab of many regions has them THEN it is a lab', () => {
    const text = `name: lab\nstack: current\nregions:\n  - &r { name: r, workers: 0 }\n${lines(510, (i) => `  - { <<: *r, name: r${i} }\n`)}`;
    expect(labOf(text).regions).toHaveLength(511);
  });
});

describe('a file that is no file', () => {
  it('a FIFO is told, not waited for', () => {
    inFolder((folder) => {
      const fifo = join(folder, 'fifo');
      execFileSync('mkfifo', [fifo]);
      expect(toldBy(fifo)).toEqual(['lab.yaml  This is a pipe or a device, not a file. Name another with --lab FILE.']);
      for (const source of ['ciliumChart', 'metallbManifest']) {
        const [line = ''] = toldOf(`${lab}sources: { ${source}: ${fifo} }\n`);
        expect(line).toMatch(/is (a pipe or a device, not|neither) a file/);
      }
    });
  });

  it('a device is told', () => {
    expect(toldBy('/dev/zero')).toEqual([
      '/dev/zero  This is a pipe or a device, not a file. Name another with --lab FILE.'.replace(
        '/dev/zero',
        'lab.yaml',
      ),
    ]);
  });
});

describe('a file that is no text', () => {
  const save = 'Save it as UTF-8.';

  it.each([
    ['UTF-16', Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(lab, 'utf16le')]), `This is UTF-16. ${save}`],
    ['UTF-16 without a mark', Buffer.from(lab, 'utf16le'), `This holds NUL bytes, which no text does. ${save}`],
    ['Latin-1', Buffer.from('name: caf\u00e9\n', 'latin1'), `This is not UTF-8. ${save}`],
  ])('%s', (_, bytes, message) => {
    expect(toldOf(bytes)).toEqual([`lab.yaml  ${message}`]);
  });

  it('a byte order mark is no part of the text', () => {
    expect(toldOf(`\ufeff${lab}`)).toEqual([]);
  });
});

it.each([
  ['a zero-width space', 'a\u200bb', 'a\\u200bb'],
  ['a turn of direction', 'a\u202eb', 'a\\u202eb'],
  ['a tag beyond the first plane', 'a\u{e0041}b', 'a\\u{e0041}b'],
  ['a no-break space', 'a\u00a0b', '"a\\u00a0b"'],
])('GIVEN %s in a value THEN it is seen in the message', (_, name, seen) => {
  expect(refusalOf(`name: lab\nregions:\n  - name: ${name}\n`)).toEqual([
    `lab.yaml:3:5  ${seen} is not a name that kind and Cilium accept. Use a-z, 0-9 and dashes, no dash at an end, such as region-a.`,
  ]);
});

describe('YAML that a lab does not take', () => {
  it.each([
    [
      'a tag',
      'name: !!int lab\n',
      'lab.yaml:1:13  A lab has no YAML tags. Remove tag:yaml.org,2002:int; a text is put in quotes.',
    ],
    [
      'a tag of its own',
      'name: !foo lab\n',
      'lab.yaml:1:12  A lab has no YAML tags. Remove !foo; a text is put in quotes.',
    ],
    [
      'another version',
      '%YAML 9.9\n---\nname: lab\n',
      'lab.yaml:1:1  A lab is YAML 1.2 and takes no other directive. Remove the lines that begin with %.',
    ],
    [
      'version 1.1',
      '%YAML 1.1\n---\nname: lab\n',
      'lab.yaml:1:1  A lab is YAML 1.2 and takes no other directive. Remove the lines that begin with %.',
    ],
    [
      'a handle of tags',
      '%TAG !e! tag:example.com,2000:\n---\nname: lab\n',
      'lab.yaml:1:1  A lab is YAML 1.2 and takes no other directive. Remove the lines that begin with %.',
    ],
    [
      'an octal number',
      'name: lab\nregions: [{ name: a, id: 010 }]\n',
      'lab.yaml:2:26  010 has a leading zero, which some programs read as octal. Did you mean 10?',
    ],
    [
      'a merge of no map',
      'x: &x 1\n<<: *x\n',
      'lab.yaml:2:1  << takes a map, or an alias of one, or a list of these. Write the values out.',
    ],
    ['a key that is a list', '[a]: 1\n', 'lab.yaml:1:1  A key is a text. Write one here.'],
  ])('%s', (_, text, message) => {
    expect(toldOf(text)).toContain(message);
  });

  it('GIVEN version 1.2 in so many words THEN it is a lab', () => {
    expect(toldOf(`%YAML 1.2\n---\n${lab}`)).toEqual([]);
  });
});

it('GIVEN any text THEN it is a lab or is told why not, in few lines', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      'name',
      'regions',
      'cilium',
      'values',
      'network',
      'test',
      'only',
      'sources',
      '<<',
      '__proto__',
      'id',
    ),
    fc.constantFrom(
      ': ',
      ':\n',
      '\n',
      '\n  ',
      '- ',
      '\n  - ',
      ', ',
      '{ ',
      ' }',
      '[',
      ']',
      '&a ',
      '*a',
      '!!str ',
      '? ',
      '%YAML 1.1\n',
      '---\n',
      '|\n',
      '"',
      "'",
      '#',
      '\t',
      '~',
    ),
    fc.constantFrom('a', '1', '010', '1.5', 'null', 'true', '10.0.0.0/8', '127.0.0.1-9', '(', ''),
    fc.string({ maxLength: 4 }),
  );
  const text = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''));
  inFolder((folder) => {
    const file = join(folder, 'lab.yaml');
    fc.assert(
      fc.property(
        fc.oneof(
          text,
          text.map((more) => lab + more),
        ),
        (each) => {
          writeFileSync(file, each);
          expect(linesOf(file).length).toBeLessThanOrEqual(21);
        },
      ),
      { numRuns: 600 },
    );
  });
});

describe('names that every object has', () => {
  it('are told in lab.yaml', () => {
    expect(toldOf(`${lab}constructor: 1\ntoString: 2\n__proto__: { stack: current }\n`)).toEqual([
      'lab.yaml:7:1  __proto__ is not a key of a lab or of Helm values. Remove it.',
    ]);
    expect(toldOf(`${lab}constructor: 1\ntoString: 2\n`).map((line) => line.split('. ')[0])).toEqual([
      'lab.yaml:5:1  constructor is not a key of lab.yaml',
      'lab.yaml:6:1  toString is not a key of lab.yaml',
    ]);
  });

  it('are told in cilium.values', () => {
    expect(toldOf(`${lab}cilium: { values: { __proto__: { debug: 1 }, hubble: { __proto__: 1 } } }\n`)).toEqual([
      'lab.yaml:5:21  __proto__ is not a key of a lab or of Helm values. Remove it.',
      'lab.yaml:5:56  __proto__ is not a key of a lab or of Helm values. Remove it.',
    ]);
  });
});

describe('a chart that is none', () => {
  const told = (make: (folder: string) => void) =>
    inFolder((folder) => {
      make(folder);
      const [line = ''] = refusalOf(`${lab}sources: { ciliumChart: ${folder} }\n`);
      return line.replace(folder, 'CHART');
    });
  const message = (what: string) =>
    `lab.yaml:5:12  sources.ciliumChart CHART has ${what}. Name a .tgz of the chart, or its folder.`;

  it('is told with the reason', () => {
    const chartYaml = (text: string) => (folder: string) => {
      writeFileSync(join(folder, 'Chart.yaml'), text);
    };
    expect(told(() => undefined)).toBe(message('no Chart.yaml'));
    expect(told(chartYaml('a: [\n'))).toBe(message('a Chart.yaml that is not YAML'));
    expect(told(chartYaml('null\n'))).toBe(message('a Chart.yaml without a version'));
    expect(told(chartYaml('version: 1.20\n'))).toBe(message('a Chart.yaml without a version'));
    expect(
      told((folder) => {
        mkdirSync(join(folder, 'Chart.yaml'));
      }),
    ).toBe(message('no Chart.yaml'));
  });

  it('is not looked for in every folder of a machine', () => {
    expect(toldOf(`${lab}sources: { ciliumChart: / }\n`)).toEqual([
      'lab.yaml:5:12  sources.ciliumChart / has no Chart.yaml. Name a .tgz of the chart, or its folder.',
    ]);
  });
});
