import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { schedule, type Task } from '../../../scripts/run/schedule.ts';

const never = new AbortController().signal;

/** Runs tasks that take one short turn each and keeps what happened, as `+id` and `-id`. */
async function play(tasks: readonly Task[], signal = never, act: (id: string) => void = () => undefined) {
  const events: string[] = [];
  const states = await schedule(
    tasks,
    async ({ id }) => {
      events.push(`+${id}`);
      await sleep(1);
      act(id);
      events.push(`-${id}`);
    },
    signal,
  );
  return { events, states: Object.fromEntries(states) };
}

const fail = (bad: string) => (id: string) => {
  if (id === bad) throw new Error(`${id} failed`);
};

describe('the order of tasks', () => {
  it('GIVEN a chain, told backwards WHEN run THEN each after the one before', async () => {
    const tasks = [
      { id: 'pool', after: ['cilium'] },
      { id: 'cilium', after: ['cluster'] },
      { id: 'cluster', after: [] },
    ];

    expect((await play(tasks)).events).toEqual(['+cluster', '-cluster', '+cilium', '-cilium', '+pool', '-pool']);
  });

  it('GIVEN two regions WHEN run THEN they advance side by side, and the lab step waits for both', async () => {
    const tasks = [
      { id: 'athens', after: [] },
      { id: 'hurup', after: [] },
      { id: 'connect', after: ['athens', 'hurup'] },
    ];

    const { events } = await play(tasks);

    expect(events.slice(0, 2)).toEqual(['+athens', '+hurup']);
    expect(events.slice(4)).toEqual(['+connect', '-connect']);
  });

  it('GIVEN a predecessor that is not among the tasks WHEN run THEN it counts as done', async () => {
    expect((await play([{ id: 'load', after: ['cluster'] }])).states).toEqual({ load: 'done' });
  });

  it('GIVEN nothing to run WHEN run THEN nothing happens', async () => {
    expect(await play([])).toEqual({ events: [], states: {} });
  });

  it('GIVEN two tasks that wait for each other WHEN run THEN it ends, and neither ran', async () => {
    const tasks = [
      { id: 'a', after: ['b'] },
      { id: 'b', after: ['a'] },
    ];

    expect((await play(tasks)).states).toEqual({ a: 'not-run', b: 'not-run' });
  });
});

describe('what is reached before the end', () => {
  const never = new AbortController().signal;
  const claims = [{ name: 'region', atOnce: 1, holder: 'athens' }];
  const kind = { id: 'cluster', reaches: 'cluster: the API server', claims };

  /** `cluster` reaches its API server, and ends when `joined` is called; the others end at once. */
  async function playEarly(tasks: readonly Task[], { reaches, fails = false }: { reaches: boolean; fails?: boolean }) {
    const events: string[] = [];
    let joined: () => void = () => undefined;
    const nodes = new Promise<void>((resolve) => (joined = resolve));
    const ended = schedule(
      tasks,
      async ({ id }, reached) => {
        events.push(`+${id}`);
        if (id === 'cluster') {
          if (reaches) reached();
          if (reaches) reached();
          await nodes;
          if (fails) throw new Error('no worker joined');
        }
        events.push(`-${id}`);
      },
      never,
    );
    await sleep(5);
    const before = [...events];
    joined();
    const states = Object.fromEntries(await ended);
    return { before, events, states };
  }

  const tasks: readonly Task[] = [
    { ...kind, after: [] },
    { id: 'cilium', after: ['cluster: the API server'], claims },
    { id: 'pool', after: ['cilium', 'cluster'] },
  ];

  it('WHEN it is there THEN those that need no more go on, in its place, AND the others wait for the end', async () => {
    const { before, events } = await playEarly(tasks, { reaches: true });

    expect(before).toEqual(['+cluster', '+cilium', '-cilium']);
    expect(events).toEqual(['+cluster', '+cilium', '-cilium', '-cluster', '+pool', '-pool']);
  });

  it('GIVEN another region that waits for the place WHEN it is there THEN the first one goes on alone until its work has ended', async () => {
    const other = {
      id: 'other cluster',
      after: [],
      claims: [{ ...claims[0], name: 'region', atOnce: 1, holder: 'hurup' }],
    };
    const { before, events } = await playEarly([...tasks, other], { reaches: true });

    expect(before).toEqual(['+cluster', '+cilium', '-cilium']);
    expect(events.slice(3)).toEqual(['-cluster', '+pool', '-pool', '+other cluster', '-other cluster']);
  });

  it('GIVEN a place that each task has for itself WHEN it is there THEN what claims it waits', async () => {
    const [cluster, ...others] = tasks.map(({ claims: _, ...task }) => ({
      ...task,
      claims: [{ name: 'region', atOnce: 1 }],
    }));
    const { before } = await playEarly([{ ...cluster, id: 'cluster', after: [], reaches: kind.reaches }, ...others], {
      reaches: true,
    });

    expect(before).toEqual(['+cluster']);
  });

  it('GIVEN that nobody says so WHEN it ends THEN they go on', async () => {
    const { before, events } = await playEarly(tasks, { reaches: false });

    expect(before).toEqual(['+cluster']);
    expect(events).toEqual(['+cluster', '-cluster', '+cilium', '-cilium', '+pool', '-pool']);
  });

  it('WHEN it fails afterwards THEN what has begun ends, and nothing new starts', async () => {
    const { states } = await playEarly(tasks, { reaches: true, fails: true });

    expect(states).toEqual({ cluster: 'failed', cilium: 'done', pool: 'not-run' });
  });
});

