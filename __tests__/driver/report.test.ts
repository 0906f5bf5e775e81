import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copySite, makeDeployedSite, makeSite, type Site, twoRegions } from './drive.ts';

/** Two addresses a region are Hubble UI's and the mesh's: nobody is asked from this machine. */
const labText = `${twoRegions}scenarios: { high-availability: {} }\nloadBalancer: { addressesPerRegion: 2 }\n`;

let living: Site;
beforeAll(async () => {
  living = await makeDeployedSite(labText);
});
afterAll(() => {
  living.dispose();
});

const textOf = (html: string): string =>
  html
    .replaceAll(/<(style|script)[\s\S]*?<\/\1>/g, '')
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/\s+/g, ' ');

describe('GIVEN a lab that is up', () => {
  it('WHEN paths were tried and a fault was brought about THEN the page tells all of it, and what exists now', async () => {
    const site = copySite(living);
    const short = ['--baseline', '1', '--duration', '1', '--after', '1', '--repeat', '1', '--request-timeout', '200'];
    expect((await site.run('failover', '--fault', 'cut', ...short)).exit).toBe(0);

    const { exit, stdout, stderr } = await site.run('report');

    expect({ exit, stdout, stderr }).toEqual({ exit: 0, stdout: 'wrote .lab/test-lab/report.html\n', stderr: '' });
    const html = readFileSync(site.file('.lab', 'test-lab', 'report.html'), 'utf8');
    const text = textOf(html);
    expect(text).toContain('✓ The mesh of 2 regions is up');
    expect(text).toMatch(/✓ The deploy of [-\d]+ [:\d]+ UTC: done in /);
    expect(text).toMatch(/✓ (\d+) of \1 paths between the regions as they should be/);
    expect(text).toMatch(/! cut: \d+ of \d+ requests were lost \(\d+\.\d %\), longest gap/);
    expect(text).toContain('All is as lab.yaml says: a deploy would find nothing to do.');
    expect(text).toContain('kind create cluster --name region-athens');
    expect(html).toContain('<figcaption>region-hurup, one run</figcaption>');
  });

  it('WHEN it is asked for elsewhere THEN it is there, AND written anew, AND no file of the user is', async () => {
    const site = copySite(living);
    expect((await site.run('report', '--out', 'shown.html')).stdout).toBe('wrote shown.html\n');
    expect((await site.run('report', '--out', 'shown.html', '--no-look')).exit).toBe(0);
    expect(textOf(readFileSync(site.file('shown.html'), 'utf8'))).toContain('! What exists was not looked at');

    writeFileSync(site.file('mine.html'), '<!doctype html>\n<p>mine\n');
    const { exit, stderr } = await site.run('report', '--out', 'mine.html');

    expect(exit).toBe(2);
    expect(stderr).toBe(
      "mine.html is not the lab's to replace: it carries no mark of npm run report. Choose another place with --out. Nothing was touched.\n",
    );
    expect(readFileSync(site.file('mine.html'), 'utf8')).toBe('<!doctype html>\n<p>mine\n');
  });

  it('WHEN a deploy has failed THEN the page tells where, and what to do', async () => {
    const site = copySite(living);
    site.bench.setFaults([{ tool: 'helm', match: 'upgrade', times: 9, exit: 1, stderr: 'Error: <b>no</b> space\n' }]);
    site.writeLab(`${labText}cilium: { values: { debug: { enabled: true } } }\n`);
    await site.synth();
    expect((await site.run('deploy', '--skip-test')).exit).toBe(1);

    const { exit, events } = await site.events('report');

    expect({ exit, event: events.at(-1)?.event }).toEqual({ exit: 0, event: 'report' });
    const html = readFileSync(site.file('.lab', 'test-lab', 'report.html'), 'utf8');
    expect(textOf(html)).toMatch(/✗ The deploy of .* UTC: not done in [^:]+: upgrade in region-athens/);
    expect(html).toContain('Error: &lt;b&gt;no&lt;/b&gt; space');
    expect(html).not.toContain('<b>no</b>');
  });

  it('WHEN records are of another version, or no files at all THEN the rest is told', async () => {
    const site = copySite(living);
    const state = site.file('.lab', 'test-lab');
    mkdirSync(`${state}/failover/cut`, { recursive: true });
    for (const [file, text] of [
      ['failover/cut/figures.json', '{}'],
      ['test/verified.json', 'null'],
      ['fault.json', '{'],
    ] as const)
      writeFileSync(`${state}/${file}`, text);
    execFileSync('mkfifo', [`${state}/runs/2099-01-01T00-00-00.000Z-deploy.jsonl`]);

    expect((await site.run('report')).exit).toBe(0);

    const text = textOf(readFileSync(`${state}/report.html`, 'utf8'));
    expect(text).toContain('✓ The mesh of 2 regions is up');
    expect(text).toContain('✗ A fault was left, or is under way: .lab/test-lab/fault.json cannot be read');
    expect(text).toContain('! What is on record of cut cannot be read');
    expect(text).toContain('No deploy of this lab is on record.');
  });

  it('WHEN one region is verified THEN that is no answer for all', async () => {
    const site = copySite(living);
    expect((await site.run('verify', '--region', 'region-athens')).exit).toBe(0);
    await site.run('report');

    expect(textOf(readFileSync(site.file('.lab', 'test-lab', 'report.html'), 'utf8'))).toContain('✓ 56 of 56 paths');
  });

  it('WHEN it is to lie in dist/ THEN it is refused: a deploy would not know it', async () => {
    expect((await living.run('report', '--out', 'dist/page.html')).stderr).toBe(
      'dist/page.html lies in the synthesized YAML. Choose another place with --out. Nothing was touched.\n',
    );
  });

  it('WHEN nothing answers THEN what runs have recorded is told all the same', async () => {
    const site = copySite(living);
    site.bench.setFaults([
      { tool: 'docker', match: '', times: 99, exit: 1, stderr: 'Cannot connect to the Docker daemon\n' },
    ]);

    expect((await site.run('report')).exit).toBe(0);

    const text = textOf(readFileSync(site.file('.lab', 'test-lab', 'report.html'), 'utf8'));
    expect(text).toContain('! What exists was not looked at, or could not be');
    expect(text).toContain('The deploy of ');
  });
});

describe('GIVEN a lab that was never built', () => {
  it('THEN there is nothing to report, AND nothing is made', async () => {
    const site = await makeSite(labText);

    const { exit, stderr } = await site.run('report');

    expect({ exit, stderr }).toEqual({
      exit: 2,
      stderr: 'nothing is on record of test-lab. Build it first: npm run deploy\n',
    });
    expect(existsSync(site.file('.lab'))).toBe(false);
  });
});
