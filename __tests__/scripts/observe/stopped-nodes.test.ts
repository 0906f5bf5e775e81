import { describe, expect, it } from 'vitest';
import type { Queries } from '../../../scripts/observe/queries.ts';
import { stoppedNodes } from '../../../scripts/observe/stopped-nodes.ts';

const line = (name: string, cluster: string, state: string): string =>
  JSON.stringify({ Names: name, Labels: `io.x-k8s.kind.cluster=${cluster}`, State: state, Networks: 'lab' });

/** What is told of a region of these nodes, where Docker answers so. */
const told = (exitCode: number, ...lines: string[]): Promise<string[] | undefined> => {
  const queries = { attempt: () => Promise.resolve({ exitCode, stdout: lines.join('\n') }) } as unknown as Queries;
  return stoppedNodes(queries, 'a', ['a-1', 'a-2', 'a-3']);
};

describe('nodes that do not run', () => {
  it('GIVEN one that runs, one that is stopped, one that is gone THEN the two are told, AND nothing of other clusters', async () => {
    const lines = [line('a-1', 'a', 'running'), line('a-2', 'a', 'exited'), line('b-1', 'b', 'exited')];

    expect(await told(0, ...lines)).toEqual(['a-2 does not run: stopped', 'a-3 does not run: gone']);
  });

  it('GIVEN a Docker that does not answer THEN nothing is known', async () => {
    expect(await told(1)).toBeUndefined();
  });
});
