import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { eachInFolder } from './each-in-folder.ts';

const { at } = eachInFolder();

const project = resolve(import.meta.dirname, '..');
const examples = [
  'three-regions',
  'single-node-regions',
  'current-stack',
  'given-addresses',
  'install-mesh',
  'shared-services',
];

interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const program = join(project, 'bin', 'synth.mjs');

function run(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}): Run {
  const options = { cwd, env: { ...process.env, ...env }, encoding: 'utf8' } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, args, options);
  return { code: status, stdout, stderr };
}

/** `npm run synth -- ARGS` in the test's folder. */
function synth(args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Run {
  return run([program, ...args], at(), env);
}

/** `npm run synth` in the test's folder, without waiting. */
function start() {
  const child = spawn(process.execPath, [program], { cwd: at(), stdio: ['ignore', 'ignore', 'pipe'] });
  return { stderr: child.stderr, code: once(child, 'close').then(([code]) => code as number | null) };
}

/** Writes lab.yaml of these regions, with one worker each. */
function lab(...regions: readonly string[]): void {
  const list = regions.map((name) => `  - name: ${name}\n    workers: 1\n`).join('');
  writeFileSync(at('lab.yaml'), `name: test\nregions:\n${list}`);
}

/** All files of a folder: path to text. */
function tree(root: string): Record<string, string> {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => join(entry.parentPath, entry.name)).sort();
  return Object.fromEntries(paths.map((path) => [path.slice(root.length + 1), readFileSync(path, 'utf8')]));
}

const files = ['cilium-values.yaml', 'ipaddresspool.yaml', 'kind.yaml', 'l2advertisement.yaml', 'probes.yaml'];
const scenario = 'scenarios/high-availability.yaml';