describe('limits', () => {
  it('GIVEN five tasks, two at once WHEN run THEN never a third, and another kind is not held up', async () => {
    const loads = [1, 2, 3, 4, 5].map((n) => ({ id: `load${n}`, after: [], claims: [{ name: 'load', atOnce: 2 }] }));
    const other = { id: 'cluster', after: [], claims: [{ name: 'regions', atOnce: 1 }] };

    const { events, states } = await play([...loads, other]);

    expect(events.slice(0, 3)).toEqual(['+load1', '+load2', '+cluster']);
    expect(most(events.filter((event) => event.includes('load')))).toBe(2);
    expect(new Set(Object.values(states))).toEqual(new Set(['done']));
  });
});

describe('claims', () => {
  /** Every pair of so many regions, each pair claiming both. */
  const pairs = (count: number): Task[] =>
    Array.from({ length: count }, (_, one) =>
      Array.from({ length: count - one - 1 }, (_, index) => ({
        id: `${one}-${one + index + 1}`,
        after: [],
        claims: [one, one + index + 1].map((region) => ({ name: `region ${region}`, atOnce: 1 })),
      })),
    ).flat();

  it('GIVEN every pair of eight regions WHEN run THEN no region is in two at once, and four pairs run at once', async () => {
    const { events, states } = await play(pairs(8));

    expect(new Set(Object.values(states))).toEqual(new Set(['done']));
    for (let region = 0; region < 8; region++)
      expect(most(events.filter((event) => event.slice(1).split('-').includes(String(region))))).toBe(1);
    expect(most(events)).toBe(4);
  });

  it('GIVEN a task that waits for two claims WHEN one is free THEN it holds neither, and others take it', async () => {
    const tasks: Task[] = [
      { id: 'a', after: [], claims: [{ name: 'x', atOnce: 1 }] },
      { id: 'both', after: [], claims: ['x', 'y'].map((name) => ({ name, atOnce: 1 })) },
      { id: 'b', after: [], claims: [{ name: 'y', atOnce: 1 }] },
    ];

    expect((await play(tasks)).events).toEqual(['+a', '+b', '-a', '-b', '+both', '-both']);
  });

  it('GIVEN more waiters than places WHEN a place is free THEN first come, first served', async () => {
    const tasks = ['a', 'b', 'c'].map((id) => ({ id, after: [], claims: [{ name: 'one', atOnce: 1 }] }));

    expect((await play(tasks)).events).toEqual(['+a', '-a', '+b', '-b', '+c', '-c']);
  });
});

describe('many tasks', () => {
  it('GIVEN as many as 511 regions have WHEN none has work THEN they take less than a second', async () => {
    const regions = Array.from({ length: 511 }, (_, index) => `region-${index}`);
    const tasks: Task[] = ['cluster', 'load', 'cilium', 'metallb', 'pool', 'ready', 'enable'].flatMap(
      (step, at, steps) =>
        regions.map((region) => ({
          id: `${region}/${step}`,
          after: at === 0 ? [] : [`${region}/${steps[at - 1] ?? ''}`],
          claims: [{ name: 'region', atOnce: 2 }],
        })),
    );
    const last = { id: 'connect', after: regions.map((region) => `${region}/enable`) };
    const start = process.cpuUsage();

    const states = await schedule([...tasks, last], () => Promise.resolve(), never);

    expect(secondsOfCpu(start)).toBeLessThan(1);
    expect(states.get('connect')).toBe('done');
  });
});

