import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { header } from '../../lab/generated.ts';
import { write } from '../../constructs/write.ts';
import { mark, OutputError, ownPlace, type Purpose } from '../../lab/own-place.ts';
import { eachInFolder } from '../each-in-folder.ts';

const { at, put } = eachInFolder();

beforeEach(() => {
  for (const name of ['home', 'home/project', 'elsewhere']) mkdirSync(at(name), { recursive: true });
  put('home/project/lab.yaml', 'name: test');
});

const around = () => ({ cwd: at('home/project'), home: at('home'), labFile: at('home/project/lab.yaml') });

function answer(path: string, purpose: Purpose = 'dist', by = '--out'): string {
  try {
    return ownPlace({ path, by }, purpose, around());
  } catch (error) {
    if (error instanceof OutputError) return error.message;
    throw error;
  }
}

describe('what may be written over', () => {
  it('GIVEN nothing there THEN yes, as an absolute path with links resolved', () => {
    symlinkSync(at('elsewhere'), at('home/project/link'));

    expect(answer('dist')).toBe(at('home/project/dist'));
    expect(answer('a/../b/')).toBe(at('home/project/b'));
    expect(answer('link/dist')).toBe(at('elsewhere/dist'));
  });

  it('GIVEN an empty folder, or one with the mark THEN yes', () => {
    mkdirSync(at('home/project/empty'));
    put('home/project/dist/.clustermesh-lab', mark('dist'));

    expect(answer('empty')).toBe(at('home/project/empty'));
    expect(answer('dist')).toBe(at('home/project/dist'));
  });

  it('GIVEN a folder with nothing but the begin of a mark, whose maker was killed THEN yes; with anything beside it no', () => {
    put('home/project/begun/.clustermesh-lab', mark('dist').slice(0, 9));
    put('home/project/empty/.clustermesh-lab', '');

    expect(answer('begun')).toBe(at('home/project/begun'));
    expect(answer('empty')).toBe(at('home/project/empty'));
    put('home/project/begun/notes.txt', 'mine');
    expect(answer('begun')).toContain('its mark begun/.clustermesh-lab is missing');
  });

  it('GIVEN a picture with the mark THEN yes', () => {
    put('home/project/lab.svg', `<!-- ${mark('picture')} -->\n<svg/>`);

    expect(answer('lab.svg', 'picture')).toBe(at('home/project/lab.svg'));

    put('home/project/lab.svg', `<!-- ${mark('picture')} -->\r\n<svg/>`);
    expect(answer('lab.svg', 'picture')).toBe(at('home/project/lab.svg'));
  });
});

