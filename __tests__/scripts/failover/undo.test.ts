import { expect, it } from 'vitest';
import { undoAll } from '../../../scripts/failover/undo.ts';
import type { Command } from '../../../scripts/tools/command.ts';

const command = (word: string): Command => ({ program: 'docker', args: [word] });
const undoing = (word: string) => ({ region: 'a', command: command(word) });
const said: Readonly<Record<string, string>> = {
  paused: 'Error response from daemon: Container 1f is not paused',
  gone: 'Error response from daemon: No such container: a-worker',
  stopped: 'Error response from daemon: container 1f is not running',
  rule: 'iptables: Bad rule (does a matching rule exist in that chain?).',
  engine: 'Cannot connect to the Docker daemon',
};

it('GIVEN what is undone already, AND what cannot be WHEN undone THEN all is tried, and the latter alone has failed', async () => {
  const tried: string[] = [];
  const failed = await undoAll(['engine', 'well', 'paused', 'gone', 'stopped', 'rule'].map(undoing), (each) => {
    const [word = ''] = each.args;
    tried.push(word);
    const stderr = said[word] ?? '';
    const outcome = { command: each, exitCode: stderr === '' ? 0 : 1, ended: 'exit', stdout: '', stderr } as const;
    return Promise.resolve({ ...outcome, timeoutSeconds: 1, log: undefined });
  });

  expect(tried).toEqual(['engine', 'well', 'paused', 'gone', 'stopped', 'rule']);
  expect(failed.map(({ stderr }) => stderr)).toEqual([said.engine]);
});
