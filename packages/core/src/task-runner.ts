/** How a task is watched and stopped. */
export interface TaskOptions {
  /** Ends the task. */
  readonly signal?: AbortSignal;
  /**
   * Receives how much of the task is done, in a unit of the task, such as rows. The values increase; some may be
   * skipped.
   */
  readonly onProgress?: (done: number) => void;
}

/**
 * Runs tasks elsewhere: in processes of this machine, or on other machines through a queue. A task is plain JSON. After
 * the loss of a process a task may be run again, which must give the same result and the same files.
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
