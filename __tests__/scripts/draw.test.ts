import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execaSync } from 'execa';
import { afterAll, describe, expect, it } from 'vitest';
import type { Lab } from '../../lab/lab.ts';
import { loadLab } from '../../lab/load.ts';
import { drawLab } from '../../scripts/draw/picture.ts';
import { fullMesh } from '../constructs/article-lab.ts';

const article = loadLab('lab.yaml');

/** The article's lab with that many regions, all like its first but for the name. */
function labOf(count: number): Lab {
  const [first] = article.regions;
  if (first === undefined) throw new Error('lab.yaml has no region');
  const regions = Array.from({ length: count }, (_, index) => ({
    ...first,
    name: `region-${index + 1}`,
    id: index + 1,
  }));
  return { ...article, regions: fullMesh(regions) };
}

function count(text: string, part: string): number {
  return text.split(part).length - 1;
}

describe('the picture of the lab', () => {
  it('GIVEN lab.yaml WHEN drawn THEN docs/lab.svg is that picture; `npm run draw` renews it', () => {
    expect(drawLab(article)).toBe(readFileSync('docs/lab.svg', 'utf8'));
  });

  it('GIVEN the article WHEN drawn THEN every address of its plan can be read', () => {
    const texts = [...drawLab(article).matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);

    expect(texts).toEqual([
      'clustermesh-lab',
      '2 regions, 1 mesh link · kind v0.20.0 · Kubernetes v1.27.3 · Cilium 1.14.2 · MetalLB v0.13.7',
      'Docker network clustermesh-lab',
      'gateway 172.19.0.1',
      '172.19.0.0/16',
      'nodes 172.19.0.0/17',
      ...['1', 'region-athens', '1 control plane, 3 workers'],
      ...['Pods', '10.0.0.0/16', 'Services', '10.1.0.0/16'],
      ...['LoadBalancer addresses', '172.19.255.1-172.19.255.100'],
      ...['Hubble UI', 'port 80', 'ClusterMesh API server', 'port 2379'],
      ...['2', 'region-hurup', '1 control plane, 3 workers'],
      ...['Pods', '10.2.0.0/16', 'Services', '10.3.0.0/16'],
      ...['LoadBalancer addresses', '172.19.255.101-172.19.255.200'],
      ...['Hubble UI', 'port 80', 'ClusterMesh API server', 'port 2379'],
      'ClusterMesh',
    ]);
  });

  it('GIVEN a lab without Hubble UI WHEN drawn THEN the card does not show it', () => {
    const picture = drawLab({ ...article, regions: article.regions.map((region) => ({ ...region, hubbleUi: false })) });

    expect(picture).not.toContain('Hubble UI');
    expect(count(picture, 'y="222">ClusterMesh API server</text>')).toBe(0);
    expect(count(picture, '>ClusterMesh API server</text>')).toBe(2);
  });

  it('GIVEN a reader who does not see it WHEN drawn THEN title and description say the same', () => {
    const picture = drawLab(article);

    expect(picture).toContain('<title id="title">The lab clustermesh-lab: 2 regions</title>');
    expect(picture).toContain(
      'region-hurup (id 2) has 1 control plane, 3 workers, pods in 10.2.0.0/16, services in 10.3.0.0/16, ' +
        'LoadBalancer addresses 172.19.255.101-172.19.255.200. ClusterMesh links every region to every other.</desc>',
    );
  });

  it("GIVEN addresses of Cilium's WHEN drawn THEN MetalLB is not in it", () => {
    const picture = drawLab({ ...article, loadBalancer: 'cilium' });

    expect(picture).toContain('Cilium 1.14.2 · LB-IPAM<');
    expect(picture).not.toContain('MetalLB');
  });

  it('GIVEN names with markup WHEN drawn THEN they are text, in elements and in attributes', () => {
    const hostile = `<script>&"'`;
    const [region] = labOf(1).regions;
    if (region === undefined) throw new Error('no region');
    const picture = drawLab({ ...article, name: hostile, regions: [{ ...region, name: hostile, nodes: [hostile] }] });

    expect(picture).not.toContain('<script');
    expect(picture).toContain('class="title" style="font-size: 22px">&lt;script&gt;&amp;&quot;&#39;</text>');
    expect(picture).toContain('<title>&lt;script&gt;&amp;&quot;&#39;</title>');
  });

  it.each([
    { regions: 1, links: 0 },
    { regions: 2, links: 1 },
    { regions: 3, links: 3 },
    { regions: 8, links: 28 },
  ])('GIVEN $regions regions WHEN drawn THEN each pair has its link: $links', ({ regions, links }) => {
    const picture = drawLab(labOf(regions));

    expect(count(picture, 'class="link"')).toBe(links);
    expect(count(picture, 'class="card"')).toBe(regions);
  });

  it('GIVEN a hub WHEN drawn THEN its links alone, and words name them', () => {
    const { regions } = labOf(3);
    const links = [['region-2', 'region-3'], ['region-1'], ['region-1']];
    const hub = regions.map((region, index) => ({ ...region, links: links[index] ?? [] }));
    const picture = drawLab({ ...article, regions: hub });

    expect(count(picture, 'class="link"')).toBe(2);
    expect(picture).toContain('3 regions, 2 mesh links');
    expect(picture).toContain('ClusterMesh links region-1 with region-2, region-1 with region-3.</desc>');
  });

  it('GIVEN regions that are not connected WHEN drawn THEN no link, and no word of one', () => {
    const picture = drawLab({ ...article, regions: article.regions.map((region) => ({ ...region, links: [] })) });

    expect(count(picture, 'class="link"')).toBe(0);
    expect(picture).toContain('2 regions, 0 mesh links');
    expect(picture).not.toContain('ClusterMesh links');
  });

  it('GIVEN more regions than links can be drawn for WHEN drawn THEN a grid of cards and the number of links', () => {
    const picture = drawLab(labOf(13));

    expect(count(picture, 'class="card"')).toBe(13);
    expect(count(picture, 'class="link"')).toBe(0);
    expect(picture).toContain('13 regions, 78 mesh links');
  });

  it('GIVEN a region without workers and one of 20 WHEN drawn THEN words count all nodes, squares at most 11, and how many more there are', () => {
    const [region] = article.regions;
    if (region === undefined) throw new Error('no region');
    const alone = { ...region, workers: 0, nodes: ['alone-control-plane'] };
    const large = { ...region, workers: 20, nodes: Array.from({ length: 21 }, (_, index) => `large-${index}`) };
    const picture = drawLab({ ...article, regions: [alone, large] });

    expect(picture).toContain('>1 control plane</text>');
    expect(picture).toContain('>1 control plane, 20 workers</text>');
    expect(count(picture, 'class="control-plane"')).toBe(2);
    expect(count(picture, 'class="worker"')).toBe(10);
    expect(picture).toContain('>+10</text>');
  });

  it.each([
    { letters: 'usual', letter: 'a', size: 10 },
    { letters: 'wide', letter: 'w', size: 7 },
    { letters: 'narrow', letter: 'l', size: 14 },
  ])(
    'GIVEN a name of 32 letters, $letters ones, WHEN drawn THEN it is written whole, in smaller letters',
    ({ letter, size }) => {
      const [region] = article.regions;
      if (region === undefined) throw new Error('no region');
      const long = 'region-' + letter.repeat(25);

      expect(drawLab({ ...article, regions: [{ ...region, name: long }] })).toContain(
        `class="name" style="font-size: ${size}px">${long}</text>`,
      );
    },
  );

  it('GIVEN the same lab WHEN drawn twice THEN the text is the same', () => {
    expect(drawLab(loadLab('lab.yaml'))).toBe(drawLab(article));
  });

  it('GIVEN a viewer that knows neither CSS variables nor dark mode WHEN shown THEN every colour is there, and plain', () => {
    const picture = drawLab(article);
    const [plain = ''] = picture.split('@media (prefers-color-scheme: dark)');
    const coloured = new Set(
      [...plain.matchAll(/^ *([^{}\n]+) \{[^}]*\b(?:fill|stroke|color): (?:#[0-9a-f]{6}|currentColor);/gm)].flatMap(
        ([, selectors = '']) => selectors.split(', '),
      ),
    );
    const shapes = [...picture.matchAll(/<(?:rect|circle|path) [^>]*class="([^"]+)"/g)].map(
      ([, name = '']) => `.${name}`,
    );

    expect(picture).not.toContain('var(');
    expect(new Set(shapes).size).toBe(10);
    expect([...new Set(shapes)].filter((name) => !coloured.has(name))).toEqual([]);
    expect([...coloured]).toEqual(
      expect.arrayContaining(['text', '.muted', '.label-text', '.badge-text', '.accent-7']),
    );
  });

  it('GIVEN a page that allows nothing foreign WHEN shown THEN the picture fetches nothing', () => {
    expect(drawLab(article)).not.toMatch(/@import|url\(|href=|<script/);
  });
});

describe('npm run draw', () => {
  const folder = mkdtempSync(join(tmpdir(), 'draw-'));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  const draw = (...args: string[]) =>
    execaSync('node', ['bin/clustermesh-lab.mjs', 'draw', ...args], { reject: false });

  it('GIVEN another lab and place WHEN run THEN the picture of that lab is written there', () => {
    const [lab, out] = [join(folder, 'one.yaml'), join(folder, 'one.svg')];
    writeFileSync(lab, 'name: one\nstack: current\nregions:\n  - name: alone\n    workers: 1\n');

    const { exitCode, stdout } = draw('--lab', lab, '--out', out);

    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: `drew ${lab} as ${out}` });
    expect(readFileSync(out, 'utf8')).toBe(drawLab(loadLab(lab)));
  });

  it('GIVEN --dist WHEN run THEN regions have the addresses that they have there', () => {
    const [lab, out] = [join(folder, 'hurup.yaml'), join(folder, 'hurup.svg')];
    writeFileSync(lab, 'name: hurup\nregions:\n  - name: region-hurup\n');

    expect(draw('--lab', lab, '--out', out, '--dist', 'dist').exitCode).toBe(0);

    expect(readFileSync(out, 'utf8')).toContain('10.2.0.0/16');
    expect(drawLab(loadLab(lab))).not.toContain('10.2.0.0/16');
  });

  it('GIVEN a picture, and no room for another WHEN run THEN exit 2, it is as it was, and nothing lies beside it', () => {
    const [lab, out] = [join(folder, 'full', 'lab.yaml'), join(folder, 'full', 'lab.svg')];
    mkdirSync(join(folder, 'full'));
    writeFileSync(lab, 'name: full\nregions: [{ name: a }, { name: b }]\n');
    draw('--lab', lab);
    const before = readFileSync(out, 'utf8');
    writeFileSync(lab, 'name: full\nregions: [{ name: a }, { name: b }, { name: c }]\n');

    // no file may grow beyond 1 or 2 KiB: as on a full disk, the beginning of the picture can still be written
    const line = ['ulimit -f 2 && exec "$@"', 'sh', 'node', 'bin/clustermesh-lab.mjs', 'draw', '--lab', lab];
    const { exitCode, stderr } = execaSync('sh', ['-c', ...line], { reject: false });

    expect({ exitCode, stderr }).toEqual({
      exitCode: 2,
      stderr: `cannot write ${out}: EFBIG: file too large, write. It is as it was.`,
    });
    expect(readFileSync(out, 'utf8')).toBe(before);
    expect(readdirSync(join(folder, 'full'))).toEqual(['lab.svg', 'lab.yaml']);
  });

  it('GIVEN a bad lab WHEN run THEN its problem and exit 2, and nothing is written', () => {
    const [lab, out] = [join(folder, 'none.yaml'), join(folder, 'none.svg')];

    const { exitCode, stderr } = draw('--lab', lab, '--out', out);

    expect({ exitCode, stderr }).toEqual({
      exitCode: 2,
      stderr: `${lab}  There is no such file. Create it, or name another with --lab FILE.`,
    });
    expect(existsSync(out)).toBe(false);
  });

  it('GIVEN a misspelt option WHEN run THEN the right one and exit 2', () => {
    const { exitCode, stderr } = draw('--labs', 'lab.yaml');

    expect({ exitCode, stderr }).toEqual({
      exitCode: 2,
      stderr: "error: unknown option '--labs'\n(Did you mean --lab?)\nnpx clustermesh-lab draw --help lists all.",
    });
  });
});
