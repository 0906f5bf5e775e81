import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execaSync } from 'execa';
import { describe, expect, it } from 'vitest';
import { labJsonSchema } from '../lab/schema.ts';
import { stacks } from '../lab/stacks.ts';
import { knownFailures } from '../scripts/events/known-failures.ts';
import { checks } from '../scripts/doctor/checks.ts';
import { leastDisk, needs, nodesPerCore } from '../scripts/doctor/need.ts';
import { steps } from '../scripts/steps/index.ts';

const project = join(import.meta.dirname, '..');
const read = (file: string): string => readFileSync(join(project, file), 'utf8');
/** Table cells without the blanks that prettier pads them with. */
const unpadded = (text: string): string => text.replaceAll(/ +\|/g, ' |').replaceAll(/\| +/g, '| ');
const readmes = ['README.md', 'README.zh-CN.md'];
const pages = [
  ...readmes,
  ...readdirSync(join(project, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => join('docs', file)),
];

describe('the documentation', () => {
  it.each(knownFailures)(
    'docs/troubleshooting.md has the known failure $code as the driver tells it',
    ({ code, cause, remedy, again }) => {
      const cell = (text: string): string => text.replaceAll('*', String.raw`\*`);
      const page = unpadded(read('docs/troubleshooting.md'));
      const end = again === true ? 'once |' : '|';
      expect(
        [
          `| \`${code}\` | ${cause} | ${remedy} | ${end}`,
          `| \`${code}\` | ${cell(cause)} | ${cell(remedy)} | ${end}`,
        ].some((row) => page.includes(row)),
      ).toBe(true);
    },
  );

  it.each(pages)('%s: every file that it links to is there', (page) => {
    const links = [...read(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, target = '']) => target);
    expect(links.filter((target) => !existsSync(join(project, dirname(page), target)))).toEqual([]);
  });

  it.each(readmes)('%s: has every step of a deploy, in its order', (page) => {
    const rows = [...read(page).matchAll(/^\| `(\w+)` +\|/gm)].map(([, name]) => name);
    const names = steps.map(({ name }) => name as string);
    expect(rows.filter((name) => names.includes(name ?? ''))).toEqual(names);
  });

  it('docs/troubleshooting.md has every check of the doctor, in its order', () => {
    const [, section = ''] = /^## What the doctor looks at\n([^]*?)^## /m.exec(read('docs/troubleshooting.md')) ?? [];
    const rows = [...section.matchAll(/^\| `([\w-]+)` +\|/gm)].map(([, name]) => name);
    expect(rows.slice(0, checks.length)).toEqual(checks.map(({ name }) => name));
    expect(rows.slice(checks.length)).toEqual(['programs', 'image-store', 'subnet', 'state', 'lab']);
  });

  it('docs/troubleshooting.md has the figures of what a lab takes', () => {
    const [region, controlPlane, worker] = [needs.region, needs.controlPlane, needs.worker].map(
      ({ memory }) => `${memory / 1e6} MB`,
    );
    const text = `${region} of memory a region, ${controlPlane} a control plane, ${worker} a worker`;
    expect(read('docs/troubleshooting.md').replaceAll('\n', ' ')).toContain(text);
    expect(unpadded(read('docs/troubleshooting.md'))).toContain(
      `| \`disk\` | less than ${leastDisk / 1e6} MB a node |`,
    );
    expect(read('docs/troubleshooting.md')).toContain(`more than ${nodesPerCore} nodes a CPU`);
  });

  it.each(readmes)('%s: has every key of lab.yaml', (page) => {
    const reference = read(page);
    const keys = keysOf(labJsonSchema() as Schema);
    expect(keys.filter((key) => !reference.includes(key))).toEqual([]);
  });

  it.each(readmes)('%s: has the versions of the stacks', (page) => {
    for (const program of ['kind', 'helm', 'kubectl', 'ciliumCli'] as const) {
      const { article, current } = stacks;
      expect(unpadded(read(page))).toContain(`| ${article.versions[program]} | ${current.versions[program]} |`);
    }
  });

  it.each(['deploy', 'plan', 'status', 'doctor', 'destroy', 'scenario'])(
    'clustermesh-lab %s --help names options that the README has',
    (command) => {
      const { stdout } = execaSync(process.execPath, ['bin/clustermesh-lab.mjs', command, '--help'], {
        cwd: project,
      });
      const options = [...stdout.matchAll(/^ {2}(--[\w-]+)/gm)].map(([, option = '']) => option);
      expect(options).toContain('--lab');
      for (const page of readmes) expect(options.filter((option) => !read(page).includes(option))).toEqual([]);
    },
  );
});

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}

/** Names of all keys at all depths. */
function keysOf({ properties = {}, items, anyOf = [] }: Schema): string[] {
  const own = Object.entries(properties).flatMap(([name, below]) => [name, ...keysOf(below)]);
  return [...own, ...(items === undefined ? [] : keysOf(items)), ...anyOf.flatMap(keysOf)];
}
