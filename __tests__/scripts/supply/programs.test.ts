import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  utimesSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { stacks } from '../../../lab/stacks.ts';
import { exitCode, UserError } from '../../../scripts/events/errors.ts';
import type { DriverEvent } from '../../../scripts/events/events.ts';
import { type Had, type ProgramOptions, Programs } from '../../../scripts/supply/programs.ts';
import { LearnedSums } from '../../../scripts/supply/sums.ts';
import { Supply } from '../../../scripts/supply/supply.ts';
import { Runner } from '../../../scripts/tools/runner.ts';
import { toolchain } from '../../../scripts/tools/toolchain.ts';
import { type Answer, openSite, type Site, status, whole } from '../tools/web-site.ts';
import { makeProgramFolder } from '../tools/programs.ts';

const platform = { os: 'linux', arch: 'amd64' };
/** Versions that no lock has. */
const versions = { ...stacks.article.versions, kind: 'v0.99.0', helm: 'v3.99.0' };

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.close());
let files: Record<string, Buffer | Answer>;
beforeEach(() => {
  files = {};
  site.answers = [
    (request, answer) => {
      const file = files[request.url ?? ''];
      if (file === undefined) status(404)(request, answer);
      else if (typeof file === 'function') file(request, answer);
      else whole(file)(request, answer);
    },
  ];
});

const script = (says: string): Buffer => Buffer.from(`#!/bin/sh\necho "${says}"\n`);
const sumOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** Puts a program and its checksum file where the publisher has it, below a mirror. */
function publishKind(program = script('kind v0.99.0 go1.26'), sum = sumOf(program)): string {
  const path = '/kind.sigs.k8s.io/dl/v0.99.0/kind-linux-amd64';
  files[path] = program;
  files[`${path}.sha256sum`] = Buffer.from(`${sum}  kind-linux-amd64\n`);
  return sum;
}

/** A machine with a PATH and a cache of its own. */
function machine() {
  const folder = makeProgramFolder();
  const cache = mkdtempSync(join(tmpdir(), 'cache-'));
  onTestFinished(() => {
    folder.dispose();
    rmSync(cache, { recursive: true, force: true });
  });
  /** A run of its own on it. */
  const run = (env: Record<string, string> = {}, pause: ProgramOptions['pause'] = () => Promise.resolve()) => {
    const told: DriverEvent[] = [];
    const all = { PATH: folder.folder, CLUSTERMESH_LAB_MIRROR: site.url, ...env };
    const { signal } = new AbortController();
    const programs = new Programs({
      tools: toolchain(versions),
      ...{ platform, env: all, signal, brings: true },
      supply: new Supply(cache, {}, all),
      learned: new LearnedSums(join(cache, 'sums')),
      ask: async ({ ask, pattern }, file) => {
        const runner = new Runner({ PATH: '/usr/bin:/bin' }, signal, { locate: () => Promise.resolve(file) });
        const { ended, stdout } = await runner.attempt(ask, { log: undefined, timeoutSeconds: 20 });
        return ended === 'not-started' ? undefined : (pattern.exec(stdout)?.[1] ?? 'of no known version');
      },
      pause,
      tell: (event) => told.push(event),
    });
    return { programs, told };
  };
  return { ...folder, cache, run };
}

const about = ({ version, from, file, sha256 }: Had) => ({ version, from, file, sha256 });

