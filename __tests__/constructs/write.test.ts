import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { header } from '../../lab/generated.ts';
import * as writer from '../../constructs/write.ts';
import { mark, OutputError } from '../../lab/own-place.ts';

let folder: string;
let out: string;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'write-')));
  out = join(folder, 'dist');
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

const around = () => ({ cwd: join(folder, 'elsewhere'), home: '/home/nobody', labFile: join(folder, 'lab.yaml') });

function write(path: string, files: ReadonlyMap<string, string>) {
  return writer.write({ path, by: '--out' }, () => ({ lab: 'test', files }), around(), { seconds: 0 }).different;
}

function compare(path: string, files: ReadonlyMap<string, string>) {
  return writer.compare({ path, by: '--out' }, { lab: 'test', files }, around());
}

/** What every output folder holds beside the files. */
const marked = { '.clustermesh-lab': `${mark('dist', 'test')}\n` };

/** A synthesized file of a region, with some content. */
function file(region: string, content: string): [string, string] {
  return [`${region}/kind.yaml`, `${header(region, 'kind.yaml')}${content}\n`];
}

function put(path: string, text: string): void {
  mkdirSync(dirname(join(out, path)), { recursive: true });
  writeFileSync(join(out, path), text);
}

/** All files of a folder: path to text. */
function tree(root: string): Record<string, string> {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => join(entry.parentPath, entry.name)).sort();
  return Object.fromEntries(paths.map((path) => [path.slice(root.length + 1), readFileSync(path, 'utf8')]));
}

function messageOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(OutputError);
    return (error as Error).message;
  }
  throw new Error('nothing was thrown');
}

describe('write', () => {
  it('GIVEN no folder THEN it is made with exactly the files, and nothing is left beside it', () => {
    const files = new Map([file('athens', 'a'), file('hurup', 'b')]);

    const comparison = write(out, files);

    expect(comparison).toEqual({ changed: [], added: ['athens/kind.yaml', 'hurup/kind.yaml'], removed: [] });
    expect(tree(out)).toEqual({ ...marked, ...Object.fromEntries(files) });
    expect(readdirSync(folder)).toEqual(['dist']);
  });

  it('GIVEN a folder deep below one that does not exist THEN all are made', () => {
    write(join(folder, 'a/b/dist'), new Map([file('athens', 'a')]));

    expect(existsSync(join(folder, 'a/b/dist/athens/kind.yaml'))).toBe(true);
  });

  it('GIVEN a changed file and a region that is gone THEN the one is replaced and the folder of the other disappears', () => {
    write(out, new Map([file('athens', 'a'), file('hurup', 'b')]));

    const comparison = write(out, new Map([file('athens', 'changed')]));

    expect(comparison).toEqual({ changed: ['athens/kind.yaml'], added: [], removed: ['hurup/kind.yaml'] });
    expect(readdirSync(out)).toEqual(['.clustermesh-lab', 'athens']);
    expect(tree(out)).toEqual({ ...marked, ...Object.fromEntries([file('athens', 'changed')]) });
    expect(readdirSync(folder)).toEqual(['dist']);
  });

  it('GIVEN the same files THEN nothing is touched', () => {
    const files = new Map([file('athens', 'a')]);
    write(out, files);
    const before = statSync(out).ino;

    expect(write(out, files)).toEqual({ changed: [], added: [], removed: [] });
    expect(statSync(out).ino).toBe(before);
  });

  it('GIVEN a link to a folder THEN the folder behind it is replaced and the link stays', () => {
    mkdirSync(join(folder, 'real'));
    symlinkSync('real', out);

    write(out, new Map([file('athens', 'a')]));

    expect(realpathSync(out)).toBe(join(folder, 'real'));
    expect(existsSync(join(folder, 'real/athens/kind.yaml'))).toBe(true);
  });

  it('GIVEN a file that cannot be written THEN the old folder is whole and nothing is left beside it', () => {
    write(out, new Map([file('athens', 'a')]));
    const before = tree(out);
    // a path that is a file and a folder at once
    const impossible = new Map([file('athens', 'new'), ['athens/kind.yaml/deeper', '']]);

    const message = messageOf(() => write(out, impossible));

    expect(message).toMatch(/^cannot write .*\/dist: E\w+: .*\. It is as it was\.$/);
    expect(tree(out)).toEqual(before);
    expect(readdirSync(folder)).toEqual(['dist']);
  });
});

