/** Events of a connection. */
export type ConnectionEvent =
  /** Redis is gone. Everything waits for it. */
  | { readonly type: 'disconnected' }
  /** Redis is back. All work resumes. Not sent for the first connection. */
  | { readonly type: 'connected' }
  /** A remark for the user, in one sentence. The same sentence is sent at most once in ten seconds. */
  | { readonly type: 'warning'; readonly message: string };

/** Events of a worker and its tasks. `id` is the result of {@link taskId}. */
export type WorkerEvent<Task = unknown> =
  | ConnectionEvent
  /** The handler was called. */
  | { readonly type: 'started'; readonly id: string; readonly task: Task }
  /** Redis has the result. `ms`: time since the start. */
  | { readonly type: 'done'; readonly id: string; readonly task: Task; readonly ms: number }
  /** The handler failed. `retried`: the task goes back to the queue. */
  | {
      readonly type: 'failed';
      readonly id: string;
      readonly task: Task;
      readonly message: string;
      readonly retried: boolean;
    }
  /**
   * This worker no longer owns the task, because its lock expired: the process was suspended, or Redis was away. The
   * signal of the handler is aborted, and its result is dropped. Another worker runs the task.
   */
  | { readonly type: 'lost'; readonly id: string; readonly task: Task }
  /** The task is in the queue again, because the worker stops, or because the task seemed to be lost but was not. */
  | { readonly type: 'returned'; readonly id: string; readonly task: Task }
  /** This worker found the task of another worker that is gone, and put it back into the queue. */
  | { readonly type: 'recovered'; readonly id: string };