describe('a program of the lab', () => {
  it('GIVEN the stack’s version on the PATH WHEN asked for THEN it is that one, and nobody else is asked', async () => {
    const at = machine();
    at.addScript('kind', 'echo kind v0.99.0 go1.26 linux/amd64');

    expect(about(await at.run().programs.have('kind'))).toEqual({
      ...{ version: 'v0.99.0', from: 'PATH', file: at.file('kind'), sha256: undefined },
    });
    expect(site.asked).toEqual([]);
  });

  it('GIVEN none WHEN asked for THEN it is downloaded with the publisher’s sum, which is told and kept; and never again', async () => {
    const at = machine();
    const sha256 = publishKind();
    const first = at.run();

    const file = join(at.cache, 'sha256', sha256, 'kind');
    expect(about(await first.programs.have('kind'))).toEqual({ version: 'v0.99.0', from: 'download', file, sha256 });
    const url = 'https://kind.sigs.k8s.io/dl/v0.99.0/kind-linux-amd64';
    expect(first.told).toEqual([
      { event: 'download', what: 'kind v0.99.0', url, state: 'running', bytes: 0, percent: 0 },
      {
        event: 'warning',
        message: `kind v0.99.0 is not in the lock of this project: its SHA-256 is taken from ${url}.sha256sum`,
      },
      { event: 'download', what: 'kind v0.99.0', url, state: 'running', bytes: 37, percent: 90 },
      { event: 'download', what: 'kind v0.99.0', url, state: 'done', bytes: 37, percent: 100 },
    ]);

    site.answers = [status(404)];
    const second = at.run();
    expect(about(await second.programs.have('kind'))).toEqual({ version: 'v0.99.0', from: 'store', file, sha256 });
    expect({ told: second.told, asked: site.asked }).toEqual({ told: [], asked: [] });
  });

  it('GIVEN a relative folder on the PATH WHEN asked for THEN nothing is taken from there', async () => {
    const at = machine();
    at.addScript('kind', 'echo kind v0.99.0 go1.26');
    publishKind();

    expect((await at.run({ PATH: relative('', at.folder) }).programs.have('kind')).from).toBe('download');
  });

  it('GIVEN one in the store that does not start any more WHEN asked for THEN it is downloaded again', async () => {
    const at = machine();
    const sha256 = publishKind();
    await at.run().programs.have('kind');
    const file = join(at.cache, 'sha256', sha256, 'kind');
    writeFileSync(file, '#!/no/such/shell\n');

    expect(about(await at.run().programs.have('kind'))).toEqual({ version: 'v0.99.0', from: 'download', file, sha256 });
  });

  it('GIVEN another version on the PATH WHEN asked for THEN the stack’s is downloaded all the same', async () => {
    const at = machine();
    at.addScript('kind', 'echo kind v0.20.0 go1.20 linux/amd64');
    publishKind();

    expect((await at.run().programs.have('kind')).from).toBe('download');
  });

  it('GIVEN one that the user names WHEN asked for THEN it is that one, whatever its version', async () => {
    const at = machine();
    at.addScript('kind', 'echo kind v0.99.0 go1.26');
    const mine = join(at.cache, 'mine');
    writeFileSync(mine, script('kind v0.7.0 go1.13'));
    chmodSync(mine, 0o755);

    const had = await at.run({ CLUSTERMESH_LAB_KIND: mine }).programs.have('kind');
    expect(about(had)).toEqual({ version: 'v0.7.0', from: 'given', file: mine, sha256: undefined });
  });

  it.each(['/nowhere/kind', 'kind', './kind'])(
    'GIVEN CLUSTERMESH_LAB_KIND=%s, which cannot be run WHEN asked for THEN so it is said',
    async (given) => {
      const { programs } = machine().run({ CLUSTERMESH_LAB_KIND: given });
      const cause = `CLUSTERMESH_LAB_KIND=${given} cannot be run`;
      const remedy = 'give the absolute path of the program, or leave CLUSTERMESH_LAB_KIND out';

      await expect(programs.haveAll(['kind'])).rejects.toThrow(
        new UserError(`${cause}\n  ${remedy}`, exitCode.usage, [{ cause, remedy }]),
      );
    },
  );

  it('GIVEN an archive WHEN downloaded THEN the program in it is kept', async () => {
    const at = machine();
    const folder = join(at.cache, 'made', 'linux-amd64');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'helm'), script('v3.99.0+gabc'));
    chmodSync(join(folder, 'helm'), 0o755);
    const archive = join(at.cache, 'helm.tar.gz');
    execFileSync('tar', ['-czf', archive, '-C', join(at.cache, 'made'), 'linux-amd64']);
    const bytes = readFileSync(archive);
    files['/get.helm.sh/helm-v3.99.0-linux-amd64.tar.gz'] = bytes;
    files['/get.helm.sh/helm-v3.99.0-linux-amd64.tar.gz.sha256sum'] = Buffer.from(
      `${sumOf(bytes)}  helm-v3.99.0-linux-amd64.tar.gz\n`,
    );

    const had = await at.run().programs.have('helm');
    expect(about(had)).toEqual({
      ...{ version: 'v3.99.0', from: 'download', sha256: sumOf(bytes) },
      file: join(at.cache, 'sha256', sumOf(bytes), 'helm'),
    });
  });
});

describe('a checksum file', () => {
  it('GIVEN a mirror of lab.yaml WHEN asked for THEN the publisher comes first: nothing is held against it', async () => {
    const cache = mkdtempSync(join(tmpdir(), 'cache-'));
    onTestFinished(() => {
      rmSync(cache, { recursive: true, force: true });
    });
    const { host } = new URL(site.url);
    files = { '/own/sums': Buffer.from('the publisher'), '/mirror/own/sums': Buffer.from('the mirror') };
    const supply = new Supply(cache, { [host]: `${site.url}/mirror` }, {});
    const waiting = {
      signal: new AbortController().signal,
      pause: () => Promise.resolve(),
      progress: () => undefined,
    };

    expect(await supply.text(`${site.url}/own/sums`, waiting)).toBe('the publisher');
    delete files['/own/sums'];
    expect(await supply.text(`${site.url}/own/sums`, waiting)).toBe('the mirror');
  });
});