describe('failures and stops', () => {
  const tasks = [
    { id: 'athens', after: [] },
    { id: 'hurup', after: [] },
    { id: 'athens2', after: ['athens'] },
    { id: 'hurup2', after: ['hurup'] },
  ];

  it('GIVEN a task that fails WHEN another runs THEN that one ends well, and nothing new starts', async () => {
    const { events, states } = await play(tasks, never, fail('athens'));

    expect(states).toEqual({ athens: 'failed', hurup: 'done', athens2: 'not-run', hurup2: 'not-run' });
    expect(events).toEqual(['+athens', '+hurup', '-hurup']);
  });

  it('GIVEN a task that fails WHEN another has begun something THEN what finishes it runs too, and nothing after it', async () => {
    const begun = [
      { id: 'athens', after: [] },
      { id: 'hurup', after: [] },
      { id: 'hurup wait', after: ['hurup'], finishes: true },
      { id: 'athens wait', after: ['athens'], finishes: true },
      { id: 'next', after: ['hurup wait'] },
    ];

    const { states } = await play(begun, never, fail('athens'));

    expect(states).toEqual({
      athens: 'failed',
      hurup: 'done',
      'hurup wait': 'done',
      'athens wait': 'not-run',
      next: 'not-run',
    });
  });

  it('GIVEN a stop WHEN tasks run THEN they end, and nothing new starts', async () => {
    const controller = new AbortController();

    const { states } = await play(tasks, controller.signal, () => {
      controller.abort();
    });

    expect(states).toEqual({ athens: 'done', hurup: 'done', athens2: 'not-run', hurup2: 'not-run' });
  });

  it('GIVEN a stop before the start WHEN run THEN no task runs', async () => {
    expect((await play(tasks, AbortSignal.abort())).events).toEqual([]);
  });
});

describe('any acyclic graph', () => {
  /** Tasks 0…n, each after some earlier ones, in any order, some under a limit of two. */
  const graph = fc
    .array(fc.record({ after: fc.array(fc.nat(20)), limited: fc.boolean() }), { maxLength: 9 })
    .chain((nodes) => {
      const tasks = nodes.map(({ after, limited }, index): Task => ({
        id: `t${index}`,
        after: after.filter((before) => before < index).map((before) => `t${before}`),
        ...(limited ? { claims: [{ name: 'two', atOnce: 2 }] } : {}),
      }));
      return fc.shuffledSubarray(tasks, { minLength: tasks.length });
    });

  it('GIVEN it WHEN run THEN every task is done, after its predecessors, within its limit', async () => {
    await fc.assert(
      fc.asyncProperty(graph, async (tasks) => {
        const { events, states } = await play(tasks);

        expect(states).toEqual(Object.fromEntries(tasks.map(({ id }) => [id, 'done'])));
        for (const { id, after } of tasks) {
          for (const before of after) expect(events.indexOf(`-${before}`)).toBeLessThan(events.indexOf(`+${id}`));
        }
        const limited = new Set(tasks.filter(({ claims }) => claims !== undefined).map(({ id }) => id));
        expect(most(events.filter((event) => limited.has(event.slice(1))))).toBeLessThanOrEqual(2);
      }),
      { numRuns: 50 },
    );
  });

  it('GIVEN it and a task that fails WHEN run THEN nothing that comes after it ran', async () => {
    await fc.assert(
      fc.asyncProperty(graph, async (tasks) => {
        const { events, states } = await play(tasks, never, fail('t0'));

        const later = tasks.filter(({ after }) => after.includes('t0'));
        for (const { id } of later) expect(states[id]).toBe('not-run');
        for (const [id, state] of Object.entries(states)) expect(events.includes(`+${id}`)).toBe(state !== 'not-run');
      }),
      { numRuns: 50 },
    );
  });
});

/** Most tasks that ran at once. */
function most(events: readonly string[]): number {
  let [running, highest] = [0, 0];
  for (const event of events) {
    running += event.startsWith('+') ? 1 : -1;
    highest = Math.max(highest, running);
  }
  return highest;
}

/** CPU time: the same on a busy machine. */
function secondsOfCpu(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1_000_000;
}