describe('what may not', () => {
  const end = 'Choose another place with --out. Nothing was touched.';

  it.each([
    ['', `--out names no place: it is empty. ${end}`],
    ['  ', `--out names no place: it is empty. ${end}`],
    ['.', `. is or holds the working folder. ${end}`],
    ['..', `.. is or holds your home folder. ${end}`],
    ['../..', `../.. is or holds your home folder. ${end}`],
    ['/', `/ is the root folder. ${end}`],
    ['lab.yaml', `lab.yaml is or holds the lab file. ${end}`],
    ['.git', `.git is or lies in a .git. ${end}`],
    ['.git/dist', `.git/dist is or lies in a .git. ${end}`],
  ])('GIVEN %j THEN %s', (path, message) => {
    expect(answer(path)).toBe(message);
  });

  it('GIVEN a folder without the mark THEN it is named, with what to do', () => {
    put('home/project/notes/today.txt', 'precious');

    expect(answer('notes')).toBe(
      "notes is not the lab's to replace: its mark notes/.clustermesh-lab is missing. " +
        `If it holds nothing of yours, remove it yourself: rm -r notes. ${end}`,
    );
  });

  it('GIVEN what synth once wrote, but no mark THEN a look is no proof', () => {
    put('home/project/dist/athens/kind.yaml', header('athens', 'kind.yaml'));

    expect(answer('dist')).toContain('its mark dist/.clustermesh-lab is missing');
  });

  it("GIVEN another command's mark, or a mark that is a link THEN no", () => {
    put('home/project/state/.clustermesh-lab', mark('state'));
    put('home/project/mark', mark('dist'));
    mkdirSync(at('home/project/planted'));
    symlinkSync(at('home/project/mark'), at('home/project/planted/.clustermesh-lab'));

    expect(answer('state')).toContain('its mark state/.clustermesh-lab is missing');
    expect(answer('planted')).toContain('its mark planted/.clustermesh-lab is missing');
  });

  it('GIVEN a marked folder that holds a .git, however deep THEN no', () => {
    put('home/project/dist/.clustermesh-lab', mark('dist'));
    mkdirSync(at('home/project/dist/athens/.git'), { recursive: true });

    expect(answer('dist')).toBe(`dist holds a .git. ${end}`);
  });

  describe('GIVEN a folder with the mark of a lab', () => {
    const asked = (lab: string | undefined, text = mark('dist', 'living')): string => {
      put('home/project/dist/.clustermesh-lab', text);
      try {
        return ownPlace({ path: 'dist', by: '--out', adopt: 'npm run synth -- --adopt' }, 'dist', around(), lab);
      } catch (error) {
        return (error as OutputError).message;
      }
    };

    it('WHEN another lab asks THEN no, with what to do after a new name', () => {
      expect(asked('second')).toBe(
        'dist has the YAML of the lab living, and this is the lab second. If second is its new name, take the folder over, ' +
          `and regions keep their addresses: npm run synth -- --adopt. ${end}`,
      );
    });

    it.each([
      { who: 'that lab asks', lab: 'living', text: mark('dist', 'living') },
      { who: 'nobody says which lab it is', lab: undefined, text: mark('dist', 'living') },
      { who: 'the mark is of an earlier version, which named no lab', lab: 'second', text: `${mark('dist')}\n` },
      {
        who: 'git wrote the mark with the line ends of Windows',
        lab: 'living',
        text: 'clustermesh-lab dist: x\r\nlab: living\r\n',
      },
      { who: 'the mark names what no lab is called', lab: 'second', text: `${mark('dist')}\nlab: \u001b[2J\n` },
    ])('WHEN $who THEN yes', ({ lab, text }) => {
      expect(asked(lab, text)).toBe(at('home/project/dist'));
    });
  });

  it('GIVEN a link to nothing, or a file THEN it says so', () => {
    symlinkSync(at('nowhere'), at('home/project/dangling'));
    put('home/project/file', 'precious');

    expect(answer('dangling')).toBe(`dangling is a symbolic link that leads nowhere. ${end}`);
    expect(answer('file')).toBe(`file is not a folder. ${end}`);
  });

  it('GIVEN a picture of somebody else THEN no', () => {
    put('home/project/logo.svg', '<svg/>');
    mkdirSync(at('home/project/folder'));

    expect(answer('logo.svg', 'picture')).toBe(
      `logo.svg is not the lab's to replace: it carries no mark of npm run draw. ${end}`,
    );
    expect(answer('folder', 'picture')).toBe(`folder is not a file. ${end}`);
  });

  it.each([
    { what: 'a page that holds the picture', text: `<html>my notes\n<!-- ${mark('picture')} -->\n<svg/>` },
    { what: 'a note that quotes the mark', text: `${mark('picture')}\n` },
    { what: 'a picture behind an empty line', text: `\n<!-- ${mark('picture')} -->\n<svg/>` },
    { what: "a line that begins like draw's", text: `<!-- ${mark('picture')} My notes. -->\n` },
  ])('GIVEN $what THEN no: the mark counts only where draw writes it', ({ text }) => {
    put('home/project/notes.html', text);

    expect(answer('notes.html', 'picture')).toBe(
      `notes.html is not the lab's to replace: it carries no mark of npm run draw. ${end}`,
    );
  });

  it('GIVEN it was named by the environment THEN the message names the variable', () => {
    expect(answer('', 'dist', 'CDK8S_OUTDIR')).toBe(
      'CDK8S_OUTDIR names no place: it is empty. Choose another place with CDK8S_OUTDIR. Nothing was touched.',
    );
  });
});

