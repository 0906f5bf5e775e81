import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exitCode, UserError } from '../../../scripts/events/errors.ts';
import { clusterLock, type Holder, isProvedGone, labLock, takeLock } from '../../../scripts/run/lock.ts';
import type { Command } from '../../../scripts/tools/command.ts';
import { CommandError, type Outcome } from '../../../scripts/tools/command-error.ts';
import type { ProcessIdentity } from '../../../scripts/tools/process-start.ts';
import { outcomeOf } from '../outcome.ts';

const machine = { host: 'mars', id: 'c0de', processes: 'pid:[1]' };
const holder = (pid: number, changes: Partial<Holder> = {}): Holder => ({
  command: 'deploy',
  folder: '/home/anna/lab',
  user: 'anna',
  machine,
  pid,
  process: { pid, start: '4711', boot: 'b007' },
  since: '2026-11-24T21:30:05.000Z',
  ...changes,
});

/** Volumes as Docker keeps them: the first labels of a name stay, and `rm` goes from name to name. */
class Volumes {
  readonly labels = new Map<string, Record<string, string>>();

  attempt = (command: Command): Promise<Outcome> => Promise.resolve(this.run(command));

  run(command: Command, most = Infinity): Outcome {
    const [, verb, ...args] = command.args;
    const answer = outcomeOf(command);
    if (verb === 'create') {
      const [, label = '', name = ''] = args;
      const [key = '', ...value] = label.split('=');
      if (!this.labels.has(name)) this.labels.set(name, { [key]: value.join('=') });
      return answer;
    }
    if (verb === 'rm') {
      for (const name of args.slice(0, most)) this.labels.delete(name);
      return answer;
    }
    const found = args.filter((name) => this.labels.has(name));
    const stdout = JSON.stringify(found.map((Name) => ({ Name, Labels: this.labels.get(Name) })));
    if (found.length === args.length) return { ...answer, stdout };
    return { ...answer, exitCode: 1, stdout, stderr: 'Error response from daemon: get x: no such volume\n' };
  }
}

const allRun = (): 'running' => 'running';
const allGone = (): 'gone' => 'gone';
const first = 'clustermesh-lab-lock-lab';
const heldBy =
  'another run works on this lab: deploy in /home/anna/lab, process 1 of anna on mars, since 2026-11-24T21:30:05.000Z';

const refused = (cause: string, remedy: string): UserError =>
  new UserError(`${cause}\n  ${remedy}`, exitCode.failed, [{ cause, remedy }]);

describe('the lock of a lab', () => {
  it('GIVEN nobody WHEN it is taken and let go THEN a volume stands for it meanwhile', async () => {
    const volumes = new Volumes();
    const lock = await takeLock(volumes.attempt, labLock('lab'), holder(1), allRun);

    expect([...volumes.labels.keys()]).toEqual([first]);
    await lock.verify();
    await lock.release();
    expect(volumes.labels.size).toBe(0);
  });

  it('GIVEN a run of this machine WHEN another starts THEN it is named, and how to stop it', async () => {
    const volumes = new Volumes();
    await takeLock(volumes.attempt, labLock('lab'), holder(1), allRun);

    await expect(takeLock(volumes.attempt, labLock('lab'), holder(2), allRun)).rejects.toEqual(
      refused(heldBy, 'wait for it, or stop it: kill 1'),
    );
    await expect(takeLock(volumes.attempt, labLock('other'), holder(2), allRun)).resolves.toBeDefined();
    // a cluster may be called as the lab's network is
    await takeLock(volumes.attempt, clusterLock('lab'), holder(1), allRun);
    await expect(takeLock(volumes.attempt, clusterLock('lab'), holder(2), allRun)).rejects.toThrow(
      'another run works on a kind cluster lab: deploy in',
    );
  });

  it.each<{ where: string; changes: Partial<Holder> }>([
    { where: 'another machine', changes: { machine: { ...machine, host: 'mars', id: 'beef' } } },
    { where: 'a container of this machine', changes: { machine: { ...machine, processes: 'pid:[2]' } } },
    { where: 'a system that tells no processes apart', changes: { process: undefined } },
  ])(
    'GIVEN a run of $where, whatever may have become of it WHEN another starts THEN only a person may remove the lock',
    async ({ changes }) => {
      const volumes = new Volumes();
      await takeLock(volumes.attempt, labLock('lab'), holder(1, changes), allRun);

      await expect(takeLock(volumes.attempt, labLock('lab'), holder(2), allGone)).rejects.toEqual(
        refused(heldBy, `wait for it; where it is gone for certain: docker volume rm ${first}`),
      );
    },
  );

  it('GIVEN a run whose process is gone WHEN the next starts THEN it has the lock, and nothing is left after it', async () => {
    const volumes = new Volumes();
    await takeLock(volumes.attempt, labLock('lab'), holder(1), allRun);
    const goneUntil = (pid: number) => (process: ProcessIdentity) => (process.pid < pid ? 'gone' : 'running');

    await takeLock(volumes.attempt, labLock('lab'), holder(2), goneUntil(2));
    const third = await takeLock(volumes.attempt, labLock('lab'), holder(3), goneUntil(3));
    await expect(takeLock(volumes.attempt, labLock('lab'), holder(4), goneUntil(3))).rejects.toThrow(
      'process 3 of anna',
    );
    await third.release();
    expect(volumes.labels.size).toBe(0);
  });

  it('GIVEN a lock that was removed behind its back WHEN it is asked THEN it says so, and lets go of nobody elses', async () => {
    const volumes = new Volumes();
    const lock = await takeLock(volumes.attempt, labLock('lab'), holder(1), allRun);
    volumes.labels.clear();
    await takeLock(volumes.attempt, labLock('lab'), holder(2), allRun);

    await expect(lock.verify()).rejects.toEqual(
      new UserError(
        'the lock of this run is gone from Docker (docker volume prune takes it too); nothing was changed: run this again',
        exitCode.failed,
      ),
    );
    await lock.release();
    expect([...volumes.labels.keys()]).toEqual([first]);
  });

  const ticket = { ...holder(1), token: 'x' };
  it.each<{ given: string; labels: Record<string, string> }>([
    { given: 'that is no lock', labels: {} },
    ...[
      { given: 'on no machine', odd: { ...ticket, machine: null } },
      { given: 'of no process', odd: { ...ticket, process: null } },
      { given: 'of no command', odd: { token: 'x', machine } },
    ].map(({ given, odd }) => ({ given, labels: { 'clustermesh-lab.lock': JSON.stringify(odd) } })),
  ])(
    'GIVEN a volume of that name $given WHEN a run starts THEN it is refused, with the command',
    async ({ labels }) => {
      const volumes = new Volumes();
      volumes.labels.set(first, labels);

      await expect(takeLock(volumes.attempt, labLock('lab'), holder(1), allGone)).rejects.toEqual(
        refused(
          `the docker volume ${first} is the place of the lock on this lab, and names no run that holds it`,
          `to remove it: docker volume rm ${first}`,
        ),
      );
    },
  );

  it('GIVEN a Docker that does not answer WHEN a run starts THEN that is the failure', async () => {
    const stderr = 'Cannot connect to the Docker daemon';
    const down = (command: Command): Promise<Outcome> => Promise.resolve(outcomeOf(command, { exitCode: 1, stderr }));

    await expect(takeLock(down, labLock('lab'), holder(1), allRun)).rejects.toBeInstanceOf(CommandError);
  });

  it('GIVEN a Docker that prints something else WHEN a run starts THEN that is said, and no other run is blamed', async () => {
    const odd = (command: Command): Promise<Outcome> => Promise.resolve(outcomeOf(command, { stdout: 'WARNING: x' }));

    await expect(takeLock(odd, labLock('lab'), holder(1), allRun)).rejects.toEqual(
      new UserError(
        `docker volume inspect ${first} exited with 0 and printed something else than was asked for. Look at what it prints by hand.`,
        exitCode.failed,
      ),
    );
  });
});

