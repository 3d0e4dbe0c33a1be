/** A call of `run` that waits for the result of a task. */
export interface Waiter<Result> {
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
  readonly onProgress: ((done: number) => void) | undefined;
}

/** A task for which one or more calls of `run` wait. */
export interface Entry<Task, Result> {
  readonly id: string;
  readonly task: Task;
  readonly waiters: Set<Waiter<Result>>;
  /**
   * Whether Redis has stored the task. If Redis reports a failure before it has stored the task, the failure belongs to
   * an earlier submission.
   */
  submitted: boolean;
  /** Whether all calls of `run` that waited for the task were aborted. */
  abandoned: boolean;
}

/** The tasks for which calls of `run` wait. A task is found by its name. */
export interface Entries<Task, Result> {
  /** Adds a call of `run`. Returns the entry of its task. `isNew` is true if no other call waits for this task. */
  readonly join: (
    id: string,
    task: Task,
    waiter: Waiter<Result>,
  ) => { readonly entry: Entry<Task, Result>; readonly isNew: boolean };
  /** Whether at least one call of `run` still waits for the task. */
  readonly has: (entry: Entry<Task, Result>) => boolean;
  readonly get: (id: string) => Entry<Task, Result> | undefined;
  /** All tasks for which calls wait, in the order of submission. */
  readonly all: () => readonly Entry<Task, Result>[];
  readonly resolve: (entry: Entry<Task, Result>, result: Result) => void;
  readonly reject: (entry: Entry<Task, Result>, error: unknown) => void;
  /** Removes an aborted call of `run`. If no other call waits for the task, the task is marked as abandoned. */
  readonly leave: (entry: Entry<Task, Result>, waiter: Waiter<Result>) => void;
}

export const createEntries = <Task, Result>(): Entries<Task, Result> => {
  const byId = new Map<string, Entry<Task, Result>>();
  const has = (entry: Entry<Task, Result>): boolean => byId.get(entry.id) === entry;
  const settle = (entry: Entry<Task, Result>, end: (waiter: Waiter<Result>) => void): void => {
    if (!has(entry)) return;
    byId.delete(entry.id);
    for (const waiter of entry.waiters) end(waiter);
  };
  return {
    join: (id, task, waiter) => {
      const known = byId.get(id);
      if (known !== undefined) {
        known.waiters.add(waiter);
        return { entry: known, isNew: false };
      }
      const entry = { id, task, waiters: new Set([waiter]), submitted: false, abandoned: false };
      byId.set(id, entry);
      return { entry, isNew: true };
    },
    has,
    get: (id) => byId.get(id),
    all: () => [...byId.values()],
    resolve: (entry, result) => settle(entry, (waiter) => waiter.resolve(result)),
    reject: (entry, error) => settle(entry, (waiter) => waiter.reject(error)),
    leave: (entry, waiter) => {
      entry.waiters.delete(waiter);
      if (entry.waiters.size > 0 || !has(entry)) return;
      byId.delete(entry.id);
      entry.abandoned = true;
    },
  };
};
