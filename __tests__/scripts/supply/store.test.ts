import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { create } from 'tar';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Store } from '../../../scripts/supply/store.ts';
import { type DownloadOptions } from '../../../scripts/tools/download.ts';
import { webOf } from '../../../scripts/tools/web.ts';
import { DownloadError } from '../../../scripts/tools/download-error.ts';
import { openSite, type Site, status, whole } from '../tools/web-site.ts';

const bytes = Buffer.from('0123456789'.repeat(10_000));
const sumOf = (data: Buffer): string => createHash('sha256').update(data).digest('hex');
const sha256 = sumOf(bytes);
const kind = { name: 'kind', isProgram: true } as const;

let site: Site;
let root: string;
let store: Store;
beforeAll(async () => {
  site = await openSite();
});
afterAll(async () => {
  await site.close();
});
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'store-'));
  store = new Store(root);
  return () => {
    rmSync(root, { recursive: true });
  };
});

const options: DownloadOptions = {
  web: await webOf({}),
  signal: new AbortController().signal,
  pause: () => Promise.resolve(),
  progress: () => undefined,
};
const wanted = (): { url: string; sha256: string } => ({ url: `${site.url}/kind`, sha256 });
const files = (): string[] => readdirSync(join(root, 'sha256'));

describe('the store', () => {
  it('GIVEN nothing WHEN a program is fetched THEN it lies by its sum, may be run, and nothing lies beside it', async () => {
    site.answers = [whole(bytes)];
    expect(store.find(sha256, kind)).toBeUndefined();

    expect(await store.fetch(wanted(), kind, options)).toBe(sha256);
    const place = join(root, 'sha256', sha256, 'kind');
    expect(store.find(sha256, kind)).toBe(place);
    expect([sumOf(readFileSync(place)), (statSync(place).mode & 0o777).toString(8)]).toEqual([sha256, '755']);
    expect([files(), readdirSync(join(root, 'partial'))]).toEqual([[sha256], []]);
  });

  it('GIVEN an archive WHEN fetched THEN the program alone is kept of it', async () => {
    const made = join(root, 'made');
    mkdirSync(join(made, 'linux-amd64'), { recursive: true });
    writeFileSync(join(made, 'linux-amd64', 'helm'), 'the program');
    writeFileSync(join(made, 'linux-amd64', 'LICENSE'), 'the licence');
    await create({ gzip: true, file: join(root, 'helm.tgz'), cwd: made }, ['linux-amd64']);
    const archive = readFileSync(join(root, 'helm.tgz'));
    site.answers = [whole(archive)];
    const helm = { name: 'helm', member: 'linux-amd64/helm', isProgram: true } as const;

    const sum = await store.fetch({ url: `${site.url}/helm.tgz`, sha256: sumOf(archive) }, helm, options);
    expect(readFileSync(store.find(sum, helm) ?? '', 'utf8')).toBe('the program');
    expect(readdirSync(join(root, 'sha256', sum))).toEqual(['helm']);
  });

  it('GIVEN an archive without the program WHEN fetched THEN it is refused, and nothing is kept', async () => {
    writeFileSync(join(root, 'README'), 'no program');
    await create({ gzip: true, file: join(root, 'helm.tgz'), cwd: root }, ['README']);
    const archive = readFileSync(join(root, 'helm.tgz'));
    site.answers = [whole(archive)];
    const helm = { name: 'helm', member: 'linux-amd64/helm' } as const;

    await expect(store.fetch({ url: `${site.url}/helm.tgz`, sha256: sumOf(archive) }, helm, options)).rejects.toThrow(
      'has no linux-amd64/helm in it',
    );
    expect([existsSync(join(root, 'sha256')), readdirSync(join(root, 'partial'))]).toEqual([false, []]);
  });

  const cilium = { name: 'cilium', member: 'cilium', isProgram: true } as const;
  /** An archive of what is made in a folder, as the site's only answer. */
  const archived = async (make: (folder: string) => void): Promise<{ url: string; sha256: string }> => {
    const made = join(root, 'made');
    mkdirSync(made);
    make(made);
    await create({ gzip: true, file: join(root, 'cilium.tgz'), cwd: made }, readdirSync(made));
    const archive = readFileSync(join(root, 'cilium.tgz'));
    site.answers = [whole(archive)];
    return { url: `${site.url}/cilium.tgz`, sha256: sumOf(archive) };
  };

  it.each([
    {
      given: 'a folder',
      make: (at: string) => {
        mkdirSync(at);
      },
    },
    {
      given: 'a link',
      make: (at: string) => {
        writeFileSync(`${at}-0`, 'other');
        symlinkSync('cilium-0', at);
      },
    },
  ])('GIVEN an archive where the program is $given WHEN fetched THEN it is refused', async ({ make }) => {
    const archive = await archived((made) => {
      make(join(made, 'cilium'));
    });

    await expect(store.fetch(archive, cilium, options)).rejects.toThrow('has no cilium in it');
    expect([existsSync(join(root, 'sha256')), readdirSync(join(root, 'partial'))]).toEqual([false, []]);
  });

  it('GIVEN no archive WHEN fetched THEN that is told of the download', async () => {
    site.answers = [whole(bytes)];

    await expect(store.fetch(wanted(), cilium, options)).rejects.toThrow(DownloadError);
    expect(readdirSync(join(root, 'partial'))).toEqual([]);
  });

  it.runIf(process.getuid?.() === 0)(
    'GIVEN an archive of another user WHEN root fetches THEN it is root’s',
    async () => {
      const archive = await archived((made) => {
        writeFileSync(join(made, 'cilium'), 'the program');
        chownSync(join(made, 'cilium'), 1001, 1001);
      });

      const sum = await store.fetch(archive, cilium, options);
      expect(statSync(store.place(sum, cilium)).uid).toBe(0);
    },
  );

  it('GIVEN a run of the same number that was killed as it unpacked WHEN fetched THEN the program is there', async () => {
    const archive = await archived((made) => {
      writeFileSync(join(made, 'cilium'), 'the program');
    });
    const left = join(root, 'partial', `in-${archive.sha256}-cilium.${process.pid}.${process.pid}`);
    mkdirSync(left, { recursive: true });
    writeFileSync(join(left, 'cilium'), 'the pro');

    const sum = await store.fetch(archive, cilium, options);
    expect(readFileSync(store.place(sum, cilium), 'utf8')).toBe('the program');
  });

  it('GIVEN what another run removes meanwhile WHEN pruned THEN the rest is pruned', async () => {
    site.answers = [whole(bytes)];
    await store.fetch(wanted(), kind, options);
    utimesSync(join(root, 'sha256', sha256), 0, 0);
    // seen in the folder, and gone at the next look
    symlinkSync('/nowhere/else', join(root, 'sha256', 'f'.repeat(64)));

    expect(store.prune(60)).toBe(bytes.length);
  });

  it.each(['other bytes', 'no such file'])('GIVEN %s WHEN fetched THEN nothing is kept', async (given) => {
    site.answers = [given === 'other bytes' ? whole(Buffer.from('evil')) : status(404)];

    await expect(store.fetch(wanted(), kind, options)).rejects.toThrow(/SHA-256|404/);
    expect(existsSync(join(root, 'sha256'))).toBe(false);
    expect(readdirSync(join(root, 'partial'))).toEqual([]);
  });

  it('GIVEN a file that somebody changed WHEN fetched again THEN it is as it must be', async () => {
    site.answers = [whole(bytes)];
    await store.fetch(wanted(), kind, options);
    writeFileSync(store.place(sha256, kind), 'edited');

    await store.fetch(wanted(), kind, options);
    expect(sumOf(readFileSync(store.place(sha256, kind)))).toBe(sha256);
    expect(files()).toEqual([sha256]);
  });

  it('GIVEN two runs at once WHEN both fetch it THEN both have it, whole, and once', async () => {
    site.answers = [whole(bytes)];
    const child = await fetcher();
    const both = await Promise.all([run(child), run(child), run(child)]);

    expect(both).toEqual([0, 0, 0]);
    expect(sumOf(readFileSync(store.place(sha256, kind)))).toBe(sha256);
    expect(files()).toEqual([sha256]);
  });

  it('GIVEN a run that is killed 50 times THEN there is never half a program, and the last one goes on from what came', async () => {
    // ten pieces, 10 ms apart
    site.answers = [
      ({ headers }, answer) => {
        const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
        const rest = bytes.subarray(from);
        answer.writeHead(from === 0 ? 200 : 206, {
          'content-length': rest.length,
          ...(from > 0 && { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` }),
        });
        void (async () => {
          for (let at = 0; at < rest.length; at += 10_000) {
            answer.write(rest.subarray(at, at + 10_000));
            await sleep(10);
          }
          answer.end();
        })();
      },
    ];
    const child = await fetcher();
    for (let kill = 0; kill < 50; kill++) {
      const asked = site.asked.length;
      const process = spawn('node', child.args, { stdio: 'ignore' });
      const ended = once(process, 'exit');
      while (site.asked.length === asked && process.exitCode === null) await sleep(2);
      await sleep((kill * 7) % 130);
      process.kill('SIGKILL');
      await ended;
      const place = store.find(sha256, kind);
      if (place === undefined) continue;
      expect(sumOf(readFileSync(place))).toBe(sha256);
      rmSync(join(root, 'sha256', sha256), { recursive: true });
    }

    expect(await run(child)).toBe(0);
    expect(sumOf(readFileSync(store.place(sha256, kind)))).toBe(sha256);
    expect([files(), readdirSync(join(root, 'partial'))]).toEqual([[sha256], []]);
    expect(site.asked.some((line) => line.includes('bytes='))).toBe(true);
  });
});

/** A process that fetches the program into the store. */
async function fetcher(): Promise<{ args: string[] }> {
  const out = join(root, 'fetcher.mjs');
  const source = fileURLToPath(new URL('../../../scripts/supply/store.ts', import.meta.url));
  const web = fileURLToPath(new URL('../../../scripts/tools/web.ts', import.meta.url));
  const call = `await new Store(${JSON.stringify(root)}).fetch(${JSON.stringify(wanted())}, ${JSON.stringify(kind)},
    { web: await webOf({}), signal: new AbortController().signal, pause: async () => {}, progress: () => {} });`;
  await build({
    stdin: {
      contents: `import { Store } from ${JSON.stringify(source)};\nimport { webOf } from ${JSON.stringify(web)};\n${call}`,
      resolveDir: root,
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: out,
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  return { args: [out] };
}

async function run({ args }: { args: string[] }): Promise<unknown> {
  const [code] = (await once(spawn('node', args, { stdio: ['ignore', 'inherit', 'inherit'] }), 'exit')) as unknown[];
  return code;
}