describe('npm run synth', () => {
  it("GIVEN the article's lab THEN it writes exactly the committed dist/", () => {
    cpSync(join(project, 'lab.yaml'), at('lab.yaml'));

    const { code, stdout, stderr } = synth();

    expect(stderr).toBe('');
    expect(stdout).toBe(
      'dist/: 2 regions, 12 files (12 added: region-athens/cilium-values.yaml, region-athens/ipaddresspool.yaml, …)\n',
    );
    expect(code).toBe(0);
    expect(Object.keys(tree(at('dist')))).toEqual([
      '.clustermesh-lab',
      ...['region-athens', 'region-hurup'].flatMap((region) => [...files, scenario].map((file) => `${region}/${file}`)),
    ]);
    expect(tree(at('dist'))).toEqual(tree(join(project, 'dist')));
  });

  it('GIVEN a scenario less THEN its files disappear', () => {
    cpSync(join(project, 'lab.yaml'), at('lab.yaml'));
    synth();
    const text = readFileSync(at('lab.yaml'), 'utf8');
    writeFileSync(at('lab.yaml'), text.replace(/^scenarios:[^]*/m, ''));

    expect(synth()).toEqual({
      code: 0,
      stdout: `dist/: 2 regions, 10 files (2 removed: region-athens/${scenario}, region-hurup/${scenario})\n`,
      stderr: '',
    });
  });

  it('GIVEN the same lab again THEN it says that nothing changed', () => {
    lab('athens');
    synth();

    expect(synth()).toEqual({ code: 0, stdout: 'dist/: 1 region, 5 files (unchanged)\n', stderr: '' });
  });

  it('GIVEN a region more THEN no file of the others changes', () => {
    lab('athens', 'hurup');
    synth();
    const before = tree(at('dist'));
    lab('athens', 'hurup', 'kyoto');

    const { stdout } = synth();

    expect(stdout).toBe(
      'dist/: 3 regions, 15 files (5 added: kyoto/cilium-values.yaml, kyoto/ipaddresspool.yaml, …)\n',
    );
    expect(tree(at('dist'))).toMatchObject(before);
  });

  it('GIVEN a region less THEN its folder disappears', () => {
    lab('athens', 'hurup');
    synth();
    lab('athens');

    const { stdout } = synth();

    expect(stdout).toBe(
      'dist/: 1 region, 5 files (5 removed: hurup/cilium-values.yaml, hurup/ipaddresspool.yaml, …)\n',
    );
    expect(readdirSync(at('dist'))).toEqual(['.clustermesh-lab', 'athens']);
  });

  it.each([
    { what: 'the first of three is gone', regions: ['b', 'c'], stay: ['b', 'c'] },
    { what: 'one is inserted in front', regions: ['new', 'a', 'b', 'c'], stay: ['a', 'b', 'c'] },
    { what: 'one takes the place of another', regions: ['a', 'new', 'c'], stay: ['a', 'c'] },
    { what: 'they are in another order', regions: ['c', 'b', 'a'], stay: ['a', 'b', 'c'] },
  ])('GIVEN $what THEN no file of the others changes, and it is up to date', ({ regions, stay }) => {
    lab('a', 'b', 'c');
    synth();
    const before = tree(at('dist'));
    lab(...regions);

    expect(synth().code).toBe(0);

    const now = tree(at('dist'));
    const kept = Object.entries(before).filter(([path]) => stay.some((name) => path.startsWith(`${name}/`)));
    expect(now).toMatchObject(Object.fromEntries(kept));
    expect(synth(['--check']).stdout).toBe('dist/ is up to date\n');
    expect(synth().stdout).toContain('(unchanged)');
  });

  it('GIVEN --out THEN the addresses are those that it has, not those of dist/', () => {
    lab('a', 'b');
    synth();
    synth(['--out', 'old']);
    lab('b');

    synth(['--out', 'new']);
    synth(['--out', 'old']);

    expect(readFileSync(at('old/b/kind.yaml'), 'utf8')).toContain('podSubnet: 10.2.0.0/16');
    expect(readFileSync(at('new/b/kind.yaml'), 'utf8')).toContain('podSubnet: 10.0.0.0/16');
  });

  it('GIVEN a synth that was killed between its two renames THEN the addresses of the old dist/ are kept', () => {
    lab('a', 'b');
    synth();
    const killed = at(`.dist-${2 ** 22 + 1}-abcdef`);
    mkdirSync(killed);
    cpSync(at('dist/.clustermesh-lab'), join(killed, '.clustermesh-lab'));
    renameSync(at('dist'), join(killed, 'previous'));
    lab('b');

    expect(synth().stdout).toMatch(/\(5 removed: a\//);
  });

  it('GIVEN another synth between its two renames THEN it waits for that, and the addresses of the old dist/ are kept', async () => {
    lab('a', 'b');
    synth();
    const other = at(`.dist-${process.pid}-abcdef`);
    mkdirSync(other);
    renameSync(at('dist'), join(other, 'previous'));
    lab('b');

    const waiting = start();
    let said = '';
    for await (const text of waiting.stderr) {
      said += String(text);
      if (!said.includes('\n')) continue;
      renameSync(join(other, 'previous'), at('dist'));
      rmSync(other, { recursive: true });
    }

    expect(said).toBe(`waiting for another synth that works on ${at('dist')}: process ${process.pid}\n`);
    expect(await waiting.code).toBe(0);
    expect(readFileSync(at('dist/b/kind.yaml'), 'utf8')).toContain('podSubnet: 10.2.0.0/16');
  });

  it('GIVEN several at once THEN each is done, the addresses are kept, and nothing is left beside dist/', async () => {
    lab('a', 'b');
    synth();
    lab('b', 'c');

    const codes = await Promise.all([start(), start(), start()].map(({ code }) => code));

    expect(codes).toEqual([0, 0, 0]);
    expect(readFileSync(at('dist/b/kind.yaml'), 'utf8')).toContain('podSubnet: 10.2.0.0/16');
    expect(readdirSync(at()).toSorted()).toEqual(['dist', 'lab.yaml']);
    expect(synth(['--check']).stdout).toBe('dist/ is up to date\n');
  });

  it('GIVEN --lab THEN dist/ is beside the lab; GIVEN --out THEN it is there, whatever the environment says', () => {
    lab('athens');
    const elsewhere = mkdtempSync(at('elsewhere-'));

    expect(synth(['--lab', at('lab.yaml')]).code).toBe(0);
    expect(synth(['--out', join(elsewhere, 'yaml')], { CDK8S_OUTDIR: at('ignored') }).code).toBe(0);

    expect(tree(join(elsewhere, 'yaml'))).toEqual(tree(at('dist')));
    expect(existsSync(at('ignored'))).toBe(false);
  });
});

describe("GIVEN another lab's dist/", () => {
  const rename = (name: string): void => {
    const text = readFileSync(at('lab.yaml'), 'utf8');
    writeFileSync(at('lab.yaml'), text.replace(/^name: .*/, `name: ${name}`));
  };
  const refusal = (adopt: string) =>
    'dist has the YAML of the lab test, and this is the lab second. If second is its new name, take the folder over, and ' +
    `regions keep their addresses: ${adopt}. Choose another place with --out. Nothing was touched.\n`;

  it('WHEN synthesized THEN it is refused, and stays; with what to type, as it was typed', () => {
    lab('a', 'b');
    synth();
    const before = tree(at('dist'));
    writeFileSync(at('second.yaml'), 'name: second\nregions:\n  - name: c\n');

    const adopt = 'npm run synth -- --lab second.yaml --adopt';
    expect(synth(['--lab', 'second.yaml'])).toEqual({ code: 2, stdout: '', stderr: refusal(adopt) });
    expect(synth(['--lab', 'second.yaml', '--check'])).toEqual({ code: 2, stdout: '', stderr: refusal(adopt) });
    expect(tree(at('dist'))).toEqual(before);
  });

  it('WHEN CDK8S_OUTDIR names it THEN what to type names it too', () => {
    lab('a', 'b');
    synth(['--out', 'yaml']);
    rename('second');

    const { code, stderr } = synth([], { CDK8S_OUTDIR: 'yaml' });

    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: refusal('npm run synth -- --out yaml --adopt')
        .replace('dist has', 'yaml has')
        .replace('with --out', 'with CDK8S_OUTDIR'),
    });
    expect(synth(['--out', 'yaml', '--adopt']).code).toBe(0);
  });

  it('WHEN the lab has got a new name THEN --adopt takes it over: regions keep their addresses, then nothing more is asked', () => {
    lab('a', 'b');
    synth();
    lab('b');
    rename('second');

    expect(synth()).toEqual({ code: 2, stdout: '', stderr: refusal('npm run synth -- --adopt') });
    expect(synth(['--adopt']).code).toBe(0);

    expect(readFileSync(at('dist/b/kind.yaml'), 'utf8')).toContain('podSubnet: 10.2.0.0/16');
    expect(readFileSync(at('dist/.clustermesh-lab'), 'utf8')).toMatch(/\nlab: second\n$/);
    expect(synth()).toEqual({ code: 0, stdout: 'dist/: 1 region, 5 files (unchanged)\n', stderr: '' });
  });
});

