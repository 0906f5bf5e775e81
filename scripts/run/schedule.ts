/** Something to run, after others. */
export interface Task {
  readonly id: string;
  readonly after: readonly string[];
  /** Tasks of one kind that must not all run at once; undefined: without limit. */
  readonly limit?: { readonly name: string; readonly atOnce: number };
}

export type TaskState = 'waiting' | 'running' | 'done' | 'failed' | 'not-run';

/**
 * Runs tasks in the order of their `after`, side by side where nothing stands between them. After a failure, or when
 * `signal` is aborted, nothing new starts; what runs may finish. Never rejects.
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
  const running = new Set<Promise<void>>();
  const isStopped = (): boolean => signal.aborted || [...states.values()].includes('failed');
  const hasRoom = ({ limit }: T): boolean =>
    limit === undefined ||
    tasks.filter((task) => states.get(task.id) === 'running' && task.limit?.name === limit.name).length < limit.atOnce;

  const start = (task: T): void => {
    states.set(task.id, 'running');
    const running_ = run(task)
      .then(
        () => states.set(task.id, 'done'),
        () => states.set(task.id, 'failed'),
      )
      .then(() => {
        running.delete(running_);
      });
    running.add(running_);
  };

  for (;;) {
    for (const task of tasks) {
      const free = task.after.every((id) => (states.get(id) ?? 'done') === 'done');
      if (states.get(task.id) === 'waiting' && free && hasRoom(task) && !isStopped()) start(task);
    }
    if (running.size === 0) break;
    await Promise.race(running);
  }
  for (const [id, state] of states) if (state === 'waiting') states.set(id, 'not-run');
  return states;
}
