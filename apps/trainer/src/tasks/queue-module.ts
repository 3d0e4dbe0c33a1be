import type { TaskHandler, TaskRunner } from '@impflow/core';
import { FlowError } from '@impflow/core';
import { note, type OutputOptions } from '../terminal/output.ts';

/** What happens to a worker: `WorkerEvent` of `@impflow/queue`. */
export type WorkerEvent =
  | { readonly type: 'disconnected' | 'connected' }
  | { readonly type: 'warning'; readonly message: string }
  | { readonly type: 'started' | 'lost' | 'returned' | 'recovered'; readonly id: string }
  | { readonly type: 'done'; readonly id: string; readonly ms: number }
  | { readonly type: 'failed'; readonly id: string; readonly message: string; readonly retried: boolean };

/** What this program uses of `@impflow/queue`, which is installed only where it is needed. */
export interface QueueModule {
  queueRunner<Task, Result>(options: {
    readonly url: string;
    readonly onEvent?: (event: Extract<WorkerEvent, { type: 'disconnected' | 'connected' | 'warning' }>) => void;
  }): Promise<TaskRunner<Task, Result>>;
  startWorker<Task, Result>(options: {
    readonly url: string;
    readonly concurrency?: number;
    readonly lockMs?: number;
    readonly handler: TaskHandler<Task, Result>;
    readonly onEvent?: (event: WorkerEvent) => void;
  }): Promise<{ close(options?: { readonly giveBack?: boolean }): Promise<void> }>;
}

/** An event in words; undefined for the usual ones. */
export const eventText = (event: WorkerEvent): string | undefined => {
  switch (event.type) {
    case 'disconnected':
      return 'Redis is away. Waiting for it.';
    case 'connected':
      return 'Redis is back.';
    case 'warning':
      return event.message;
    case 'lost':
      return `Task ${event.id.slice(0, 8)} was given to another worker: this one gave no sign for too long.`;
    case 'recovered':
      return `Task ${event.id.slice(0, 8)} of a worker that is gone is in the queue again.`;
    case 'returned':
      return `Task ${event.id.slice(0, 8)} is given back.`;
    case 'failed':
      return event.message;
    case 'started':
    case 'done':
      return undefined;
  }
};

/** @throws `unsupported` where it is not installed. */
export const queueModule = async (): Promise<QueueModule> => {
  // In a variable, since one machine compiles without it.
  const name = '@impflow/queue';
  try {
    return (await import(name)) as QueueModule;
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new FlowError('unsupported', 'cli', 'No package for a queue', {
      expected: `${name} with its dependencies`,
      got: message.split('\n')[0]!,
      hint: `Run: npm install ${name} (in a clone of impflow: npm run setup:scale).`,
      cause,
    });
  }
};

/** A runner of the tasks of a queue, whose events are told. */
export const queueFor = async <Task, Result>(
  url: string,
  options: OutputOptions,
): Promise<TaskRunner<Task, Result>> => {
  const { queueRunner } = await queueModule();
  return queueRunner({ url, onEvent: (event) => note(options, eventText(event)!) });
};