describe('npm run synth refuses, exits 2 and writes nothing', () => {
  it.each([
    { what: 'an empty --out', args: ['--out', ''], env: {}, says: '--out names no place: it is empty.' },
    {
      what: 'an empty CDK8S_OUTDIR',
      args: [],
      env: { CDK8S_OUTDIR: '' },
      says: 'CDK8S_OUTDIR names no place: it is empty.',
    },
    { what: '--out .', args: ['--out', '.'], env: {}, says: '. is or holds the working folder.' },
    { what: '--out ..', args: ['--out', '..'], env: {}, says: '.. is or holds the working folder.' },
    { what: '--out /', args: ['--out', '/'], env: {}, says: '/ is the root folder.' },
    {
      what: '--out "$HOME"',
      args: ['--out', tmpdir()],
      env: { HOME: tmpdir() },
      says: `${tmpdir()} is or holds your home folder.`,
    },
    { what: '--out .git', args: ['--out', '.git'], env: {}, says: '.git is or lies in a .git.' },
  ])('GIVEN $what', ({ args, env, says }) => {
    lab('athens');
    mkdirSync(at('.git'));

    const { code, stdout, stderr } = synth(args, env);

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.startsWith(`${says} `) && stderr.endsWith(' Nothing was touched.\n'), stderr).toBe(true);
    expect(readdirSync(at())).toEqual(['.git', 'lab.yaml']);
  });

  it('GIVEN a bad lab', () => {
    lab('athens', 'athens');

    const { code, stdout, stderr } = synth();

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^lab\.yaml:\d+:\d+ {2}.*athens.*\n/);
    expect(readdirSync(at())).toEqual(['lab.yaml']);
  });

  it('GIVEN a bad lab beside a good dist/ THEN the old dist/ is whole', () => {
    lab('athens');
    synth();
    const before = tree(at('dist'));
    lab('Athens!');

    expect(synth().code).toBe(2);
    expect(tree(at('dist'))).toEqual(before);
  });

  it('GIVEN no lab', () => {
    const { code, stdout, stderr } = synth(['--lab', 'missing.yaml']);

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('missing.yaml');
    expect(stderr).not.toContain('    at ');
    expect(readdirSync(at())).toEqual([]);
  });

  it('GIVEN a misspelt option THEN the right one is proposed', () => {
    expect(synth(['--chek'])).toEqual({
      code: 2,
      stdout: '',
      stderr: "error: unknown option '--chek'\n(Did you mean --check?)\nnpx clustermesh-lab synth --help lists all.\n",
    });
  });

  it('GIVEN an argument too many', () => {
    expect(synth(['lab.yaml']).code).toBe(2);
  });

  it('GIVEN a foreign file in the output folder THEN it is named and kept', () => {
    lab('athens');
    synth();
    writeFileSync(at('dist/notes.txt'), 'mine');
    lab('hurup');
    const before = tree(at());

    const refused = {
      code: 2,
      stdout: '',
      stderr:
        'synth replaces the whole folder dist, but did not write this in it:\n' +
        '  dist/notes.txt\n' +
        'Move it elsewhere, or choose another folder with --out. Nothing was touched.\n',
    };
    expect(synth()).toEqual(refused);
    expect(synth(['--check'])).toEqual(refused);
    expect(tree(at())).toEqual(before);
  });
});

