import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmdirSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { header } from '../../lab/generated.ts';
import * as writer from '../../constructs/write.ts';
import { mark, OutputError } from '../../lab/own-place.ts';
import { eachInFolder } from '../each-in-folder.ts';

const { at } = eachInFolder();

let out: string;

beforeEach(() => {
  out = at('dist');
});

const around = () => ({ cwd: at('elsewhere'), home: '/home/nobody', labFile: at('lab.yaml') });

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
    expect(readdirSync(at())).toEqual(['dist']);
  });

  it('GIVEN a folder deep below one that does not exist THEN all are made', () => {
    write(at('a/b/dist'), new Map([file('athens', 'a')]));

    expect(existsSync(at('a/b/dist/athens/kind.yaml'))).toBe(true);
  });

  it('GIVEN a changed file and a region that is gone THEN the one is replaced and the folder of the other disappears', () => {
    write(out, new Map([file('athens', 'a'), file('hurup', 'b')]));

    const comparison = write(out, new Map([file('athens', 'changed')]));

    expect(comparison).toEqual({ changed: ['athens/kind.yaml'], added: [], removed: ['hurup/kind.yaml'] });
    expect(readdirSync(out)).toEqual(['.clustermesh-lab', 'athens']);
    expect(tree(out)).toEqual({ ...marked, ...Object.fromEntries([file('athens', 'changed')]) });
    expect(readdirSync(at())).toEqual(['dist']);
  });

  it('GIVEN the same files THEN nothing is touched', () => {
    const files = new Map([file('athens', 'a')]);
    write(out, files);
    const before = statSync(out).ino;

    expect(write(out, files)).toEqual({ changed: [], added: [], removed: [] });
    expect(statSync(out).ino).toBe(before);
  });

  it('GIVEN a link to a folder THEN the folder behind it is replaced and the link stays', () => {
    mkdirSync(at('real'));
    symlinkSync('real', out);

    write(out, new Map([file('athens', 'a')]));

    expect(realpathSync(out)).toBe(at('real'));
    expect(existsSync(at('real/athens/kind.yaml'))).toBe(true);
  });

  it('GIVEN a file that cannot be written THEN the old folder is whole and nothing is left beside it', () => {
    write(out, new Map([file('athens', 'a')]));
    const before = tree(out);
    // a path that is a file and a folder at once
    const impossible = new Map([file('athens', 'new'), ['athens/kind.yaml/deeper', '']]);

    const message = messageOf(() => write(out, impossible));

    expect(message).toMatch(/^cannot write .*\/dist: E\w+: .*\. It is as it was\.$/);
    expect(tree(out)).toEqual(before);
    expect(readdirSync(at())).toEqual(['dist']);
  });
});

describe('write in the folder of a lab', () => {
  const files = new Map([file('athens', 'a')]);
  const as = (lab: string, adopt = false) =>
    writer.write({ path: out, by: '--out' }, () => ({ lab, files, adopt }), around()).different;

  it('GIVEN that of another lab THEN it is refused by write and compare, and stays', () => {
    as('living');
    const before = tree(at());

    const refusal = `${out} has the YAML of the lab living, and this is the lab test.`;
    expect(messageOf(() => write(out, files))).toContain(refusal);
    expect(messageOf(() => compare(out, files))).toContain(refusal);
    expect(tree(at())).toEqual(before);
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
    writeFileSync(at('file'), '');

    const message = messageOf(() => write(at('file/dist'), new Map([file('athens', 'a')])));

    expect(message).toMatch(/^cannot write .*\/file\/dist: E\w+: .*\. It is as it was\.$/);
  });
});

