import { FlowError, type TaskHandler, type TaskRunner } from '@impflow/core';

/** An event of a worker of a queue: `WorkerEvent` of `@impflow/queue`. */
export type QueueEvent =
  | { readonly type: 'disconnected' | 'connected' }
  | { readonly type: 'warning'; readonly message: string }
  | { readonly type: 'refused'; readonly id: string; readonly message: string }
  | { readonly type: 'started' | 'lost' | 'returned' | 'recovered'; readonly id: string }
  | { readonly type: 'done'; readonly id: string; readonly ms: number }
  | { readonly type: 'failed'; readonly id: string; readonly message: string; readonly retried: boolean };

/** The functions of `@impflow/queue` that this package uses. */
export interface Queue {
  /** Makes a runner whose tasks run on the workers of a queue. */
  queueRunner<Task, Result>(options: {
    readonly url: string;
    readonly onEvent?: (event: Extract<QueueEvent, { type: 'disconnected' | 'connected' | 'warning' }>) => void;
  }): Promise<TaskRunner<Task, Result>>;
  /** Starts a worker, which takes tasks from a queue. */
  startWorker<Task, Result>(options: {
    readonly url: string;
    readonly concurrency?: number;
    readonly lockMs?: number;
    readonly handler: TaskHandler<Task, Result>;
    readonly refuses?: (task: Task) => Promise<string | undefined>;
    readonly onEvent?: (event: QueueEvent) => void;
  }): Promise<{ close(options?: { readonly giveBack?: boolean }): Promise<void> }>;
}

/**
 * Loads `@impflow/queue`, an optional package. The runner of a queue can be used in place of `taskPool`.
 *
 * @throws `unsupported` if the package is not installed.
 */
export const loadQueue = async (): Promise<Queue> => {
  // The name of the package is in a variable, so that this file compiles without the package.
  const name = '@impflow/queue';
  try {
    return (await import(name)) as Queue;
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new FlowError('unsupported', 'jobs/loadQueue', 'The optional package for queues is not installed', {
      expected: `${name} with its dependencies`,
      got: message.split('\n')[0]!,
      hint: `Run: npm install ${name} (in a clone of impflow: npm run setup).`,
      cause,
    });
  }
};
