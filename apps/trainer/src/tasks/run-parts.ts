import { setMaxListeners } from 'node:events';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FlowError, type TaskRunner } from '@impflow/core';
import { countingDisplay } from '../terminal/counting.ts';
import { number } from '../terminal/format.ts';
import { note, type OutputOptions } from '../terminal/output.ts';
import { openJobFolder, partName, type Manifest, type ManifestPart } from './job-folder.ts';
import type { PartTask, ResultOf, ScoredPart, WrittenPart } from './task.ts';

/** A job whose parts are files of one folder. */
export interface PartsJob<T extends PartTask> {
  /** Absolute path. */
  readonly folder: string;
  /** Extension of the files, with its dot. */
  readonly extension: string;
  /** What the parts depend on, as JSON. */
  readonly job: object;
  /** The tasks in the order of their parts, without the file to write and the name of the job. */
  readonly tasks: readonly Omit<T, 'out' | 'job'>[];
  /** Number of rows of each task. */
  readonly sizes: readonly number[];
  /** What is done, such as `Scored`. */
  readonly done: string;
}

/** Runs a job and writes its manifest. */
export interface PartsOptions extends OutputOptions {
  readonly runner: TaskRunner<PartTask, ScoredPart | WrittenPart>;
  readonly signal: AbortSignal;
  /** Whether parts of another job in the folder are deleted. Default: they are an error. */
  readonly replace?: boolean;
}

/**
 * Runs the tasks of a job that are not done, shows the progress, and writes the manifest last. The first error ends the
 * others.
 *
 * @throws the first error of a task; the reason of the signal; `input` for a folder of another job.
 */
export const runParts = async <T extends PartTask>(
  { folder, extension, job, tasks, sizes, done: verb }: PartsJob<T>,
  { runner, signal, replace = false, ...output }: PartsOptions,
): Promise<Manifest<ResultOf<T>>> => {
  const nameOf = (part: number): string => partName(part, extension);
  const place = await openJobFolder<ResultOf<T>>(folder, job, { replace, nameOf });
  const { done } = place;
  if (done.size > 0)
    note(output, `${number(done.size)} of ${number(tasks.length)} parts are there already, from an earlier call.`);
  const results = new Map<number, ResultOf<T>>(done);
  const progress = new Float64Array(tasks.length);
  for (const part of done.keys()) progress[part] = sizes[part]!;
  const before = progress.reduce((sum, each) => sum + each, 0);
  let sum = before;
  const display = countingDisplay({
    done: verb,
    total: sizes.reduce((sum, size) => sum + size, 0),
    rowsDone: () => sum - before,
    quiet: output.quiet ?? false,
  });
  const shown = (part: number, value: number): void => {
    const now = Math.min(value, sizes[part]!);
    sum += now - progress[part]!;
    progress[part] = now;
    display.update(sum);
  };
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  // One listener for each part.
  setMaxListeners(0, either);
  try {
    await Promise.all(
      tasks.map(async (task, part) => {
        if (done.has(part)) return;
        const path = join(folder, nameOf(part));
        const own = { ...task, job: place.id, out: path } as unknown as T;
        const result = (await runner.run(own, {
          signal: either,
          onProgress: (value) => shown(part, value),
        })) as ResultOf<T>;
        await assertThere(path, result);
        await place.record(part, result);
        results.set(part, result);
        shown(part, sizes[part]!);
      }),
    );
  } catch (error) {
    failed.abort(error);
    throw error;
  } finally {
    display.stop();
  }
  return place.finish(
    tasks.map((_, part): ManifestPart<ResultOf<T>> => ({ file: nameOf(part), ...results.get(part)! })),
  );
};

/** @throws `input` if the file that a worker wrote is not here: it may have another file system. */
const assertThere = async (path: string, { bytes }: WrittenPart): Promise<void> => {
  const size = await stat(path).then(
    (info) => info.size,
    () => undefined,
  );
  if (size === bytes) return;
  throw new FlowError('input', 'cli', `A worker has written ${path}, which is not here`, {
    expected: `a file of ${bytes} bytes`,
    got: size === undefined ? 'none' : `one of ${size}`,
    hint: 'All workers need the same file system at that path.',
  });
};