describe('a program that cannot be had', () => {
  const url = 'https://kind.sigs.k8s.io/dl/v0.99.0/kind-linux-amd64';
  const remedy = `check the network, or name a mirror (CLUSTERMESH_LAB_MIRROR); or install it (${url}), or name yours: CLUSTERMESH_LAB_KIND=PATH`;
  const place = () => `${site.url}/kind.sigs.k8s.io/dl/v0.99.0/kind-linux-amd64`;

  it.each([
    {
      given: 'a publisher without it',
      publish: () => undefined,
      cause: () =>
        `kind v0.99.0 is not on this machine: ${place()}.sha256sum could not be downloaded: the answer is 404 Not Found`,
    },
    {
      given: 'a checksum file of other files',
      publish: () => {
        publishKind();
        files['/kind.sigs.k8s.io/dl/v0.99.0/kind-linux-amd64.sha256sum'] = Buffer.from(
          `${'a'.repeat(64)}  kind-darwin-arm64\n`,
        );
      },
      cause: () => `kind v0.99.0 is not on this machine: ${url}.sha256sum has no SHA-256 of it`,
    },
    {
      given: 'a program that does not start',
      publish: () => {
        publishKind(Buffer.from('#!/no/such/shell\n'));
      },
      cause: (cache: string) =>
        `kind v0.99.0 is not on this machine: ${join(cache, 'sha256', sumOf(Buffer.from('#!/no/such/shell\n')), 'kind')} was downloaded, and does not start`,
    },
  ])('GIVEN $given WHEN asked for THEN cause and remedy', async ({ publish, cause }) => {
    const at = machine();
    publish();
    const told = cause(at.cache);

    await expect(at.run().programs.haveAll(['kind'])).rejects.toThrow(
      new UserError(`${told}\n  ${remedy}`, exitCode.failed, [{ cause: told, remedy }]),
    );
  });

  it('GIVEN other bytes than the publisher’s sum WHEN asked for THEN nothing is kept, and nothing is run', async () => {
    const at = machine();
    const mark = join(at.cache, 'ran');
    publishKind(Buffer.from(`#!/bin/sh\ntouch ${mark}\n`), 'f'.repeat(64));

    await expect(at.run().programs.have('kind')).rejects.toThrow(/has other bytes than it must have/);
    expect(existsSync(mark)).toBe(false);
    expect(existsSync(join(at.cache, 'sha256'))).toBe(false);
  });

  it('GIVEN a wrong sum of the publisher, put right later WHEN asked for again THEN the right one counts', async () => {
    const at = machine();
    publishKind(undefined, 'f'.repeat(64));
    await expect(at.run().programs.have('kind')).rejects.toThrow(/has other bytes than it must have/);

    const sha256 = publishKind();
    expect(about(await at.run().programs.have('kind'))).toMatchObject({ from: 'download', sha256 });
  });

  it('GIVEN a program that is published anew WHEN the old one was pruned THEN the new one comes', async () => {
    const at = machine();
    publishKind();
    await at.run().programs.have('kind');
    new Supply(at.cache, {}, {}).store.prune(-60);

    const sha256 = publishKind(script('kind v0.99.0 go1.27'));
    expect(about(await at.run().programs.have('kind'))).toMatchObject({ from: 'download', sha256 });
  });

  it('GIVEN one that does not start WHEN asked for again THEN it still is not to be had', async () => {
    const at = machine();
    publishKind(Buffer.from('#!/no/such/shell\n'));

    for (const _ of [1, 2]) await expect(at.run().programs.have('kind')).rejects.toThrow(/does not start/);
  });

  it('GIVEN a place that cannot be written WHEN asked for THEN the remedy is about that place', async () => {
    const at = machine();
    const sha256 = publishKind();
    mkdirSync(join(at.cache, 'partial'));
    symlinkSync('/dev/full', join(at.cache, 'partial', `${sha256}-kind.${process.pid}`));

    await expect(at.run().programs.have('kind')).rejects.toThrow(
      `ENOSPC: no space left on device, write\n  make room, or what is needed writable, in ${at.cache}; or name another folder (CLUSTERMESH_LAB_CACHE); or install it`,
    );
  });

  it.each(['http://anna:s3cret@[', 'http://anna:s3cret%zz@127.0.0.1:1'])(
    'GIVEN the proxy %s WHEN asked for THEN it is told, without its password',
    async (proxy) => {
      const error = await machine()
        .run({ HTTP_PROXY: proxy })
        .programs.haveAll(['kind'])
        .catch((reason: unknown) => reason);
      expect((error as UserError).refusals.map(({ cause }) => cause)).toEqual([
        'kind v0.99.0 is not on this machine: HTTPS_PROXY or HTTP_PROXY is not a proxy: write it as http://HOST:PORT',
      ]);
    },
  );

  it('GIVEN Docker missing, and others WHEN all are asked for THEN all are named at once, and what the PATH has instead', async () => {
    const at = machine();
    at.addScript('helm', 'echo v3.12.1+gabc');
    const { programs } = at.run();

    const error = await programs.haveAll(['docker', 'kind', 'helm']).catch((reason: unknown) => reason);
    expect((error as UserError).refusals.map(({ cause }) => cause.split(': ')[0])).toEqual([
      'docker is missing on the PATH',
      'kind v0.99.0 is not on this machine',
      'helm v3.99.0 is not on this machine; the one on the PATH is v3.12.1',
    ]);
    expect((error as UserError).code).toBe(exitCode.failed);
  });

  it('GIVEN a run that gives up WHEN a download goes on for ever THEN it ends', async () => {
    const at = machine();
    files['/kind.sigs.k8s.io/dl/v0.99.0/kind-linux-amd64.sha256sum'] = () => {
      programs.giveUp();
    };
    const { programs } = at.run();

    await expect(programs.have('kind')).rejects.toThrow(/abort/);
  });
});

