import { describe, expect, it } from 'vitest';
import type { Client, Rate } from '../../../scripts/failover/clients.ts';
import { faults, type Fault, type Place, untilWhole, type Where } from '../../../scripts/failover/faults.ts';
import { measure, type Means } from '../../../scripts/failover/measure.ts';
import type { Outcome } from '../../../scripts/tools/command-error.ts';
import { type Command, toShell } from '../../../scripts/tools/command.ts';

const place = (name: string, address: string): Place => ({
  ...{ name, target: { kubeconfig: 'k', context: name }, nodes: [`${name}-worker`], addresses: [address] },
  ...{ replicas: 2, serverNode: `${name}-worker`, release: { revision: 3, chart: 'c.tgz', version: '1.14.2' } },
});
const where: Where = { at: place('a', '172.19.0.2'), other: place('b', '172.19.0.3') };
const rate: Rate = { every: 20, timeout: 1000, keepalive: false, most: 1 };
const schedule = { warmUp: 1, baseline: 2, hold: 5, after: 4 };

/** What was done, one after the other. */
function scene(fails: (line: string) => boolean = () => false) {
  const done: string[] = [];
  const act = (line: string): void => {
    done.push(line);
    if (fails(line)) throw new Error(`${line} failed`);
  };
  const outcomeOf = (command: Command, exitCode: number): Outcome => ({
    ...{ command, exitCode, ended: 'exit', stdout: '', stderr: exitCode === 0 ? '' : 'no' },
    ...{ timeoutSeconds: 1, log: undefined },
  });
  const undo = (how: string, command: Command): Promise<Outcome> => {
    const line = `${how} ${toShell(command).split(' ').slice(0, 2).join(' ')}`;
    done.push(line);
    return Promise.resolve(outcomeOf(command, fails(line) ? 1 : 0));
  };
  const means: Means = {
    run: (command) => {
      act(toShell(command).split(' ').slice(0, 2).join(' '));
      return Promise.resolve();
    },
    attempt: (command) => undo('undo', command),
    farewell: (command) => undo('undo late', command),
    pause: (seconds) => {
      act(`pause ${seconds}`);
      return Promise.resolve();
    },
    progress: () => undefined,
    remember: (undo) => {
      act(`remember ${undo.length}`);
    },
    forget: () => {
      act('forget');
    },
    watch: () => {
      done.push('watch');
      return {
        end: () => {
          done.push('end the watch');
          return Promise.resolve([]);
        },
      };
    },
  };
  const client = (name: string): Client => ({
    name,
    start: () =>
      Promise.resolve().then(() => {
        act(`start ${name}`);
      }),
    stop: () => {
      act(`stop ${name}`);
      return Promise.resolve('# {}\n1,1,2,ok,a,p\n# end\n');
    },
    end: () => {
      done.push(`end ${name}`);
      return Promise.resolve();
    },
  });
  const run = (fault: Fault = faults.node) => measure(means, [client('a'), client('b')], fault, where, rate, schedule);
  return { done, run };
}

describe('a measurement', () => {
  it('GIVEN all goes well THEN what undoes it is on record before it is brought about, and clients are read last', async () => {
    const { done, run } = scene();

    const { marks, series } = await run();

    expect(done).toEqual([
      // two seconds without a fault, and one in which a request is under way when it begins
      ...['start a', 'start b', 'pause 1', 'watch', 'pause 3', 'remember 1', 'docker pause', 'pause 5'],
      ...['undo docker unpause', 'forget', 'pause 4', 'end the watch', 'stop a', 'stop b'],
    ]);
    expect(series).toMatchObject([
      { client: 'a', isWhole: true, requests: [{ outcome: 'ok' }] },
      { client: 'b', isWhole: true },
    ]);
    expect(marks.from <= marks.fault.begin && marks.fault.end <= marks.repair.begin).toBe(true);
    expect(marks.repair.end <= marks.until).toBe(true);
  });

  it.each([
    ['a client cannot be started', 'start b', [], []],
    ['it is stopped before the fault', 'pause 3', [], ['end the watch']],
    ['the fault cannot be brought about', 'docker pause', ['undo late docker unpause', 'forget'], ['end the watch']],
    ['it is stopped meanwhile', 'pause 5', ['undo late docker unpause', 'forget'], ['end the watch']],
    ['it is stopped after', 'pause 4', [], ['end the watch']],
  ])('GIVEN that %s THEN it is undone, AND all clients are ended', async (_, failing, undone, watch) => {
    const { done, run } = scene((line) => line === failing);

    await expect(run()).rejects.toThrow(`${failing} failed`);
    expect(done.slice(done.lastIndexOf(failing) + 1).filter((line) => !line.startsWith('start'))).toEqual([
      ...undone,
      ...['end a', 'end b'],
      ...watch,
    ]);
  });

  it('GIVEN that it cannot be undone THEN it fails, was tried twice, and stays on record', async () => {
    const { done, run } = scene((line) => line.startsWith('undo'));

    await expect(run()).rejects.toThrow();
    expect(done.filter((line) => line.startsWith('undo'))).toHaveLength(2);
    expect(done).not.toContain('forget');
  });
});

describe('the faults, as data', () => {
  const shown = (commands: readonly Command[]): string[] => commands.map(toShell);

  it('THEN servers, agents and both ends of the mesh are waited for, before anything else is measured or asked', () => {
    const [servers, agents, ...links] = shown(untilWhole(where));

    expect(servers).toMatch(/ --context a rollout status .* deployment\/server /);
    expect(agents).toMatch(/ --context a rollout status --namespace kube-system daemonset\/cilium /);
    expect(links.map((line) => /clustermesh status --context (\S+) --wait/.exec(line)?.[1])).toEqual(['a', 'b']);
  });

  it('GIVEN a cut THEN each side drops what it sends to the other, AND the same rules go again', () => {
    const rule = (address: string): string =>
      `POSTROUTING -d ${address} -m comment --comment clustermesh-lab-failover -j DROP`;

    expect(shown(faults.cut.bring(where))).toEqual([
      `docker exec a-worker iptables --wait -t mangle -I ${rule('172.19.0.3')}`,
      `docker exec b-worker iptables --wait -t mangle -I ${rule('172.19.0.2')}`,
    ]);
    expect(shown(faults.cut.undo(where).map(({ command }) => command))).toEqual(
      shown(faults.cut.bring(where)).map((line) => line.replace(' -I ', ' -D ')),
    );
    expect(shown(faults['cut-one-way'].bring(where))).toEqual(shown(faults.cut.bring(where)).slice(0, 1));
  });

  it('GIVEN a region that is frozen THEN its nodes go on each by itself: what the engine says of one is not said of all', () => {
    const at = { ...where.at, nodes: ['a-control-plane', 'a-worker'] };

    expect(shown(faults.region.bring({ ...where, at }))).toEqual(['docker pause a-control-plane a-worker']);
    expect(faults.region.undo({ ...where, at }).map(({ region, command }) => [region, toShell(command)])).toEqual([
      ['a', 'docker unpause a-control-plane'],
      ['a', 'docker unpause a-worker'],
    ]);
  });

  it('GIVEN an upgrade THEN it goes back to the very revision that was there', () => {
    expect(shown(faults.upgrade.bring(where))[0]).toContain(
      'helm upgrade cilium c.tgz --version 1.14.2 --reuse-values --set-string podAnnotations.clustermesh-lab/after-revision=3 ',
    );
    expect(shown(faults.upgrade.undo(where).map(({ command }) => command))[0]).toContain('helm rollback cilium 3 ');
  });
});
