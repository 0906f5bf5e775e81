import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { atTheBench, buildRegion, type Run } from './at-the-bench.ts';
import { type Bench, createBench, nodeImage } from './lab-bench.ts';

const benches: Bench[] = [];
afterEach(() => {
  for (const bench of benches.splice(0)) bench.dispose();
});

function open(): Bench {
  const bench = createBench();
  benches.push(bench);
  return bench;
}

/** The same bench; each call starts Node.js. */
function slowly(bench: Bench): Bench {
  return { ...bench, env: { ...bench.env, PATH: `${bench.programs}:${bench.env.PATH}` } };
}

const isQuick = process.env.STAND_IN_QUICK !== undefined;

describe.skipIf(!isQuick)('a call of a stand-in that is handed to the server', () => {
  it('GIVEN the same calls on two machines WHEN one starts Node.js for each THEN answers, records and the world are the same', () => {
    const seen = [open(), slowly(open())].map((bench) => {
      const run: Run = atTheBench(bench);
      const answers = [
        ...buildRegion(bench, run, 'region-athens', 1),
        run('docker network inspect nothing'),
        run('kubectl --context kind-nobody get nodes'),
        run('kind'),
        run(['docker', 'network', 'create', '--label', 'a=ä "b" $c\nd', 'x']),
      ];
      const calls = bench.calls().map(({ tool, args, env, exit }) => ({ tool, args, env, exit }));
      const { networks } = bench.state();
      // of one machine alone
      const own = [
        dirname(bench.lab),
        readFileSync(join(bench.env.STAND_IN_STATE ?? '', 'world.json'), 'utf8'),
      ] as const;
      const engine = (JSON.parse(own[1]) as { engine: string }).engine;
      return JSON.parse(
        JSON.stringify({ answers, calls, networks })
          .replaceAll(own[0], 'BENCH')
          .replaceAll(engine, 'ENGINE')
          .replaceAll(/LAST DEPLOYED: [^\\]*/g, 'LAST DEPLOYED: T'),
      ) as unknown;
    });
    expect(seen[0]).toEqual(seen[1]);
  });

  it('GIVEN one that waits WHEN it is killed THEN what works for it ends at once, and its change is not made', async () => {
    const bench = open();
    bench.setFaults([{ tool: 'docker', match: 'pull', times: 1, delayMs: 1000 }]);
    const child = spawn('docker', ['pull', nodeImage], { env: bench.env, stdio: 'ignore' });
    await expect.poll(() => bench.calls().length).toBe(1);
    child.kill('SIGTERM');
    const [, signal] = (await once(child, 'exit')) as [null, string];
    await sleep(1500);

    expect(signal).toBe('SIGTERM');
    expect(bench.calls().map(({ ended }) => ended)).toEqual([undefined]);
    expect(bench.state().images).toEqual({});
  });

  it('GIVEN a fault that hangs WHEN it is called THEN it has a process of its own, of the number that was called', async () => {
    const bench = open();
    bench.setFaults([{ tool: 'docker', match: 'pull', times: 1, hangSeconds: 60, spawnGrandchild: true }]);
    const child = spawn('docker', ['pull', nodeImage], { env: bench.env, stdio: 'ignore', detached: true });
    await expect.poll(() => bench.calls()[0]?.grandchild).toBeTypeOf('number');
    process.kill(-(child.pid ?? 0), 'SIGKILL');

    expect(bench.calls().map(({ pid }) => pid)).toEqual([child.pid]);
  });
});
