/** How a task is watched and stopped. */
export interface TaskOptions {
  /** Ends the task. */
  readonly signal?: AbortSignal;
  /** Receives how much of the task is done, in a unit of the task, such as rows. Values rise; some may be left out. */
  readonly onProgress?: (done: number) => void;
}

/**
 * Runs tasks somewhere else: in processes of this machine, or through a queue on others. A task is plain JSON. It may be
 * run more than once, after the loss of a process: running it again must give the same result and the same files.
 */
export interface TaskRunner<Task = unknown, Result = unknown> {
  /**
   * Runs a task and returns its result. Tasks of many calls run side by side, as many as there are processes.
   *
   * @throws the error of the task, or the reason of the signal.
   */
  run(task: Task, options?: TaskOptions): Promise<Result>;
  /** Ends what still runs, and releases processes and connections. */
  close(): Promise<void>;
}

/** Computes a task in this process. */
export type TaskHandler<Task = unknown, Result = unknown> = (
  task: Task,
  options: Required<TaskOptions>,
) => Promise<Result>;
