import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execaSync } from 'execa';
import { beforeEach, describe, expect, it } from 'vitest';
import { mark, MARK_FILE } from '../../../lab/own-place.ts';
import { exitCode, UserError } from '../../../scripts/events/errors.ts';
import { Paths } from '../../../scripts/files/paths.ts';
import {
  checkStateFolder,
  openStateFolder,
  removeStateFolder,
  type StateFolderOptions,
  stateFolderProblem,
} from '../../../scripts/files/state-folder.ts';
import { eachInFolder } from '../../each-in-folder.ts';

const { at, put } = eachInFolder();

let options: StateFolderOptions;
const state = (...names: string[]): string => at('lab', '.lab', 'my-lab', ...names);

beforeEach(() => {
  put('lab/lab.yaml', 'name: my-lab');
  const labFile = at('lab', 'lab.yaml');
  options = {
    paths: new Paths({ labFile, dist: undefined, lab: 'my-lab', cwd: at('lab') }),
    around: { cwd: at('lab'), home: at('home'), labFile },
    env: { PATH: process.env.PATH ?? '', GIT_CONFIG_GLOBAL: '/dev/null' },
    signal: new AbortController().signal,
  };
});
const git = (...args: string[]): void => {
  execaSync('git', ['-c', 'init.defaultBranch=main', '-C', at('lab'), ...args], {
    env: { GIT_CONFIG_GLOBAL: '/dev/null' },
  });
};

/** What both ways in say; they touch nothing. */
async function refusal(): Promise<string> {
  const before = readdirSync(at(), { recursive: true }).toSorted();
  const said = [checkStateFolder, openStateFolder].map(async (enter) => {
    const error: unknown = await enter(options).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).code).toBe(exitCode.usage);
    return (error as UserError).message;
  });
  const [checked, opened] = await Promise.all(said);
  expect(opened).toBe(checked);
  expect(readdirSync(at(), { recursive: true }).toSorted()).toEqual(before);
  return checked ?? '';
}

describe('the state folder of a lab', () => {
  it('GIVEN none WHEN opened THEN it is there, marked, for the user alone; and opened again', async () => {
    await openStateFolder(options);
    await openStateFolder(options);

    expect(readdirSync(state())).toEqual(['.clustermesh-lab']);
    expect(readFileSync(state('.clustermesh-lab'), 'utf8')).toBe(`${mark('state')}\n`);
    expect([at('lab', '.lab'), state()].map((path) => statSync(path).mode & 0o777)).toEqual([0o700, 0o700]);
  });

  it('GIVEN one whose maker was killed before its mark was whole WHEN opened THEN it is as any other', async () => {
    put('lab/.lab/my-lab/.clustermesh-lab', mark('state').slice(0, 20));

    await openStateFolder(options);

    expect(readFileSync(state(MARK_FILE), 'utf8')).toBe(`${mark('state')}\n`);
    expect(readdirSync(state())).toEqual([MARK_FILE]);
  });

  it('GIVEN none WHEN checked THEN nothing is made', async () => {
    await checkStateFolder(options);

    expect(existsSync(at('lab', '.lab'))).toBe(false);
  });

  it('GIVEN one with content WHEN removed THEN it goes as a whole, and those of other labs stay', async () => {
    await openStateFolder(options);
    put('lab/.lab/my-lab/ca/ca.key', 'KEY');
    put('lab/.lab/other/ca/ca.key', 'KEY');

    removeStateFolder(options);

    expect(readdirSync(at('lab', '.lab'))).toEqual(['other']);
  });

  it('GIVEN a folder without the mark WHEN removed THEN it is not', () => {
    put('lab/.lab/my-lab/ca/ca.key', 'KEY');

    expect(() => {
      removeStateFolder(options);
    }).toThrow(UserError);
    expect(existsSync(state('ca', 'ca.key'))).toBe(true);
  });
});

