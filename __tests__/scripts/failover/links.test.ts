import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { FailoverRun, Figures } from '../../../scripts/events/failover-event.ts';
import { linksSaid, type Look, watchLinks } from '../../../scripts/failover/links.ts';
import { linksText } from '../../../scripts/events/reporters/failover.ts';
import { Queries } from '../../../scripts/observe/queries.ts';
import { Runner } from '../../../scripts/tools/runner.ts';

const marks = {
  from: 0,
  fault: { begin: 10_000, end: 10_200 },
  repair: { begin: 100_000, end: 100_100 },
  until: 130_000,
};
const places = [
  { name: 'a', links: ['b'] },
  { name: 'b', links: ['a'] },
];
const look = (seconds: number, region: string, remote: string, connected: number, total = 2): Look => ({
  asked: seconds * 1000 - 300,
  at: seconds * 1000,
  region,
  mesh: { address: undefined, total, connected: { [remote]: connected } },
});
const all: Figures = {
  ...{ sent: 0, answered: 0, failed: {}, baseline: { sent: 0, failed: 0 }, longestGap: 0 },
  ...{ answers: { before: {}, during: {}, after: {} }, latency: {}, unknown: 0, lag: 0, overloaded: [] },
};
const bare: FailoverRun = { marks, clients: [], all, paths: 'open' };
const run = (looks: readonly Look[]): FailoverRun => ({ ...bare, links: linksSaid(looks, places, marks) });

describe('what agents say of their links', () => {
  it('GIVEN that they say they are connected, all the time THEN nothing has changed', () => {
    const looks = [5, 12, 60, 110].flatMap((at) => [look(at, 'a', 'b', 2), look(at, 'b', 'a', 2)]);

    expect(linksSaid(looks, places, marks)).toEqual({ changes: [], heard: ['a', 'b'], unheard: [], unasked: [] });
    expect(linksText([run(looks), run(looks)])).toEqual(['agents: said that they were connected, all the time']);
  });

  it('GIVEN one that loses the other, and finds it again THEN each change is told once, since the start of the fault', () => {
    const looks = [
      ...[look(5, 'b', 'a', 1), look(12, 'a', 'b', 2), look(12, 'b', 'a', 2)],
      ...[look(81.2, 'b', 'a', 1), look(85, 'b', 'a', 1), look(90, 'b', 'a', 0), look(104, 'b', 'a', 2)],
    ];

    expect(linksSaid(looks, places, marks).changes).toEqual([
      { at: 81_200, region: 'b', remote: 'a', connected: 1, total: 2 },
      { at: 90_000, region: 'b', remote: 'a', connected: 0, total: 2 },
      { at: 104_000, region: 'b', remote: 'a', connected: 2, total: 2 },
    ]);
    expect(linksText([run(looks)])).toEqual([
      'agents: b to a 1 of 2 connected after 71.2 s, 0 of 2 connected after 80.0 s, 2 of 2 connected after 94.0 s',
    ]);
  });

  it('GIVEN a region that is frozen THEN it gave no answer, whatever it says after the repair', () => {
    const hangs = { asked: 14_000, at: 101_000, region: 'a' };
    const looks = [look(5, 'a', 'b', 2), look(12, 'b', 'a', 2), { ...hangs, mesh: undefined }, look(104, 'a', 'b', 2)];

    expect(linksSaid(looks, places, marks)).toEqual({ changes: [], heard: ['b'], unheard: ['a'], unasked: [] });
    const late = [{ ...hangs, mesh: look(0, 'a', 'b', 2).mesh }];
    expect(linksSaid(late, places, marks)).toEqual({ changes: [], heard: [], unheard: ['a'], unasked: ['b'] });
    // nobody can say so of what was asked when it was nearly over
    expect(linksSaid([{ ...hangs, asked: 95_000, mesh: undefined }], places, marks).unheard).toEqual([]);
    expect(linksText([run(looks), run([look(12, 'a', 'b', 2), look(12, 'b', 'a', 2)])])).toEqual([
      'agents, run 1: said that they were connected, all the time; a gave no answer',
      'agents, run 2: said that they were connected, all the time',
    ]);
  });

  it('GIVEN that nobody answers while it lasts THEN nobody said that they were connected', () => {
    const looks = [look(104, 'a', 'b', 2), look(104, 'b', 'a', 2)];
    const asked = { asked: 14_000, at: 15_000, mesh: undefined };

    expect(linksText([run(looks)])).toEqual(['agents: not heard while it lasted']);
    expect(
      linksText([
        run([
          { ...asked, region: 'a' },
          { ...asked, region: 'b' },
        ]),
      ]),
    ).toEqual(['agents: a gave no answer; b gave no answer']);
  });

  it('GIVEN agents that were asked before it began, and answered after THEN that says nothing of it', () => {
    const early = (region: string, remote: string): Look => ({ ...look(10.05, region, remote, 2), asked: 8500 });
    const looks = [early('a', 'b'), early('b', 'a'), look(12, 'b', 'a', 2)];

    expect(linksSaid(looks, places, marks)).toMatchObject({ heard: ['b'], unasked: ['a'] });
    expect(linksText([run(looks)])).toEqual([
      'agents: said that they were connected, all the time; a was not heard while it lasted',
    ]);
  });

  it('GIVEN runs of a version that did not ask THEN nothing is said', () => {
    expect(linksText([bare])).toEqual([]);
  });

  it('GIVEN a question that hangs WHEN the watch ends THEN it ends at once', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'links-'));
    onTestFinished(() => {
      rmSync(folder, { recursive: true });
    });
    const program = join(folder, 'hangs');
    writeFileSync(program, `#!/bin/sh\ntouch ${folder}/asked\nexec sleep 60\n`, { mode: 0o700 });
    const { signal } = new AbortController();
    const runner = new Runner({ PATH: '/usr/bin:/bin' }, signal, { locate: () => Promise.resolve(program) });

    const watch = watchLinks(new Queries(runner), [{ name: 'a', target: { kubeconfig: 'k', context: 'a' } }]);
    await expect.poll(() => existsSync(join(folder, 'asked')), { timeout: 10_000 }).toBe(true);
    const began = performance.now();

    expect(await watch.end()).toMatchObject([{ region: 'a', mesh: undefined }]);
    expect(performance.now() - began).toBeLessThan(10_000);
  });
});