describe('write in the folder of a lab', () => {
  const files = new Map([file('athens', 'a')]);
  const as = (lab: string, adopt = false) =>
    writer.write({ path: out, by: '--out' }, () => ({ lab, files, adopt }), around()).different;

  it('GIVEN that of another lab THEN it is refused by write and compare, and stays', () => {
    as('living');
    const before = tree(folder);

    const refusal = `${out} has the YAML of the lab living, and this is the lab test.`;
    expect(messageOf(() => write(out, files))).toContain(refusal);
    expect(messageOf(() => compare(out, files))).toContain(refusal);
    expect(tree(folder)).toEqual(before);
  });

  it('GIVEN that of another lab WHEN it is taken over THEN the mark alone changes', () => {
    as('living');

    expect(as('test', true)).toEqual({ changed: ['.clustermesh-lab'], added: [], removed: [] });
    expect(tree(out)).toEqual({ ...marked, ...Object.fromEntries(files) });
    expect(write(out, files)).toEqual({ changed: [], added: [], removed: [] });
  });

  it('GIVEN the mark of an earlier version, which named no lab THEN it is accepted, and written anew', () => {
    write(out, files);
    put('.clustermesh-lab', `${mark('dist')}\n`);

    expect(compare(out, files)).toEqual({ changed: ['.clustermesh-lab'], added: [], removed: [] });
    expect(write(out, files)).toEqual({ changed: ['.clustermesh-lab'], added: [], removed: [] });
    expect(tree(out)).toEqual({ ...marked, ...Object.fromEntries(files) });
  });
});

describe('write where it cannot', () => {
  it('GIVEN a file where a parent folder should be THEN the message says so', () => {
    writeFileSync(join(folder, 'file'), '');

    const message = messageOf(() => write(join(folder, 'file/dist'), new Map([file('athens', 'a')])));

    expect(message).toMatch(/^cannot write .*\/file\/dist: E\w+: .*\. It is as it was\.$/);
  });
});

describe('write after a synth that was killed', () => {
  /** A pid that no process has: it is above the largest that Linux and macOS give. */
  const dead = 2 ** 22 + 1;

  function staging(pid: number, ...inside: readonly string[]): string {
    const path = join(folder, `.dist-${pid}-abcdef`);
    for (const name of ['', ...inside]) {
      mkdirSync(join(path, name), { recursive: true });
      writeFileSync(join(path, name, '.clustermesh-lab'), `${mark('dist')}\n`);
    }
    return path;
  }

  it('GIVEN its temporary folder THEN that is removed', () => {
    staging(dead, 'next');
    mkdirSync(join(folder, `.dist-${dead}-ghijkl`));

    write(out, new Map([file('athens', 'a')]));

    expect(readdirSync(folder)).toEqual(['dist']);
  });

  it('GIVEN it was killed between the two renames THEN the old folder comes back first', () => {
    write(out, new Map([file('athens', 'a'), file('hurup', 'b')]));
    renameSync(out, join(staging(dead), 'previous'));

    expect(write(out, new Map([file('athens', 'a')]))).toMatchObject({ added: [], removed: ['hurup/kind.yaml'] });
    expect(readdirSync(folder)).toEqual(['dist']);
  });

  it.each([
    { what: 'without the mark', name: `.dist-${dead}-abcdef`, text: 'mine' },
    { what: 'of another name', name: `.dist-backup-abcdef`, text: `${mark('dist')}\n` },
  ])('GIVEN a folder $what THEN it stays', ({ name, text }) => {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, '.clustermesh-lab'), text);

    write(out, new Map([file('athens', 'a')]));

    expect(readdirSync(folder)).toEqual([name, 'dist'].sort());
  });
});

