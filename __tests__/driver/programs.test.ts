import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { platformOf } from '../../scripts/tools/toolchain.ts';
import { type Answer, openSite, type Site as WebSite, status, whole } from '../scripts/tools/web-site.ts';
import { ciliumByDigest, probeByDigest, type Tool } from '../stand-ins/lab-bench.ts';
import { copySite, makeSite, type Site } from './drive.ts';

// versions of which no sum is in the project: what its publisher says counts
const pins = { kind: 'v0.21.0', kubectl: 'v1.27.1' };
const { os, arch } = platformOf(process.platform, process.arch);
const published: Readonly<Record<keyof typeof pins, string>> = {
  kind: `/kind.sigs.k8s.io/dl/${pins.kind}/kind-${os}-${arch}`,
  kubectl: `/dl.k8s.io/release/${pins.kubectl}/bin/${os}/${arch}/kubectl`,
};

let web: WebSite;
let site: Site;
let files: Record<string, Buffer>;
beforeAll(async () => {
  web = await openSite();
  site = await makeSite(
    `name: test-lab
versions: { kind: ${pins.kind}, kubectl: ${pins.kubectl} }
regions:
  - { name: region-athens, workers: 1 }
`,
    { machine: { versions: pins } },
  );
  const sourcesAt = new URL(/http:\/\/\S+?\//.exec(site.sources)?.[0] ?? '').host;
  files = Object.fromEntries(
    Object.entries(published).flatMap(([tool, path]) => {
      // all stand-ins are one file
      const program = Buffer.concat([readFileSync(site.bench.program(tool as Tool)), Buffer.from(`\n# ${tool}\n`)]);
      const sum = Buffer.from(createHash('sha256').update(program).digest('hex'));
      return [
        [path, program],
        [`${path}.sha256sum`, sum],
        [`${path}.sha256`, sum],
      ];
    }),
  );
  // the mirror has what the lab's own site has too
  for (const path of ['/cilium-1.14.2.tgz', '/metallb/v0.13.7/metallb-native.yaml']) {
    const answer = await fetch(`http://${sourcesAt}${path}`);
    files[`/${sourcesAt}${path}`] = Buffer.from(await answer.arrayBuffer());
  }
});
afterAll(async () => {
  site.dispose();
  await web.close();
});

const mirror: Answer = (request, answer) => {
  const file = files[request.url ?? ''];
  (file === undefined ? status(404) : whole(file))(request, answer);
};

/** The same lab on a PATH without kind and kubectl. */
function bareSite(): Site {
  web.answers = [mirror];
  const bare = copySite(site, {
    machine: { versions: pins, registry: ['kindest/node:v1.27.3', ciliumByDigest, probeByDigest] },
  });
  const bin = join(bare.bench.cache, '..', 'bin');
  mkdirSync(bin);
  for (const tool of ['docker', 'helm', 'cilium'] as const) symlinkSync(bare.bench.program(tool), join(bin, tool));
  for (const [name, file] of [
    ['node', process.execPath],
    ...['env', 'sh', 'perl', 'ps'].map((each) => [each, `/usr/bin/${each}`]),
  ])
    if (existsSync(file ?? '')) symlinkSync(file ?? '', join(bin, name ?? ''));
  Object.assign(bare.bench.env, { PATH: bin, CLUSTERMESH_LAB_MIRROR: web.url });
  return bare;
}

const mirrored = (path: string): string => path.replace('/', 'https://');

describe('GIVEN a machine without kind and kubectl', () => {
  it('WHEN planned THEN nothing is downloaded, and what would be is told', async () => {
    const bare = bareSite();
    const { exit, stdout } = await bare.run('plan');

    expect(exit).toBe(0);
    expect(stdout.split('\n')[0]).toBe(
      '! not on this machine, so a deploy downloads them: kind v0.21.0, kubectl v1.27.1',
    );
    expect({ asked: web.asked, cache: readdirSync(bare.bench.cache) }).toEqual({ asked: [], cache: [] });
  });

  it('WHEN deployed THEN they come with their publishers’ sums, and a second deploy asks nobody', async () => {
    const bare = bareSite();
    const { exit, stdout, stderr } = await bare.run('deploy', '--skip-test');

    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    const lines = bare.plain(stdout).split('\n');
    for (const [what, path] of [
      ['kind v0.21.0', published.kind],
      ['kubectl v1.27.1', published.kubectl],
    ] as const) {
      expect(lines).toContain(`${what}  … ${mirrored(path)}`);
      expect(lines.some((line) => line.startsWith(`! ${what} is not in the lock of this project`))).toBe(true);
      expect(lines.some((line) => line.startsWith(`${what}  ✓ `))).toBe(true);
    }
    const bin = bare.file('.lab', 'test-lab', 'bin');
    expect(stdout.trimEnd().split('\n').at(-1)).toBe(
      `export KUBECONFIG=${bare.file('.lab', 'test-lab', 'kubeconfig', 'region-athens')} PATH=${bin}:"$PATH"`,
    );
    expect(readdirSync(bin).toSorted()).toEqual(['kind', 'kubectl']);
    const { stdout: says } = await execa(join(bin, 'kind'), ['version'], { env: bare.bench.env, extendEnv: false });
    expect(says).toMatch(/^kind v0\.21\.0 /);

    const { stdout: screen } = await bare.run('status');
    expect(screen.trimEnd().split('\n').at(-1)).toBe(stdout.trimEnd().split('\n').at(-1));

    web.answers = [status(500)];
    const again = await bare.run('deploy', '--skip-test');
    expect({ exit: again.exit, asked: web.asked }).toEqual({ exit: 0, asked: [] });
    expect(again.stdout).toContain('\nnothing to do: all ');
  });

  it('WHEN destroyed, and nothing is there THEN nothing is downloaded', async () => {
    const bare = bareSite();
    const { exit } = await bare.run('destroy', '--yes');
    expect({ exit, asked: web.asked }).toEqual({ exit: 0, asked: [] });
  });

  it('WHEN another lab is deployed at once THEN both get whole programs', async () => {
    const bare = bareSite();
    const [one, other] = await Promise.all([bare.run('tools'), bare.run('tools')]);
    expect([one.exit, other.exit]).toEqual([0, 0]);
    expect(readdirSync(join(bare.bench.cache, 'partial'))).toEqual([]);
    expect(readdirSync(join(bare.bench.cache, 'sha256'))).toHaveLength(2);
  });
});

describe('GIVEN variables that cannot be', () => {
  it.each([
    'mirror.example',
    'ftp://mirror.example',
    'https://mirror.example:99999',
    'https://anna:pw@mirror.example',
    'https://mirror.example/?key=pw',
  ])('WHEN CLUSTERMESH_LAB_MIRROR=%s THEN it is refused at once, and no secret is told', async (mirror) => {
    const bare = bareSite();
    Object.assign(bare.bench.env, { CLUSTERMESH_LAB_MIRROR: mirror });
    expect(await bare.run('deploy')).toEqual({
      exit: 2,
      stdout: '',
      stderr:
        'CLUSTERMESH_LAB_MIRROR is not a mirror\n  write it as https://HOST/PATH, without user, password and query\n',
    });
  });

  it('WHEN CLUSTERMESH_LAB_CACHE=~/cache THEN it is refused: no shell has made a path of it', async () => {
    const bare = bareSite();
    Object.assign(bare.bench.env, { CLUSTERMESH_LAB_CACHE: '~/cache' });
    expect(await bare.run('tools')).toEqual({
      exit: 2,
      stdout: '',
      stderr: 'CLUSTERMESH_LAB_CACHE=~/cache begins with ~, which only a shell understands\n  write the whole path\n',
    });
  });

  it('WHEN the cache is a place that cannot be made THEN that is told, and nothing is changed', async () => {
    const bare = bareSite();
    Object.assign(bare.bench.env, { CLUSTERMESH_LAB_CACHE: join(bare.file('lab.yaml'), 'cache') });
    const { exit, stderr } = await bare.run('deploy');
    expect({ exit, stderr: bare.plain(stderr) }).toEqual({
      exit: 2,
      stderr:
        'cannot make LAB/lab.yaml/cache/partial: not a directory (ENOTDIR). Remedy: a file stands where a folder should be: move it away, then run this again.\n',
    });
    expect(existsSync(bare.file('.lab'))).toBe(false);
  });
});

describe('npm run tools', () => {
  it('GIVEN some missing WHEN run THEN they are downloaded; and all are told, with version, place and sum', async () => {
    const bare = bareSite();
    const first = await bare.run('tools');
    expect(first.exit).toBe(0);
    const second = await bare.run('tools');

    const rows = (text: string): string[][] =>
      text
        .split('\n')
        .slice(text.split('\n').findIndex((line) => line.startsWith('program')))
        .filter((line) => line !== '')
        .map((line) => line.split(/ {2,}/));
    const sum = (path: string): string =>
      createHash('sha256')
        .update(files[path] ?? '')
        .digest('hex')
        .slice(0, 12);
    const shown = (text: string): string[][] => rows(text).map((row) => row.slice(0, 5));
    expect(shown(first.stdout)).toEqual([
      ['program', 'wanted', 'found', 'from', 'sha256'],
      ['docker', 'any', '28.2.2', 'on the PATH', '-'],
      ['kind', 'v0.21.0', 'v0.21.0', 'downloaded', sum(published.kind)],
      ['helm', 'v3.17.3', 'v3.17.3', 'on the PATH', '-'],
      ['kubectl', 'v1.27.1', 'v1.27.1', 'downloaded', sum(published.kubectl)],
      ['cilium', 'v0.15.8', 'v0.15.8', 'on the PATH', '-'],
    ]);
    expect(shown(second.stdout)[2]).toEqual(['kind', 'v0.21.0', 'v0.21.0', 'in the store', sum(published.kind)]);
    expect(existsSync(bare.file('.lab'))).toBe(false);
  });

  it('GIVEN --output json and --prune WHEN run THEN events alone, and what this lab uses stays', async () => {
    const bare = bareSite();
    const { exit, events } = await bare.events('tools', '--prune');

    expect(exit).toBe(0);
    expect(events.map(({ event }) => event).filter((event) => event !== 'download')).toEqual([
      ...['warning', 'warning', 'tools', 'pruned'],
    ]);
    expect(events.at(-1)).toEqual({ event: 'pruned', folder: bare.bench.cache, bytes: 0 });
    const percents = events.flatMap((event) => (event.event === 'download' ? [event.percent] : []));
    expect(percents.every((percent) => percent % 10 === 0)).toBe(true);
    expect(readdirSync(join(bare.bench.cache, 'sha256'))).toHaveLength(2);
  });
});
