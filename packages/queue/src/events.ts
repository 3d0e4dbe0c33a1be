/** Events of a connection to Redis. */
export type ConnectionEvent =
  /** The connection to Redis is lost. All commands wait until the connection is restored. */
  | { readonly type: 'disconnected' }
  /** The connection to Redis is restored, and all work resumes. This event is not sent for the first connection. */
  | { readonly type: 'connected' }
  /** A warning for the user, in one sentence. An identical warning is sent at most once in ten seconds. */
  | { readonly type: 'warning'; readonly message: string };

/** Events of a worker and of its tasks. `id` is the name of the task, as {@link taskId} returns it. */
export type WorkerEvent<Task = unknown> =
  | ConnectionEvent
  /** The worker has called the handler for a task. */
  | { readonly type: 'started'; readonly id: string; readonly task: Task }
  /** The task is finished, and Redis has stored its result. `ms` is the run time of the task in milliseconds. */
  | { readonly type: 'done'; readonly id: string; readonly task: Task; readonly ms: number }
  /** The handler failed. `retried` is true if the task runs again. */
  | {
      readonly type: 'failed';
      readonly id: string;
      readonly task: Task;
      readonly message: string;
      readonly retried: boolean;
    }
  /**
   * The lock of this worker on the task expired, because the process was suspended or Redis could not be reached. The
   * signal of the handler is aborted, the result of the handler is dropped, and another worker runs the task.
   */
  | { readonly type: 'lost'; readonly id: string; readonly task: Task }
  /**
   * The worker has put the task back into the queue, because the worker stops, or because it wrongly counted the task
   * as lost.
   */
  | { readonly type: 'returned'; readonly id: string; readonly task: Task }
  /**
   * This worker cannot run the task, and leaves it to other workers. `message` is the reason. The event is sent only for
   * the first refusal of the task.
   */
  | { readonly type: 'refused'; readonly id: string; readonly task: Task; readonly message: string }
  /** This worker found a task whose worker is lost, and put the task back into the queue. */
  | { readonly type: 'recovered'; readonly id: string };
