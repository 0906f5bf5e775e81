import { afterAll, describe, expect, it } from 'vitest';
import { observeCluster } from '../../../scripts/observe/cluster.ts';
import { Queries } from '../../../scripts/observe/queries.ts';
import { Runner } from '../../../scripts/tools/runner.ts';
import { articleLab, athens } from '../fixtures.ts';
import { makeProgramFolder } from '../tools/programs.ts';

const programs = makeProgramFolder();
afterAll(() => {
  programs.dispose();
});

describe('an API server that does not answer', () => {
  it('GIVEN patience with it WHEN the driver is stopped THEN the wait ends at once', async () => {
    programs.addScript('kubectl', 'exit 1');
    const stop = new AbortController();
    const queries = new Queries(new Runner(programs.env, stop.signal));
    let from = Infinity;
    const tell = (): void => {
      from = performance.now();
      setTimeout(() => {
        stop.abort();
      }, 100);
    };

    await expect(
      observeCluster(
        queries,
        articleLab(),
        athens(),
        [],
        { kubeconfig: 'a', context: 'kind-a' },
        { seconds: 60, tell },
      ),
    ).rejects.toThrow(/^stopped on request: kubectl /);
    expect(performance.now() - from).toBeLessThan(30_000);
  });
});
