import { setMaxListeners } from 'node:events';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FlowError } from '@impflow/core';
import type { PartTask, ResultOf, WrittenPart } from '../tasks/task.ts';
import { openJobFolder, partName, type Manifest } from './job-folder.ts';
import type { Share, TableJobOptions } from './options.ts';
import type { PartsTarget } from './target.ts';

/** A job that writes its parts as files into one folder. */
interface PartsJob<T extends PartTask> {
  /** Extension of the files, with the dot. */
  readonly extension: string;
  /** Everything that determines the contents of the parts, as JSON. */
  readonly job: object;
  /** The tasks in the order of their parts. The fields `out` and `job` are added later. */
  readonly tasks: readonly Omit<T, 'out' | 'job'>[];
  /** Number of rows of each task, in the order of the tasks. */
  readonly sizes: readonly number[];
}

/**
 * Runs the tasks of a job that are not done, and writes the manifest last. The first error stops all tasks. If several
 * processes share the job, the process that completes the job writes the manifest, and the other processes return
 * undefined.
 *
 * @throws the first error of a task; the reason of the abort signal; `input` for a folder of another job.
 */
export const runParts = async <T extends PartTask>(
  { folder, isTemporary }: PartsTarget,
  { extension, job, tasks, sizes }: PartsJob<T>,
  { runner, signal, force = false, share = WHOLE, onEvent = () => {} }: TableJobOptions,
): Promise<Manifest<ResultOf<T>> | undefined> => {
  const nameOf = (part: number): string => partName(part, extension);
  // While the single output file is not finished, its folder of parts is temporary, so parts of another job may be
  // replaced.
  const replace = force || isTemporary;
  const place = await openJobFolder<ResultOf<T>>(folder, job, { replace, nameOf, share: share.index });
  const { done } = place;
  const own = [...tasks.keys()].filter((part) => part % share.of === share.index);
  const there = own.filter((part) => done.has(part));
  const rowsOf = (parts: readonly number[]): number => parts.reduce((sum, part) => sum + sizes[part]!, 0);
  let sum = rowsOf(there);
  onEvent({ kind: 'start', parts: own.length, partsDone: there.length, rows: rowsOf(own), rowsDone: sum });
  const progress = new Float64Array(tasks.length);
  const shown = (part: number, value: number): void => {
    const now = Math.min(value, sizes[part]!);
    sum += now - progress[part]!;
    progress[part] = now;
    onEvent({ kind: 'rows', rowsDone: sum });
  };
  const failed = new AbortController();
  const either = signal === undefined ? failed.signal : AbortSignal.any([signal, failed.signal]);
  // Each part adds a listener to the signal. Without this call, Node would print a warning about many listeners.
  setMaxListeners(0, either);
  try {
    await Promise.all(
      own.map(async (part) => {
        if (done.has(part)) return;
        const path = join(folder, nameOf(part));
        const task = { ...tasks[part]!, job: place.id, out: path } as unknown as T;
        const result = (await runner.run(task, {
          signal: either,
          onProgress: (value) => shown(part, value),
        })) as ResultOf<T>;
        await assertThere(path, result as WrittenPart);
        await place.record(part, result);
        shown(part, sizes[part]!);
      }),
    );
  } catch (error) {
    failed.abort(error);
    throw error;
  }
  return place.finish(tasks.length);
};

const WHOLE: Share = { index: 0, of: 1 };

/**
 * @throws `input` if this process does not find the file that a process of the runner wrote. The two processes may use
 * different file systems.
 */
const assertThere = async (path: string, { bytes }: WrittenPart): Promise<void> => {
  const size = await stat(path).then(
    (info) => info.size,
    () => undefined,
  );
  if (size === bytes) return;
  throw new FlowError('input', 'jobs/runParts', `Cannot find ${path}, which a worker wrote`, {
    expected: `a file of ${bytes} bytes`,
    got: size === undefined ? 'none' : `a file of ${size} bytes`,
    hint: 'At this path, all workers and this process need the same file system.',
  });
};