describe('write while another synth works on the folder', () => {
  const other = () => join(folder, `.dist-${process.pid}-abcdef`);
  const files = new Map([file('athens', 'a')]);
  const told: string[] = [];
  const wait = (make: () => writer.Synthesized, seconds: number) =>
    writer.write({ path: out, by: '--out' }, make, around(), { seconds, tell: (message) => told.push(message) });

  beforeEach(() => {
    told.length = 0;
    mkdirSync(other());
  });

  it('GIVEN it is not done in time THEN it is named, nothing is synthesized, and nothing touched', () => {
    expect(messageOf(() => wait(() => expect.fail('synthesized'), 0.2))).toBe(
      `another synth works on ${out}: process ${process.pid}. Wait for it, or stop it: kill ${process.pid}. Nothing was touched.`,
    );
    expect(told).toEqual([`waiting for another synth that works on ${out}: process ${process.pid}`]);
    expect(readdirSync(folder)).toEqual([basename(other())]);
  });

  it('GIVEN a folder of yesterday, and its number is that of another program by now THEN it is gone', () => {
    const yesterday = new Date(Date.now() - 86_400_000);
    utimesSync(other(), yesterday, yesterday);

    expect(write(out, files)).toMatchObject({ added: ['athens/kind.yaml'] });
    expect(readdirSync(folder)).toEqual(['dist']);
  });

  it('GIVEN it is done THEN the own folder stands there while it is synthesized, for others to wait', () => {
    rmdirSync(other());
    const make = () => {
      expect(readdirSync(folder)).toEqual([expect.stringMatching(new RegExp(`^\\.dist-${process.pid}-\\w{6}$`))]);
      expect(messageOf(() => write(out, files))).toMatch(/^another synth works on /);
      return { lab: 'test', files };
    };

    expect(wait(make, 0).different).toMatchObject({ added: ['athens/kind.yaml'] });
    expect(told).toEqual([]);
    expect(readdirSync(folder)).toEqual(['dist']);
  });
});

describe('write where the lab is refused', () => {
  it('GIVEN a folder deep below one that does not exist THEN none of them is made', () => {
    const refuse = () => {
      throw new Error('a bad lab');
    };

    expect(() => writer.write({ path: join(folder, 'a/b/dist'), by: '--out' }, refuse, around())).toThrow('a bad lab');
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('write refuses a folder with foreign content', () => {
  beforeEach(() => {
    put('.clustermesh-lab', `${mark('dist')}\n`);
  });

  it.each([
    { what: 'a file beside the regions', path: 'notes.txt', text: header('athens', 'kind.yaml') },
    { what: 'another file in a region', path: 'athens/notes.yaml', text: header('athens', 'kind.yaml') },
    { what: 'a kind.yaml written by hand', path: 'athens/kind.yaml', text: 'kind: Cluster\n' },
    { what: 'a hidden file', path: '.hidden', text: '' },
  ])('GIVEN $what THEN it is named and kept', ({ path, text }) => {
    put(path, text);
    const before = tree(folder);

    const message = messageOf(() => write(out, new Map([file('athens', 'a')])));

    expect(message).toBe(
      `synth replaces the whole folder ${out}, but did not write this in it:\n` +
        `  ${join(out, path)}\n` +
        'Move it elsewhere, or choose another folder with --out. Nothing was touched.',
    );
    expect(tree(folder)).toEqual(before);
  });

  it('GIVEN a folder deeper than regions go THEN the folder is named', () => {
    put('athens/sub/kind.yaml', header('athens', 'kind.yaml'));

    expect(messageOf(() => write(out, new Map()))).toContain(`\n  ${join(out, 'athens/sub')}\n`);
  });

  it('GIVEN a link in place of a file THEN the link is named', () => {
    mkdirSync(join(out, 'athens'), { recursive: true });
    symlinkSync('/etc/hostname', join(out, 'athens/kind.yaml'));

    expect(messageOf(() => write(out, new Map()))).toContain(`\n  ${join(out, 'athens/kind.yaml')}\n`);
  });

  it('GIVEN many files THEN ten are named and the rest counted', () => {
    for (let index = 10; index < 30; index++) put(`note-${index}`, '');

    const lines = messageOf(() => write(out, new Map())).split('\n');

    expect(lines).toHaveLength(13);
    expect(lines[1]).toBe(`  ${join(out, 'note-10')}`);
    expect(lines[11]).toBe('  and 10 more');
  });
});

describe('compare', () => {
  it('GIVEN any difference THEN it tells, and writes nothing', () => {
    write(out, new Map([file('athens', 'a'), file('hurup', 'b')]));
    const before = tree(folder);

    const comparison = compare(out, new Map([file('athens', 'changed'), file('patra', 'c')]));

    expect(comparison).toEqual({
      changed: ['athens/kind.yaml'],
      added: ['patra/kind.yaml'],
      removed: ['hurup/kind.yaml'],
    });
    expect(tree(folder)).toEqual(before);
  });
});