describe('npm run synth -- --check', () => {
  it('GIVEN differences THEN it names them, exits 1 and writes nothing', () => {
    lab('athens', 'hurup');
    synth();
    writeFileSync(at('dist/athens/kind.yaml'), '# Generated by npm run synth\n');
    rmSync(at('dist/athens/ipaddresspool.yaml'));
    lab('athens');
    const before = tree(at());

    expect(synth(['--check'])).toEqual({
      code: 1,
      stdout: [
        'dist/ is not what synth would write:',
        '  would change athens/kind.yaml',
        '  would add athens/ipaddresspool.yaml',
        ...files.map((file) => `  would remove hurup/${file}`),
        '',
      ].join('\n'),
      stderr: '',
    });
    expect(tree(at())).toEqual(before);
  });

  it.each(['.', ...examples.map((name) => `examples/${name}`)])(
    'GIVEN %s/lab.yaml THEN the committed dist/ is up to date',
    (path) => {
      const dist = join(project, path, 'dist');

      expect(synth(['--check', '--lab', join(project, path, 'lab.yaml')])).toEqual({
        code: 0,
        stdout: `${dist}/ is up to date\n`,
        stderr: '',
      });
    },
  );
});

describe('npm run synth, whose output takes no more', () => {
  it.runIf(process.platform === 'linux')(
    'GIVEN a full disk below stdout THEN dist/ is written, and 1 with cause and remedy',
    async () => {
      lab('athens');
      const command = ['-c', 'exec "$@" > /dev/full', 'sh', process.execPath, program];

      const { exitCode, stderr } = await execa('sh', command, { cwd: at(), reject: false });

      expect({ exitCode, stderr }).toEqual({
        exitCode: 1,
        stderr:
          'stdout cannot be written: ENOSPC: no space left on device, write. Make room, or send the output elsewhere, then run this again.',
      });
      expect(synth(['--check']).stdout).toBe('dist/ is up to date\n');
    },
  );

  it('GIVEN a reader that has gone (| head) THEN 130 without a word', async () => {
    lab('athens');
    const running = execa(process.execPath, [program, '--check'], { cwd: at(), reject: false });
    running.stdout.destroy();

    expect(await running).toMatchObject({ exitCode: 130, stderr: '' });
  });
});

describe('cdk8s synth', () => {
  it("GIVEN the article's lab THEN it writes what npm run synth writes", () => {
    const out = at('dist');

    const cdk8s = join(project, 'node_modules/cdk8s-cli/bin/cdk8s');
    const { code, stderr } = run([cdk8s, 'synth', '--no-check-upgrade', '--output', out], project);

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(tree(out)).toEqual(tree(join(project, 'dist')));
  });
});
