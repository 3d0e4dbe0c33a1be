import { availableParallelism } from 'node:os';
import { FlowError, type TaskOptions } from '@impflow/core';
import type { ProgramModule } from '../program/program.ts';
import type { ResultOf, Task } from '../tasks/task.ts';
import { taskProcess, type TaskProcess } from './task-process-handle.ts';

/** Options of {@link taskPool}. */
export interface TaskPoolOptions {
  /** Number of processes. Default: one for each core. */
  readonly processes?: number;
  /** Module of the program that the processes run. Default: the methods and the backend of `impflow`. */
  readonly program?: ProgramModule;
}

/** A `TaskRunner` whose processes run on this machine. It runs every kind of task. */
export interface TaskPool {
  /** Runs a task as soon as a process is free. */
  run<T extends Task>(task: T, options?: TaskOptions): Promise<ResultOf<T>>;
  /** Ends the running tasks and the processes. */
  close(): Promise<void>;
}

/**
 * Number of times that the process of a task may end unexpectedly (for example because of a lack of memory) before the
 * task fails. The count starts again at zero when the task makes progress.
 */
const MOST_DEATHS = 3;

/**
 * Runs tasks in processes of this machine, one task per process at a time (Node). A process starts when it gets its
 * first task, and keeps the model of its last task in memory. If the process of a task ends, the task starts again in a
 * new process. A training continues from its checkpoint instead, and gives the same bits.
 *
 * @remarks `run` throws the error of the task, an error `worker` if the process ends three times without further
 * progress, and the reason of the abort signal. A training that is aborted is saved first, within ten seconds.
 */
export const taskPool = ({ processes = availableParallelism(), program }: TaskPoolOptions = {}): TaskPool => {
  const all = Array.from({ length: processes }, () => taskProcess(program));
  const free = [...all];
  const waiting: ((process: TaskProcess) => void)[] = [];
  const closing = new AbortController();
  const take = (signal: AbortSignal): Promise<TaskProcess> =>
    new Promise((resolve, reject) => {
      const first = free.pop();
      if (first !== undefined) return resolve(first);
      const leave = (): void => {
        waiting.splice(waiting.indexOf(receive), 1);
        reject(signal.reason as Error);
      };
      const receive = (process: TaskProcess): void => {
        signal.removeEventListener('abort', leave);
        resolve(process);
      };
      waiting.push(receive);
      signal.addEventListener('abort', leave, { once: true });
    });
  const giveBack = (process: TaskProcess): void => {
    const next = waiting.shift();
    if (next === undefined) free.push(process);
    else next(process);
  };
  return Object.freeze<TaskPool>({
    run: async <T extends Task>(task: T, { signal: own, onProgress = () => {} }: TaskOptions = {}) => {
      const signal = own === undefined ? closing.signal : AbortSignal.any([own, closing.signal]);
      signal.throwIfAborted();
      const process = await take(signal);
      try {
        return (await answerOf(process, task, { signal, onProgress })) as ResultOf<T>;
      } finally {
        giveBack(process);
      }
    },
    close: async () => {
      closing.abort(new FlowError('worker', 'jobs/taskPool', 'The pool is closed'));
      await Promise.all(all.map((process) => process.end()));
    },
  });
};

const answerOf = async (
  process: TaskProcess,
  task: Task,
  { signal, onProgress }: Required<TaskOptions>,
): Promise<ResultOf<Task>> => {
  let [most, deaths] = [0, 0];
  const onFurther = (done: number): void => {
    // A task that starts again reports the same progress a second time. Repeated progress is ignored.
    if (done <= most) return;
    [most, deaths] = [done, 0];
    onProgress(done);
  };
  for (;;) {
    const reply = await process.ask(task, { signal, onProgress: onFurther });
    if ('answer' in reply) return reply.answer;
    signal.throwIfAborted();
    if ('error' in reply) throw reply.error;
    deaths++;
    if (deaths < MOST_DEATHS) continue;
    throw new FlowError(
      'worker',
      'jobs/taskPool',
      `The process of a task ended ${MOST_DEATHS} times: ${task.kind === 'train' ? task.folder : task.out}`,
      { expected: 'an answer', got: reply.lost, hint: 'If memory is short, run fewer processes, or smaller parts.' },
    );
  }
};
