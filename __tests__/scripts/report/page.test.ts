import { describe, expect, it } from 'vitest';
import { deploy } from '../../../scripts/report/deploy.ts';
import { page } from '../../../scripts/report/page.ts';
import { backends, lab, report } from './sample.ts';

/** What a reader without a browser sees: text alone. */
const textOf = (html: string): string =>
  html
    .replaceAll(/<(style|script)[\s\S]*?<\/\1>/g, '')
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/\s+/g, ' ');

describe('the page of a report', () => {
  const html = page(report);

  it('THEN it begins with what it comes to', () => {
    expect(textOf(html)).toContain(
      'three-regions A multi-cluster Kubernetes lab, as of 2026-11-30 12:00:00 UTC ' +
        '✓ The mesh of 3 regions is up ' +
        '✗ The deploy of 2026-11-30 11:53:20 UTC: not done in 1 min 10 s: cilium in region-hurup ' +
        '✗ 32 of 36 paths between the regions as they should be ' +
        '✗ backends: 449 of 18420 requests were lost (2.4 %), longest gap 84 ms ',
    );
  });

  it('THEN the same report gives the same page, AND three faults of three runs and four clients take less than 1 MB', () => {
    expect(page(report)).toBe(html);
    const faults = ['backends', 'node', 'region'].map((fault) => ({ ...backends, fault }));
    expect(Buffer.byteLength(page({ ...report, failovers: faults }))).toBeLessThan(1_000_000);
  });

  it('THEN text of programs is text, wherever it stands', () => {
    expect(html).not.toContain('<script>alert');
    expect(textOf(html)).toContain('helm upgrade cilium &lt;script&gt;alert(1)&lt;/script&gt;');
    expect(html).toContain(String.raw`\u003cscript>alert(1)\u003c/script>`);
  });

  it('THEN it asks nothing of a network', () => {
    expect(html).toContain(`content="default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;`);
    const addresses = html.match(/(?:src|href|url)[=(]"?[^")\s]+/g) ?? [];
    expect(addresses.filter((each) => !/[="(](?:#|data:)/.test(each))).toEqual([]);
  });

  it('THEN its data stands in it as JSON', () => {
    const [, data = ''] = /<script type="application\/json" id="data">(.*?)<\/script>/.exec(html) ?? [];

    expect(JSON.parse(data)).toMatchObject({
      lab: 'three-regions',
      regions: lab.regions.map(({ name, id }) => ({ name, id })),
      failovers: [{ fault: 'backends', runs: [{}, {}, {}] }],
    });
  });

  it('THEN each bar of the deploy leads to what is told of its step', () => {
    const targets = [...html.matchAll(/href="#(step-[^"]+)"/g)].map(([, id]) => id);

    expect(targets).toHaveLength(6);
    for (const id of targets) expect(html).toContain(`<details id="${id ?? ''}"`);
  });
});

describe('GIVEN records of another version, or damaged ones', () => {
  it.each([
    ['a failover', { failovers: [{ ...backends, runs: 'x' }] }, '! backends What is on record of it cannot be read:'],
    [
      'a failover',
      { failovers: [{ fault: 'cut', series: 'cut' }, backends] },
      '! What is on record of cut cannot be read',
    ],
    [
      'one beside another',
      { failovers: [{ fault: 'cut', series: 'cut' }, backends] },
      'backends: all servers of region-hurup are scaled',
    ],
    ['paths', { verified: { time: 1, event: {} } }, 'What is on record of paths cannot be read'],
    [
      'a deploy',
      {
        deploy: [
          { time: 1e99, event: 'planned' },
          { time: 1, event: 'step-started', step: 7 },
        ],
      },
      'What is on record of the deploy cannot be read',
    ],
  ])('of %s THEN that is told, AND all else is', (_, damaged, told) => {
    const html = textOf(page({ ...report, ...damaged } as unknown as typeof report));

    expect(html).toContain(told);
    expect(html).toContain('The mesh of 3 regions is up');
    expect(html).toContain('How to make it again');
  });
});

describe('GIVEN less than all', () => {
  it('WHEN a run of failover was cut off THEN what it has left comes second', () => {
    const html = page({ ...report, leftFault: 'all nodes of region-athens are frozen' });

    expect(textOf(html)).toContain(
      '✓ The mesh of 3 regions is up ✗ A fault was left, or is under way: all nodes of region-athens are frozen',
    );
  });

  it('WHEN a program wrote for a terminal THEN its colours and its other signs for one are gone', () => {
    const html = page({ ...report, seen: { ...report.seen, warnings: ['\u001b[31mred\u001b[0m\u0000\u0007 text'] } });

    expect(textOf(html)).toContain('! red text');
  });

  it('WHEN a region has left lab.yaml THEN its answers are drawn all the same', () => {
    const [athens, ...others] = lab.regions;
    const html = page({ ...report, lab: { ...lab, regions: others } });

    expect(html).toContain(`answered by ${athens?.name ?? ''}</span>`);
    expect(html).toContain(`>${athens?.name ?? ''}</text>`);
  });

  it('WHEN paths were open again only later THEN it is told how much', () => {
    const runs = backends.runs.map((run, index) => (index === 0 ? { ...run, paths: 182_300 } : run));
    const html = textOf(page({ ...report, failovers: [{ ...backends, runs }] }));

    expect(html).toContain(
      `not every path between the regions was open when 1 of ${runs.length} runs ended; all were 182.3 s after the repair`,
    );
  });

  it('WHEN all runs are void THEN no medians are told', () => {
    const runs = backends.runs.map((run) => ({ ...run, void: 'too busy' }));
    const html = textOf(page({ ...report, failovers: [{ ...backends, runs }] }));

    expect(html).not.toContain('of times the median');
    expect(html).toContain('backends: nothing of it is to be believed');
  });

  it('WHEN nothing was looked at, deployed, verified or measured THEN it says so, with what to type', () => {
    const html = page({
      ...report,
      seen: { unknown: 'docker: <not there>', regions: [], warnings: [] },
      ...{ deploy: undefined, verified: undefined, failovers: [] },
    });

    expect(textOf(html)).toContain('! What exists was not looked at, or could not be');
    expect(textOf(html)).toContain('What exists is not known: docker: &lt;not there&gt;');
    expect(textOf(html)).toContain('Not tried yet: npm run verify');
    expect(textOf(html)).toContain('Not measured yet: npm run failover -- --fault backends');
    expect(textOf(html)).toContain('No deploy of this lab is on record.');
  });

  it('WHEN a run is void THEN it is told, AND its figures are not among the medians', () => {
    const [first, ...others] = backends.runs;
    const runs = [
      { ...first, marks: first?.marks ?? { from: 0 }, clients: first?.clients ?? [], void: 'too busy' },
      ...others,
    ];
    const html = page({ ...report, failovers: [{ ...backends, runs: runs as typeof backends.runs }] });

    expect(textOf(html)).toContain('✗ Run 1 is void: too busy');
    expect(textOf(html)).toContain('2 runs, a request each 20 ms');
  });

  it('WHEN the requests of a run are not kept any more THEN the figures are, AND it says so', () => {
    const html = page({ ...report, requestsOf: () => [] });

    expect(html).not.toContain('<figcaption>');
    expect(textOf(html)).toContain('The requests of these runs are not kept any more.');
  });

  it('WHEN a region is not as it should be THEN it is told, in the picture too', () => {
    const [first, ...others] = report.seen.regions;
    const stopped = { ...first, ok: false, state: 'stopped', links: {} } as NonNullable<typeof first>;
    const html = page({ ...report, seen: { ...report.seen, regions: [stopped, ...others] } });

    expect(textOf(html)).toContain('✗ Not as it should be: region-athens (stopped)');
    const [, picture = ''] = /base64,([^"]+)"/.exec(html) ?? [];
    const svg = Buffer.from(picture, 'base64').toString();
    expect(svg).toContain('✗ stopped</text>');
    expect(svg.match(/class="link unwell"/g)).toHaveLength(2);
  });

  it('WHEN a deploy would have work THEN each of its steps is told', () => {
    const planned = [{ step: 'cilium', region: 'region-athens', action: 'run', reason: 'values differ' }] as const;
    const html = page({ ...report, seen: { ...report.seen, planned } });

    expect(textOf(html)).toMatch(
      /Not all is as lab.yaml says. npm run deploy would do this: .* region-athens cilium values differ/,
    );
  });
});

it('GIVEN a deploy that tried again THEN what its second plan skipped, since the first had done it, is not told as skipped', () => {
  const step = (name: string, action: 'run' | 'skip') => ({ step: name, action, reason: 'so' });
  const html = deploy(
    [
      { time: 0, event: 'planned', steps: [step('network', 'run'), step('pull', 'skip'), step('connect', 'run')] },
      { time: 1, event: 'step-started', at: 0, step: 'network', reason: 'so' },
      { time: 2, event: 'step-done', at: 1, step: 'network', seconds: 1 },
      { time: 3, event: 'planned', steps: [step('network', 'skip'), step('pull', 'skip'), step('connect', 'run')] },
      { time: 4, event: 'step-started', at: 2, step: 'connect', reason: 'so' },
    ],
    [],
  );

  expect(textOf(String(html))).toContain('Skipped: 1 ');
});