describe('the law', () => {
  // few names, so that places meet
  const names = [
    'home',
    'project',
    'elsewhere',
    'dist',
    'data',
    '.git',
    '.clustermesh-lab',
    'link',
    'athens',
    'kind.yaml',
  ];
  const segment = fc.constantFrom(...names, '..', '.', '');
  const path = fc
    .tuple(fc.constantFrom('', '/', 'SANDBOX/', './', '  '), fc.array(segment, { maxLength: 5 }))
    .map(([root, segments]) => root + segments.join('/'));
  const place = fc.array(fc.constantFrom(...names.filter((name) => !name.startsWith('.'))), {
    minLength: 1,
    maxLength: 4,
  });
  // a place that looks as if synth had written it, and carries no mark
  const look = place.map(
    (where) => [[...where, 'athens', 'kind.yaml'], `${header('athens', 'kind.yaml')}old\n`] as const,
  );
  const file = fc.tuple(place, fc.constantFrom('precious', header('athens', 'kind.yaml')));
  const out = fc.oneof(
    path,
    place.map((segments) => `SANDBOX/${segments.join('/')}`),
  );
  const world = fc.record({
    files: fc.array(fc.oneof(look, file), { maxLength: 8 }),
    marks: fc.array(place, { maxLength: 2 }),
    links: fc.array(fc.tuple(place, place), { maxLength: 3 }),
    cwd: place,
    lab: place,
    outs: fc.array(out, { minLength: 1, maxLength: 6 }),
  });

  /** Does it as far as the file system lets it. */
  const attempt = (action: () => void): void => {
    try {
      action();
    } catch {
      // a file where a folder should be: that part of the world is not there
    }
  };

  /** Every file that lies in no folder with the mark: path to text. */
  function unmarked(folder: string): Record<string, string> {
    if (existsSync(join(folder, '.clustermesh-lab'))) return {};
    return Object.assign(
      {},
      ...readdirSync(folder, { withFileTypes: true }).map((entry) => {
        const file = join(folder, entry.name);
        if (entry.isDirectory()) return unmarked(file);
        return { [file]: entry.isFile() ? readFileSync(file, 'utf8') : 'a link' };
      }),
    ) as Record<string, string>;
  }

  it('GIVEN any output folder, lab file, working folder and links THEN no file outside a folder with the mark is ever removed or changed', () => {
    fc.assert(
      fc.property(world, ({ files, marks, links, cwd, lab, outs }) => {
        const root = realpathSync(mkdtempSync(join(tmpdir(), 'law-')));
        try {
          const inside = (segments: readonly string[]): string => join(root, ...segments);
          for (const [where, text] of files)
            attempt(() => {
              mkdirSync(dirname(inside(where)), { recursive: true });
              writeFileSync(inside(where), text);
            });
          for (const where of marks)
            attempt(() => {
              mkdirSync(inside(where), { recursive: true });
              writeFileSync(join(inside(where), '.clustermesh-lab'), mark('dist'));
            });
          for (const [from, to] of links)
            attempt(() => {
              mkdirSync(dirname(inside(from)), { recursive: true });
              symlinkSync(inside(to), inside(from));
            });
          attempt(() => mkdirSync(inside(cwd), { recursive: true }));
          const before = unmarked(root);
          for (const named of outs)
            attempt(() =>
              write(
                { path: named.replace('SANDBOX', root), by: '--out' },
                () => ({ lab: 'test', files: new Map([['athens/kind.yaml', header('athens', 'kind.yaml')]]) }),
                { cwd: inside(cwd), home: join(root, 'home'), labFile: inside(lab) },
              ),
            );
          for (const [file, text] of Object.entries(before)) {
            expect(existsSync(file) || text === 'a link', `${file} is gone`).toBe(true);
            if (text !== 'a link') expect(readFileSync(file, 'utf8')).toBe(text);
          }
        } finally {
          rmSync(root, { recursive: true, force: true });
        }
      }),
      { numRuns: 150 },
    );
  });
});
