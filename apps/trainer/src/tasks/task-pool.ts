import type { TaskRunner } from '@impflow/core';
import { FlowError, isFlowError } from '@impflow/core';
import type { PoolSettings } from './process-messages.ts';
import { taskProcess, type TaskProcess } from './task-process-handle.ts';
import type { PartTask, ScoredPart, WrittenPart } from './task.ts';

/** Options of {@link taskPool}. */
export interface PoolOptions extends PoolSettings {
  /** Number of processes. */
  readonly processes: number;
}

/** How often a task is begun whose process ends, such as by a lack of memory. */
const TRIES = 3;

interface Waiting {
  readonly start: (process: TaskProcess) => Promise<void>;
}

/**
 * Runs tasks in processes of this machine, one task per process at a time. A process starts with its first task and
 * keeps the model of its last one. A task whose process ends is begun again, three times in all.
 */
export const taskPool = ({ processes, ...settings }: PoolOptions): TaskRunner<PartTask, ScoredPart | WrittenPart> => {
  const all = Array.from({ length: processes }, () => taskProcess(settings));
  const free = [...all];
  const waiting: Waiting[] = [];
  const next = (): void => {
    while (free.length > 0 && waiting.length > 0) {
      const process = free.pop()!;
      void waiting
        .shift()!
        .start(process)
        .finally(() => {
          free.push(process);
          next();
        });
    }
  };
  return Object.freeze<TaskRunner<PartTask, ScoredPart | WrittenPart>>({
    run: (task, { signal, onProgress = () => {} } = {}) =>
      new Promise((resolve, reject) => {
        let done = false;
        const settle = <T>(how: (value: T) => void) => {
          return (value: T): void => {
            done = true;
            how(value);
          };
        };
        signal?.addEventListener('abort', () => settle(reject)(signal.reason), { once: true });
        if (signal?.aborted === true) return settle(reject)(signal.reason);
        waiting.push({
          // A task that was aborted while it waited needs no process.
          start: async (process) => {
            if (!done) await again(process, task, { signal, onProgress }).then(settle(resolve), settle(reject));
          },
        });
        next();
      }),
    close: async () => {
      waiting.length = 0;
      await Promise.all(all.map((process) => process.end()));
    },
  });
};

const again = async (
  process: TaskProcess,
  task: PartTask,
  options: { readonly signal: AbortSignal | undefined; readonly onProgress: (done: number) => void },
): Promise<ScoredPart | WrittenPart> => {
  for (let tries = 1; ; tries++) {
    try {
      return await process.ask(task, options);
    } catch (error) {
      if (!isFlowError(error, 'worker') || options.signal?.aborted === true) throw error;
      if (tries < TRIES) continue;
      throw new FlowError('worker', 'cli', `The process of a task ended ${TRIES} times: ${task.out}`, {
        expected: 'a file',
        ...(error.got === undefined ? {} : { got: error.got }),
        hint: 'If memory is short, lower --workers or --part-rows.',
        cause: error,
      });
    }
  }
};