describe('a process that is proved to be gone', () => {
  it.each<{ given: string; changes: Partial<Holder>; state: 'running' | 'gone' | 'unknown'; gone: boolean }>([
    { given: 'one of this machine that is gone', changes: {}, state: 'gone', gone: true },
    { given: 'one that runs', changes: {}, state: 'running', gone: false },
    { given: 'one of which the system does not tell', changes: {}, state: 'unknown', gone: false },
    {
      given: 'a host of another name',
      changes: { machine: { ...machine, host: 'venus' } },
      state: 'gone',
      gone: false,
    },
    { given: 'a host of the same name', changes: { machine: { ...machine, id: 'beef' } }, state: 'gone', gone: false },
    { given: 'a container', changes: { machine: { ...machine, processes: undefined } }, state: 'gone', gone: false },
    { given: 'none on record', changes: { process: undefined }, state: 'gone', gone: false },
  ])('GIVEN $given WHEN asked THEN $gone', ({ changes, state, gone }) => {
    expect(isProvedGone(holder(1, changes), machine, () => state)).toBe(gone);
  });
});

/** How a run ends: well, or killed while it works or in the middle of letting go. */
type End = 'well' | 'killed' | 'killed letting go';

it('LAW: whoever starts and dies when, in whatever order Docker answers, no two living runs have the lock; and it is free again', async () => {
  const ends = fc.array(fc.constantFrom<End>('well', 'killed', 'killed letting go'), { minLength: 2, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), ends, fc.boolean(), async (scheduler, runs, stale) => {
      const volumes = new Volumes();
      const dead = new Set<number>([0]);
      const state = ({ pid }: ProcessIdentity): 'gone' | 'running' => (dead.has(pid) ? 'gone' : 'running');
      if (stale) await takeLock(volumes.attempt, labLock('lab'), holder(0), state);
      const working = new Set<number>();
      let most = 0;
      const run = async (end: End, pid: number): Promise<void> => {
        let removals = Infinity;
        const attempt = (command: Command): Promise<Outcome> =>
          scheduler.schedule(Promise.resolve(), command.args.join(' ')).then(() => volumes.run(command, removals));
        try {
          const lock = await takeLock(attempt, labLock('lab'), holder(pid), state);
          working.add(pid);
          most = Math.max(most, working.size);
          await scheduler.schedule(Promise.resolve(), 'works');
          working.delete(pid);
          if (end === 'killed letting go') removals = 1;
          if (end !== 'killed') await lock.release();
        } catch (error) {
          if (!(error instanceof UserError)) throw error;
        }
        if (end !== 'well') dead.add(pid);
      };
      const all = runs.map((end, index) => run(end, index + 1));
      await scheduler.waitFor(Promise.all(all));

      expect(most).toBe(1);
      await expect(takeLock(volumes.attempt, labLock('lab'), holder(99), state)).resolves.toBeDefined();
    }),
    { numRuns: 300 },
  );
});
