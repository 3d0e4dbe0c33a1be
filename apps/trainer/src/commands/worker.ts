import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { FlowError, isFlowError, problemOf } from '@impflow/core';
import {
  assertWithin,
  isAddress,
  loadQueue,
  placesOf,
  readTask,
  taskPool,
  type ResultOf,
  type Task,
} from '@impflow/jobs';
import { number } from 'impflow/run';
import type { ComputingOptions } from '../adapters/backends.ts';
import { isPath } from '../dataset/source.ts';
import { registriesWith } from '../plugins/registries.ts';
import { note, printResult } from '../terminal/output.ts';
import { programModule } from './program-module.ts';
import { eventText } from './queue-events.ts';

/** Options of `worker`. */
export interface WorkerOptions extends ComputingOptions {
  /** Address of the queue, such as `redis://host:port`. */
  readonly queue: string;
  /** Number of tasks that the worker runs at the same time, each in a separate process. */
  readonly concurrency: number;
  /**
   * Folders, and beginnings of addresses, to which the paths and addresses in tasks are limited. Default: the working
   * directory.
   */
  readonly root?: readonly string[];
  /**
   * Seconds that tasks may take to end after an interruption. After this time the tasks are given back to the queue.
   */
  readonly grace: number;
  /** Seconds after which a worker counts as lost if it does not renew the lock of its task. */
  readonly lock: number;
}

/**
 * Takes tasks from a queue until an interruption. Then the worker finishes its current tasks, or gives them back after
 * `grace` seconds. Returns the exit code.
 *
 * @throws `unsupported` without `@impflow/queue`; `input` for a root that is not a folder; the errors of `startWorker`
 * of the queue.
 */
export const worker = async (options: WorkerOptions, interruptible: () => AbortSignal): Promise<number> => {
  const { queue, concurrency, grace, lock, plugin = [] } = options;
  const roots = await checkedRoots(options.root ?? [process.cwd()]);
  // The plugins are loaded here, so that a plugin that does not load ends the worker before its first task.
  await registriesWith(plugin, options);
  const { startWorker } = await loadQueue();
  const pool = taskPool({ processes: concurrency, program: programModule(options) });
  let tasks = 0;
  const running = await startWorker<Task, ResultOf<Task>>({
    url: queue,
    concurrency,
    lockMs: 1000 * lock,
    onEvent: (event) => {
      const text = eventText(event);
      if (text !== undefined) note(options, text);
    },
    refuses: (task) => outsideOf(roots, readTask(task)),
    handler: async (task, how) => {
      const result = await pool.run(readTask(task), how);
      tasks++;
      return result;
    },
  });
  const interrupted = interruptible();
  note(
    options,
    `Taking tasks, up to ${number(concurrency)} in parallel, within ${roots.join(', ')}. Ctrl-C stops after the running tasks.`,
  );
  await new Promise<void>((done) => {
    if (interrupted.aborted) done();
    interrupted.addEventListener('abort', () => done(), { once: true });
  });
  const giveBack = setTimeout(() => void running.close({ giveBack: true }), 1000 * grace);
  await running.close();
  clearTimeout(giveBack);
  await pool.close();
  printResult(options, { tasks }, () => `Stopped after ${number(tasks)} tasks.`);
  return 0;
};

/** Returns why a task is not within the roots of this worker, or undefined if it is. */
const outsideOf = async (roots: readonly string[], task: Task): Promise<string | undefined> => {
  try {
    for (const place of placesOf(task, (data) => !isPath(data))) await assertWithin(place, roots);
    return undefined;
  } catch (error) {
    if (!isFlowError(error, 'input')) throw error;
    return problemOf(error);
  }
};

const checkedRoots = (roots: readonly string[]): Promise<readonly string[]> =>
  Promise.all(
    roots.map(async (root) => {
      if (isAddress(root)) return root.endsWith('/') ? root : `${root}/`;
      const found = await stat(root).catch(() => undefined);
      if (found?.isDirectory() === true) return resolve(root);
      throw new FlowError('input', 'cli', `Wrong --root ${root}`, {
        expected: 'a folder, or the beginning of an address',
        got: found === undefined ? 'nothing at that path' : 'a file',
        hint: 'Check the path.',
      });
    }),
  );