describe('write after a synth that was killed', () => {
  /** A pid that no process has: it is above the largest that Linux and macOS give. */
  const dead = 2 ** 22 + 1;

  function staging(pid: number, ...inside: readonly string[]): string {
    const path = at(`.dist-${pid}-abcdef`);
    for (const name of ['', ...inside]) {
      mkdirSync(join(path, name), { recursive: true });
      writeFileSync(join(path, name, '.clustermesh-lab'), `${mark('dist')}\n`);
    }
    return path;
  }

  it('GIVEN its temporary folder THEN that is removed', () => {
    staging(dead, 'next');
    mkdirSync(at(`.dist-${dead}-ghijkl`));

    write(out, new Map([file('athens', 'a')]));

    expect(readdirSync(at())).toEqual(['dist']);
  });

  it('GIVEN it had the number of this process, as in a container where numbers come again THEN nobody is waited for', () => {
    const left = staging(process.pid, 'next');

    write(out, new Map([file('athens', 'a')]));

    expect(existsSync(left)).toBe(false);
  });

  it('GIVEN it was killed between the two renames THEN the old folder comes back first', () => {
    write(out, new Map([file('athens', 'a'), file('hurup', 'b')]));
    renameSync(out, join(staging(dead), 'previous'));

    expect(write(out, new Map([file('athens', 'a')]))).toMatchObject({ added: [], removed: ['hurup/kind.yaml'] });
    expect(readdirSync(at())).toEqual(['dist']);
  });

  it.each([
    { what: 'without the mark', name: `.dist-${dead}-abcdef`, text: 'mine' },
    { what: 'of another name', name: `.dist-backup-abcdef`, text: `${mark('dist')}\n` },
  ])('GIVEN a folder $what THEN it stays', ({ name, text }) => {
    mkdirSync(at(name));
    writeFileSync(at(name, '.clustermesh-lab'), text);

    write(out, new Map([file('athens', 'a')]));

    expect(readdirSync(at())).toEqual([name, 'dist'].sort());
  });
});

describe('write while another synth works on the folder', () => {
  // a living process of another number
  const other = () => at(`.dist-${process.ppid}-abcdef`);
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
      `another synth works on ${out}: process ${process.ppid}. Wait for it, or stop it: kill ${process.ppid}. Nothing was touched.`,
    );
    expect(told).toEqual([`waiting for another synth that works on ${out}: process ${process.ppid}`]);
    expect(readdirSync(at())).toEqual([basename(other())]);
  });

  it('GIVEN a folder of yesterday, and its number is that of another program by now THEN it is gone', () => {
    const yesterday = new Date(Date.now() - 86_400_000);
    utimesSync(other(), yesterday, yesterday);

    expect(write(out, files)).toMatchObject({ added: ['athens/kind.yaml'] });
    expect(readdirSync(at())).toEqual(['dist']);
  });

  it('GIVEN it is done THEN the own folder stands there while it is synthesized, for others to wait', () => {
    rmdirSync(other());
    const make = () => {
      expect(readdirSync(at())).toEqual([expect.stringMatching(new RegExp(`^\\.dist-${process.pid}-\\w{6}$`))]);
      return { lab: 'test', files };
    };

    expect(wait(make, 0).different).toMatchObject({ added: ['athens/kind.yaml'] });
    expect(told).toEqual([]);
    expect(readdirSync(at())).toEqual(['dist']);
  });
});

describe('write where the lab is refused', () => {
  it('GIVEN a folder deep below one that does not exist THEN none of them is made', () => {
    const refuse = () => {
      throw new Error('a bad lab');
    };

    expect(() => writer.write({ path: at('a/b/dist'), by: '--out' }, refuse, around())).toThrow('a bad lab');
    expect(readdirSync(at())).toEqual([]);
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
    const before = tree(at());

    const message = messageOf(() => write(out, new Map([file('athens', 'a')])));

    expect(message).toBe(
      `synth replaces the whole folder ${out}, but did not write this in it:\n` +
        `  ${join(out, path)}\n` +
        'Move it elsewhere, or choose another folder with --out. Nothing was touched.',
    );
    expect(tree(at())).toEqual(before);
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
    const before = tree(at());

    const comparison = compare(out, new Map([file('athens', 'changed'), file('patra', 'c')]));

    expect(comparison).toEqual({
      changed: ['athens/kind.yaml'],
      added: ['patra/kind.yaml'],
      removed: ['hurup/kind.yaml'],
    });
    expect(tree(at())).toEqual(before);
  });
});
