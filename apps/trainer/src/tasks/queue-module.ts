import type { TaskHandler, TaskRunner } from '@impflow/core';
import { FlowError } from '@impflow/core';

/** What this program uses of `@impflow/queue`, which is installed only where it is needed. */
export interface QueueModule {
  queueRunner<Task, Result>(options: { readonly url: string }): Promise<TaskRunner<Task, Result>>;
  startWorker<Task, Result>(options: {
    readonly url: string;
    readonly concurrency?: number;
    readonly handler: TaskHandler<Task, Result>;
    readonly onEvent?: (event: { readonly text: string }) => void;
  }): Promise<{ close(options?: { readonly giveBack?: boolean }): Promise<void> }>;
}

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
