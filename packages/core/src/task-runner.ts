/** Options of a task, to observe its progress and to stop it. */
export interface TaskOptions {
  /** Signal that ends the task. */
  readonly signal?: AbortSignal;
  /**
   * Receives the number of units of the task that are done, for example rows. The values increase; some may be skipped.
   */
  readonly onProgress?: (done: number) => void;
}

/**
 * Runs tasks in other processes on this machine, or on other machines through a queue. A task is plain JSON. If a
 * process dies, its task may be run again. The second run must give the result and the files of the first run.
 */
export interface TaskRunner<Task = unknown, Result = unknown> {
  /**
   * Runs a task and returns its result. Tasks of several calls run in parallel, at most one per process.
   *
   * @throws the error of the task, or the reason of the signal.
   */
  run(task: Task, options?: TaskOptions): Promise<Result>;
  /** Ends the running tasks, and releases processes and connections. */
  close(): Promise<void>;
}

/** Computes a task in this process. */
export type TaskHandler<Task = unknown, Result = unknown> = (
  task: Task,
  options: Required<TaskOptions>,
) => Promise<Result>;
