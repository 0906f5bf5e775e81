/** Something to run, after others. */
export interface Task {
  readonly id: string;
  readonly after: readonly string[];
  /** What it holds while it runs; it starts when all of it is free at once. Undefined: nothing. */
  readonly claims?: readonly Claim[];
  /** Part of something that has begun: it starts after a failure elsewhere too, so that what was begun ends. */
  readonly finishes?: boolean;
  /** What it reaches before its end, for those that name this in their `after` and need no more. */
  readonly reaches?: string;
}

/** A place among those that may do the same at once: one of two image loads, or a region that only one task may change. */
export interface Claim {
  readonly name: string;
  /** How many may hold it at once; the same wherever the name is the same. */
  readonly atOnce: number;
  /** Whose tasks share one place. @default - each task has its own */
  readonly holder?: string;
}

export type TaskState = 'waiting' | 'running' | 'done' | 'failed' | 'not-run';

/**
 * Runs tasks in the order of their `after`, side by side where nothing stands between them and their claims are free. After
 * a failure nothing new starts but what finishes something; when `signal` is aborted nothing at all. What runs is awaited,
 * always. Never rejects. Linear in the number of tasks, their `after` and their claims.
 * @param tasks in any order; an `after` that is not among them counts as done
 * @param run rejects where a task fails; may call `reached` once the task has come to what it `reaches`, which its end says too
 * @returns how each task ended
 */
export async function schedule<T extends Task>(
  tasks: readonly T[],
  run: (task: T, reached: () => void) => Promise<void>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, TaskState>> {
  const states = new Map<string, TaskState>(tasks.map(({ id }) => [id, 'waiting']));
  const followers = new Map<string, T[]>(tasks.flatMap(namesOf).map((name) => [name, []]));
  const openBefore = new Map<string, number>();
  const held = new Map<string, Map<string, number>>();
  const queues = new Map<string, Set<T>>();
  const reached = new Set<T>();
  let running = 0;
  let failed = false;
  let end: () => void;
  const ended = new Promise<void>((resolve) => (end = resolve));

  const holdersOf = (name: string): Map<string, number> => {
    const holders = held.get(name) ?? new Map<string, number>();
    held.set(name, holders);
    return holders;
  };

  const isFree = ({ name, atOnce, holder }: Required<Claim>): boolean => {
    const holders = holdersOf(name);
    return holders.size < atOnce || holders.has(holder);
  };

  /** Starts a task whose predecessors are done, or lets it queue for the first claim that is not free. */
  const offer = (task: T): void => {
    if (signal.aborted || (failed && task.finishes !== true)) return;
    const busy = claimsOf(task).find((claim) => !isFree(claim));
    if (busy === undefined) start(task);
    else queues.set(busy.name, (queues.get(busy.name) ?? new Set()).add(task));
  };

  const start = (task: T): void => {
    states.set(task.id, 'running');
    running += 1;
    for (const { name, holder } of claimsOf(task)) {
      const holders = holdersOf(name);
      holders.set(holder, (holders.get(holder) ?? 0) + 1);
    }
    run(task, () => {
      reach(task);
    }).then(
      () => {
        finish(task, 'done');
      },
      () => {
        finish(task, 'failed');
      },
    );
  };

  const finish = (task: T, state: 'done' | 'failed'): void => {
    states.set(task.id, state);
    running -= 1;
    failed ||= state === 'failed';
    for (const { name, holder } of claimsOf(task)) {
      const holders = holdersOf(name);
      const left = (holders.get(holder) ?? 1) - 1;
      if (left === 0) holders.delete(holder);
      else holders.set(holder, left);
    }
    // what goes on comes before what has not begun
    if (state === 'done') {
      reach(task);
      follow(task.id);
    }
    for (const claim of claimsOf(task)) offerQueue(claim);
    if (running === 0) end();
  };

  const reach = (task: T): void => {
    if (task.reaches === undefined || reached.has(task)) return;
    reached.add(task);
    follow(task.reaches);
  };

  /** Those that waited for this, and now for nothing else, are offered. */
  const follow = (name: string): void => {
    for (const follower of followers.get(name) ?? []) {
      const open = (openBefore.get(follower.id) ?? 1) - 1;
      openBefore.set(follower.id, open);
      if (open === 0) offer(follower);
    }
  };

  /** Whoever queues for a claim is offered again, first come first served, until it is taken. */
  const offerQueue = ({ name, atOnce }: Claim): void => {
    const queue = queues.get(name) ?? new Set();
    for (const task of queue) {
      if (holdersOf(name).size >= atOnce) return;
      queue.delete(task);
      // it may wait for another of its claims now, and queues there
      offer(task);
    }
  };

  for (const task of tasks) {
    const before = task.after.filter((name) => followers.has(name));
    openBefore.set(task.id, before.length);
    for (const name of before) followers.get(name)?.push(task);
  }
  // chosen before the first is offered, which may reach something at once
  for (const task of tasks.filter(({ id }) => openBefore.get(id) === 0)) offer(task);
  if (running > 0) await ended;
  for (const [id, state] of states) if (state === 'waiting') states.set(id, 'not-run');
  return states;
}

/** What it holds, each for somebody. */
const claimsOf = ({ id, claims = [] }: Task): Required<Claim>[] => claims.map((claim) => ({ holder: id, ...claim }));

/** What others may wait for: its end, and what it reaches before. */
const namesOf = ({ id, reaches }: Task): string[] => (reaches === undefined ? [id] : [id, reaches]);
