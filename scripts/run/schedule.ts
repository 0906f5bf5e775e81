/** Something to run, after others. */
export interface Task {
  readonly id: string;
  readonly after: readonly string[];
  /** What it holds while it runs; it starts when all of it is free at once. Undefined: nothing. */
  readonly claims?: readonly Claim[];
  /** Part of something that has begun: it starts after a failure elsewhere too, so that what was begun ends. */
  readonly finishes?: boolean;
}

/** A place among those that may do the same at once: one of two image loads, or a region that only one task may change. */
export interface Claim {
  readonly name: string;
  /** How many tasks may hold it at once; the same wherever the name is the same. */
  readonly atOnce: number;
}

export type TaskState = 'waiting' | 'running' | 'done' | 'failed' | 'not-run';

/**
 * Runs tasks in the order of their `after`, side by side where nothing stands between them and their claims are free. After
 * a failure nothing new starts but what finishes something; when `signal` is aborted nothing at all. What runs is awaited,
 * always. Never rejects. Linear in the number of tasks, their `after` and their claims.
 * @param tasks in any order; an `after` that is not among them counts as done
 * @param run rejects where a task fails
 * @returns how each task ended
 */
export async function schedule<T extends Task>(
  tasks: readonly T[],
  run: (task: T) => Promise<void>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, TaskState>> {
  const states = new Map<string, TaskState>(tasks.map(({ id }) => [id, 'waiting']));
  const followers = new Map<string, T[]>(tasks.map(({ id }) => [id, []]));
  const openBefore = new Map<string, number>();
  const held = new Map<string, number>();
  const queues = new Map<string, Set<T>>();
  let running = 0;
  let failed = false;
  let end: () => void;
  const ended = new Promise<void>((resolve) => (end = resolve));

  const busyClaim = ({ claims = [] }: T): Claim | undefined =>
    claims.find(({ name, atOnce }) => (held.get(name) ?? 0) >= atOnce);

  /** Starts a task whose predecessors are done, or lets it queue for the first claim that is not free. */
  const offer = (task: T): void => {
    if (signal.aborted || (failed && task.finishes !== true)) return;
    const busy = busyClaim(task);
    if (busy === undefined) start(task);
    else queues.set(busy.name, (queues.get(busy.name) ?? new Set()).add(task));
  };

  const start = (task: T): void => {
    states.set(task.id, 'running');
    running += 1;
    for (const { name } of task.claims ?? []) held.set(name, (held.get(name) ?? 0) + 1);
    run(task).then(
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
    for (const { name } of task.claims ?? []) held.set(name, (held.get(name) ?? 1) - 1);
    for (const claim of task.claims ?? []) offerQueue(claim);
    if (state === 'done') {
      for (const follower of followers.get(task.id) ?? []) {
        const open = (openBefore.get(follower.id) ?? 1) - 1;
        openBefore.set(follower.id, open);
        if (open === 0) offer(follower);
      }
    }
    if (running === 0) end();
  };

  /** Whoever queues for a claim is offered again, first come first served, until it is taken. */
  const offerQueue = ({ name, atOnce }: Claim): void => {
    const queue = queues.get(name) ?? new Set();
    for (const task of queue) {
      if ((held.get(name) ?? 0) >= atOnce) return;
      queue.delete(task);
      // it may wait for another of its claims now, and queues there
      offer(task);
    }
  };

  for (const task of tasks) {
    const before = task.after.filter((id) => states.has(id));
    openBefore.set(task.id, before.length);
    for (const id of before) followers.get(id)?.push(task);
  }
  for (const task of tasks) if (openBefore.get(task.id) === 0) offer(task);
  if (running > 0) await ended;
  for (const [id, state] of states) if (state === 'waiting') states.set(id, 'not-run');
  return states;
}
