import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copySite, isAlive, makeSite, put, type Site, twoRegions } from './drive.ts';

const project = join(import.meta.dirname, '..', '..');

let site: Site;
beforeAll(async () => {
  site = await makeSite();
});
afterAll(() => {
  site.dispose();
});

const commands = ['deploy', 'plan', 'status', 'destroy'] as const;
const stale = `dist/ is not what synth would write:
  would change region-hurup/kind.yaml
Review what changes: npm run synth && git diff dist`;

/** A PATH that has node and nothing else. */
function pathOfNode(at: Site): string {
  const bin = at.file('..', 'bin-of-node');
  mkdirSync(bin, { recursive: true });
  if (!existsSync(join(bin, 'node'))) symlinkSync(process.execPath, join(bin, 'node'));
  return bin;
}

describe('GIVEN a dist/ that is out of date, and a Docker that answers nothing', () => {
  it.each(['deploy', 'plan'] as const)('WHEN %s THEN it is told at once, and no query goes on', async (command) => {
    const other = copySite(site);
    const { PATH = '' } = other.bench.env;
    const standIn = join(PATH.split(':')[0] ?? '', 'docker');
    const slow = `#!/bin/sh\n[ "$1" = info ] && echo $$ > info.pid && sleep 50\nexec "${standIn}" "$@"\n`;
    put(other.file('..', 'slow', 'docker'), slow, 0o755);
    Object.assign(other.bench.env, { PATH: `${other.file('..', 'slow')}:${PATH}` });
    other.writeLab(twoRegions.replace('region-hurup, workers: 1', 'region-hurup, workers: 2'));
    const begin = Date.now();
    const { exit: exitCode, stderr } = await other.run(command);

    expect(Date.now() - begin).toBeLessThan(40_000);
    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: `${stale}\n` });
    expect(isAlive(Number(readFileSync(other.file('info.pid'), 'utf8')))).toBe(false);
    expect(existsSync(other.file('.lab'))).toBe(false);
  });
});

describe('GIVEN a machine without anything', () => {
  it.each(commands)(
    'WHEN %s THEN Docker, which nobody else can bring, is named with its place, and nothing is left',
    async (command) => {
      const other = copySite(site);
      Object.assign(other.bench.env, { PATH: pathOfNode(other) });
      const { exit, stdout, stderr } = await other.run(command, '--output', 'json');

      expect(exit).toBe(1);
      expect(stderr).toBe('docker is missing on the PATH\n  install it: https://docs.docker.com/engine/install/\n');
      const docker = {
        cause: 'docker is missing on the PATH',
        remedy: 'install it: https://docs.docker.com/engine/install/',
      };
      expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toEqual({
        event: 'failed',
        exitCode: 1,
        message: stderr.trimEnd(),
        refusals: [docker],
      });
      expect(existsSync(other.file('.lab'))).toBe(false);
    },
  );
});

describe('GIVEN --output json', () => {
  it.each([
    { given: 'a region that lab.yaml has not', options: ['--region', 'mars'] },
    { given: 'a lab file that is not there', options: ['--lab', 'labs.yaml'] },
    { given: 'a dist/ that is not there', options: ['--dist', 'nowhere'] },
  ])('WHEN $given is refused THEN the last event says what stderr says', async ({ options }) => {
    const { exit, events, stderr } = await site.events('deploy', ...options);

    expect(exit).toBe(2);
    expect(events.at(-1)).toMatchObject({ event: 'failed', exitCode: 2, message: stderr.trimEnd() });
    expect(stderr).not.toBe('');
  });

  it('WHEN Docker is down THEN the last event has cause and remedy', async () => {
    const other = copySite(site, { machine: { docker: { running: false } } });
    const { exit, events } = await other.events('status');

    expect({ exit, last: events.at(-1) }).toMatchObject({
      exit: 1,
      last: { event: 'failed', exitCode: 1, failure: { code: 'docker-down', cause: 'no Docker Engine answers' } },
    });
  });
});

describe('GIVEN a file system that refuses', () => {
  it.each(['deploy', 'destroy'] as const)(
    'WHEN %s finds a file in the place of .lab/ THEN a sentence, and exit 2',
    async (command) => {
      const other = copySite(site);
      put(other.file('.lab'), '');
      const { exit, stderr } = await other.run(command);

      expect(exit).toBe(2);
      expect(other.plain(stderr)).toBe(
        'LAB/.lab is not a folder. A deploy keeps its keys there, in a folder of its own. Move it away, or remove it if it is nothing of yours: rm LAB/.lab. Nothing was touched.\n',
      );
    },
  );
});

describe('GIVEN npm run without --', () => {
  it.each([
    { typed: ['plan', '--skip-test'], line: '--skip-test' },
    { typed: ['plan', '--lab', 'F'], line: '--lab F' },
    { typed: ['synth', '--check'], line: '--check' },
  ])('WHEN npm run $typed THEN the right line, and exit 2', async ({ typed, line }) => {
    const [script = ''] = typed;
    const { exitCode, stderr } = await execa('npm', ['run', '--silent', ...typed], { cwd: project, reject: false });

    expect(exitCode).toBe(2);
    expect(stderr).toContain(`\n  npm run ${script} -- ${line}\n  npx clustermesh-lab ${script} ${line}`);
  });
});