describe('a run that waits for a site', () => {
  it('GIVEN it gives up WHEN it waits before a further try THEN it waits no longer', async () => {
    files['/kind.sigs.k8s.io/dl/v0.99.0/kind-linux-amd64.sha256sum'] = status(503);
    const { programs } = machine().run({}, async (_, signal) => {
      setTimeout(() => {
        programs.giveUp();
      }, 50);
      await sleep(1000, undefined, { signal });
      throw new Error('it waits on');
    });

    await expect(programs.have('kind')).rejects.toThrow(/abort/);
  });
});

describe('what nobody uses any more', () => {
  it('GIVEN files in the store WHEN it is pruned THEN those used of late stay, and what runs that are gone have left goes', async () => {
    const at = machine();
    const sha256 = publishKind();
    await at.run().programs.have('kind');
    const { store } = new Supply(at.cache, {}, {});
    mkdirSync(join(at.cache, 'partial'), { recursive: true });
    const left = join(at.cache, 'partial', `${'a'.repeat(64)}.999999999`);
    writeFileSync(left, 'half');
    const mine = join(at.cache, 'partial', `${'b'.repeat(64)}.${process.pid}`);
    writeFileSync(mine, 'half');

    expect(store.prune(60)).toBe(4);
    expect([left, mine, join(at.cache, 'sha256', sha256, 'kind')].map((file) => existsSync(file))).toEqual([
      ...[false, true, true],
    ]);
    const longAgo = new Date(0);
    utimesSync(join(at.cache, 'sha256', sha256), longAgo, longAgo);
    expect((await at.run().programs.have('kind')).from).toBe('store');
    expect(store.prune(60)).toBe(0);
    expect(store.prune(-60)).toBe(37);
    expect(existsSync(join(at.cache, 'sha256', sha256))).toBe(false);
  });
});

describe('what a program is published as, for a bundle', () => {
  it('GIVEN a program that no lock has THEN its file, and its sums as the publisher has them; the second time out of the store', async () => {
    const at = machine();
    const sha256 = publishKind();
    const url = 'https://kind.sigs.k8s.io/dl/v0.99.0/kind-linux-amd64';
    const wanted = [
      { url, file: join(at.cache, 'sha256', sha256, 'kind-linux-amd64') },
      { url: `${url}.sha256sum`, text: `${sha256}  kind-linux-amd64\n` },
    ];

    expect(await at.run().programs.publishedFiles('kind')).toEqual(wanted);
    site.answers = [status(404)];
    expect(await at.run().programs.publishedFiles('kind')).toEqual(wanted);
  });

  it('GIVEN one that the user gives THEN nothing', async () => {
    const at = machine();

    expect(await at.run({ CLUSTERMESH_LAB_KIND: '/opt/kind' }).programs.publishedFiles('kind')).toEqual([]);
  });
});