describe('a state folder that is not the own', () => {
  const remedy = (path: string): string =>
    `A deploy keeps its keys there, in a folder of its own. Move it away, or remove it if it is nothing of yours: rm ${path}. Nothing was touched.`;

  it.each([
    { name: '.lab', path: ['lab', '.lab'] },
    { name: '.lab/NAME', path: ['lab', '.lab', 'my-lab'] },
  ])('GIVEN a file as $name THEN it is refused', async ({ path }) => {
    put(join(...path), 'mine');

    expect(await refusal()).toBe(`${at(...path)} is not a folder. ${remedy(at(...path))}`);
  });

  it.each([
    { given: 'a link to a folder', path: ['lab', '.lab'], target: 'elsewhere' },
    { given: 'a link to nothing', path: ['lab', '.lab'], target: 'nowhere' },
    { given: 'a link to itself', path: ['lab', '.lab'], target: 'lab/.lab' },
    { given: 'a link to a folder', path: ['lab', '.lab', 'my-lab'], target: 'elsewhere' },
  ])('GIVEN $given as $path THEN it is refused', async ({ path, target }) => {
    mkdirSync(at('elsewhere'));
    mkdirSync(dirname(at(...path)), { recursive: true });
    symlinkSync(at(target), at(...path));

    expect(await refusal()).toBe(`${at(...path)} is a symbolic link. ${remedy(at(...path))}`);
  });

  it.each(['logs', 'made', 'kubeconfig', 'applied', 'applied.new', 'owner', 'ca/ca.key', 'applied/athens/kind.yaml'])(
    'GIVEN a link as %s below it THEN it is refused, wherever it leads',
    async (name) => {
      put(join('lab/.lab/my-lab', MARK_FILE), mark('state'));
      put('elsewhere/precious', 'mine');
      mkdirSync(dirname(state(name)), { recursive: true });
      symlinkSync(at('elsewhere'), state(name));

      expect(await refusal()).toBe(
        `${state(name)} is a symbolic link, and what a deploy keeps there would lie elsewhere. ` +
          `Remove it: rm ${state(name)}. Nothing was touched.`,
      );
    },
  );

  it('GIVEN a link below it WHEN removed THEN the link goes, and what it leads to stays', () => {
    put(join('lab/.lab/my-lab', MARK_FILE), mark('state'));
    put('elsewhere/precious', 'mine');
    symlinkSync(at('elsewhere'), state('logs'));

    removeStateFolder(options);

    expect(existsSync(state())).toBe(false);
    expect(readFileSync(at('elsewhere/precious'), 'utf8')).toBe('mine');
  });

  it('GIVEN content without the mark THEN it is refused', async () => {
    put('lab/.lab/my-lab/ca/ca.key', 'KEY');

    expect(await refusal()).toBe(
      `${state()} is not the lab's to replace: its mark ${state('.clustermesh-lab')} is missing. ` +
        `If it holds nothing of yours, remove it yourself: rm -r ${state()}. Choose another place with --lab. Nothing was touched.`,
    );
  });

  const tracked = (): string =>
    `git tracks files in ${at('lab', '.lab')}, which holds keys and is of one machine alone: they may be anybody's. ` +
    `Remove them: git rm -r --cached ${at('lab', '.lab')}, then rm -r ${at('lab', '.lab')} unless this machine wrote them. Nothing was touched.`;

  it.each(['2', '4'])(
    'GIVEN one that a repository brings along (index version %s) THEN it is refused',
    async (version) => {
      put('lab/.lab/my-lab/.clustermesh-lab', mark('state'));
      put('lab/.lab/my-lab/ca/ca.key', 'A KEY THAT THEY KNOW');
      put('lab/.gitignore', '.lab/');
      git('init', '--quiet');
      git('add', '--force', '.');
      git('update-index', '--index-version', version);

      expect(await refusal()).toBe(tracked());
    },
  );

  it('GIVEN a repository whose settings name a program THEN it is not started', async () => {
    await openStateFolder(options);
    git('init', '--quiet');
    git('config', 'core.fsmonitor', `touch ${at('started')}; false`);
    git('config', 'alias.ls-files', `!touch ${at('started')}`);

    await openStateFolder(options);

    expect(existsSync(at('started'))).toBe(false);
  });

  it.each([
    {
      given: 'a repository that ignores it',
      prepare: () => {
        git('init', '--quiet');
      },
    },
    { given: 'no repository', prepare: () => undefined },
    {
      given: 'no git',
      prepare: () => {
        Object.assign(options.env, { PATH: at('nothing') });
      },
    },
    {
      given: 'a repository that is broken',
      prepare: () => {
        put('lab/.git', 'gitdir: nowhere');
      },
    },
  ])('GIVEN $given THEN it is opened', async ({ prepare }) => {
    prepare();
    await openStateFolder(options);
    await openStateFolder(options);

    expect(existsSync(state('.clustermesh-lab'))).toBe(true);
  });

  it('GIVEN variables that point git elsewhere THEN the own repository is asked', async () => {
    put('lab/.lab/my-lab/.clustermesh-lab', mark('state'));
    git('init', '--quiet');
    git('add', '--force', '.');
    Object.assign(options.env, { GIT_DIR: at('nowhere'), GIT_INDEX_FILE: at('empty') });

    expect(await refusal()).toBe(tracked());
  });
});

describe('a file system that refuses', () => {
  it.each([
    [
      'ENOTDIR',
      'something on the way to it is no folder (ENOTDIR). Move that away, or remove it if it is nothing of yours.',
    ],
    [
      'ELOOP',
      'something on the way to it is no folder (ELOOP). Move that away, or remove it if it is nothing of yours.',
    ],
    [
      'EACCES',
      'permission denied (EACCES). Give yourself the right to write there, or copy the lab to a folder of yours.',
    ],
    [
      'EPERM',
      'permission denied (EPERM). Give yourself the right to write there, or copy the lab to a folder of yours.',
    ],
    ['EROFS', 'the file system is read-only (EROFS). Copy the lab to one that can be written.'],
    ['ENOSPC', 'the disk is full (ENOSPC). Make room, then run this again.'],
    ['EIO', 'EIO: i/o error, write'],
  ])('GIVEN %s THEN cause and remedy', (code, text) => {
    const error = Object.assign(new Error(`${code}: i/o error, write`), { code });

    expect(stateFolderProblem('/lab/.lab/my-lab', error).message).toBe(`/lab/.lab/my-lab cannot be written: ${text}`);
  });

  it('GIVEN a file on the way to it WHEN opened THEN a sentence', async () => {
    const paths = new Paths({ labFile: at('lab', 'lab.yaml', 'lab.yaml'), dist: undefined, lab: 'my-lab', cwd: at() });

    await expect(openStateFolder({ ...options, paths })).rejects.toThrow(
      `${paths.state} cannot be written: something on the way to it is no folder (ENOTDIR).`,
    );
  });
});