describe('GIVEN a plan that was asked for some of the lab', () => {
  it('WHEN it proposes a deploy THEN with the same options', async () => {
    const { stdout } = await site.run('plan', '--skip-test', '--region', 'region-athens');

    expect(stdout.trimEnd().split('\n').at(-1)).toBe(
      '13 steps to run: npm run deploy -- --region region-athens --skip-test',
    );
  });
});

describe('GIVEN plan --detailed-exitcode', () => {
  it('WHEN there are steps to run THEN exit 3, as text and as JSON; a wrong usage stays 2', async () => {
    expect((await site.run('plan', '--detailed-exitcode')).exit).toBe(3);
    expect((await site.events('plan', '--detailed-exitcode')).exit).toBe(3);
    expect((await site.run('plan', '--detailed-exitcode', '--region', 'mars')).exit).toBe(2);
  });
});

describe('GIVEN a deploy on GitHub Actions', () => {
  it('WHEN it ends THEN its steps are a group of the log, and the summary is in the file', async () => {
    const other = copySite(site);
    const summary = other.file('..', 'summary.md');
    Object.assign(other.bench.env, { CI: 'true', GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary });
    const { exit, stdout } = await other.run('deploy');

    expect(exit).toBe(0);
    const lines = stdout.split('\n');
    expect(lines.slice(0, 4)).toEqual([
      'test-lab: 2 regions, stack article',
      '22 steps to run, 4 need nothing',
      '',
      '::group::The steps, one line a change',
    ]);
    expect(lines.filter((line) => line === '::endgroup::')).toHaveLength(1);
    expect(readFileSync(summary, 'utf8')).toMatch(/^### ✓ done: test-lab, 2 regions\n\n22 steps run, 4 skipped, in /);
    expect((await other.run('plan', '--detailed-exitcode')).exit).toBe(0);
  });
});

describe('GIVEN a command on GitHub Actions that is refused or fails outside of a step', () => {
  const onActions = { CI: 'true', GITHUB_ACTIONS: 'true' };

  it('WHEN told THEN one annotation, whole, and exit 2', async () => {
    const other = copySite(site, { env: onActions });
    other.writeLab(`name: test-lab\nregions:\n  - { name: A }\n  - { name: B }\n`);
    const { exit, stderr } = await other.run('plan');

    expect(exit).toBe(2);
    expect(stderr).toMatch(/^::error::[^\n]*lab\.yaml:\d+:\d+[^\n]*%0A[^\n]*lab\.yaml:\d+:\d+[^\n]*\n$/);
  });

  it('WHEN Docker is down THEN cause and remedy are in it', async () => {
    const other = copySite(site, { env: onActions, machine: { docker: { running: false } } });
    const { exit, stderr } = await other.run('status');

    expect(exit).toBe(1);
    expect(stderr).toMatch(/^::error::✗ docker failed: .*%0A {2}cause {3}no Docker Engine answers%0A.*\n$/);
  });

  it('WHEN the line is not known THEN an annotation beside what the command line says', async () => {
    const other = copySite(site, { env: onActions });
    const { exit, stderr } = await other.run('plan', '--sideways');

    expect(exit).toBe(2);
    expect(stderr.split('\n').filter((line) => line.startsWith('::error::'))).toEqual([
      "::error::error: unknown option '--sideways'",
    ]);
  });
});

describe('GIVEN a summary that cannot be written', () => {
  it('WHEN events are read THEN the last one still says how it ended, and stderr of the summary', async () => {
    const other = copySite(site, { env: { GITHUB_STEP_SUMMARY: '/nowhere/summary.md' } });
    const { exit, events, stderr } = await other.events('deploy', '--skip-test');

    expect({ exit, last: events.at(-1)?.event }).toEqual({ exit: 0, last: 'access' });
    expect(events.filter(({ event }) => event === 'warning')).toEqual([]);
    expect(stderr).toMatch(/^! no summary can be written: ENOENT.*; all else is done\n$/);
  });
});

describe('GIVEN a deploy at work', () => {
  it('WHEN dist/ is synthesized anew THEN the lab is that of the plan, in all regions', async () => {
    const slow = { tool: 'kind', match: 'create cluster --name region-hurup', times: 1, delayMs: 6000 } as const;
    const other = copySite(site, { faults: [slow] });
    const deploy = other.start('deploy', '--skip-test');
    while (!other.bench.calls().some(({ tool, args }) => tool === 'helm' && args[0] === 'upgrade')) await sleep(50);
    other.writeLab(`${twoRegions}cilium: { values: { debug: { enabled: true } } }\n`);
    await other.synth();
    const { exitCode } = await deploy;

    expect(exitCode).toBe(0);
    const debug = Object.values(other.bench.state().clusters).map(({ releases }) => releases.at(-1)?.config.debug);
    expect(debug).toEqual([undefined, undefined]);
    expect(readFileSync(other.file('dist/region-hurup/cilium-values.yaml'), 'utf8')).toContain('debug');
    const { stdout } = await other.run('plan', '--skip-test');
    expect(stdout).toContain(
      'upgrade   region-athens  run   values differ at debug; one region at a time, under load; ',
    );
  });
});
