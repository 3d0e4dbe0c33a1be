import { setMaxListeners } from 'node:events';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FlowError, type TaskRunner } from '@impflow/core';
import { countingDisplay } from '../terminal/counting.ts';
import { number } from '../terminal/format.ts';
import { note, type OutputOptions } from '../terminal/output.ts';
import { openJobFolder, partName, type Manifest } from './job-folder.ts';
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

/** One of several processes that share a job: of `of` parts one after the other, it computes the one with this `index`. */
export interface Share {
  /** From 0. */
  readonly index: number;
  readonly of: number;
}

/** Runs a job and writes its manifest. */
export interface PartsOptions extends OutputOptions {
  readonly runner: TaskRunner<PartTask, ScoredPart | WrittenPart>;
  readonly signal: AbortSignal;
  /** Whether parts of another job in the folder are deleted. Default: they are an error. */
  readonly replace?: boolean;
  /** Which parts this process computes. Default: all. */
  readonly share?: Share;
}

/**
 * Runs the tasks of a job that are not done, shows the progress, and writes the manifest last. The first error ends the
 * others. With a share, the process that completes the job writes the manifest; others return undefined.
 *
 * @throws the first error of a task; the reason of the signal; `input` for a folder of another job.
 */
export const runParts = async <T extends PartTask>(
  { folder, extension, job, tasks, sizes, done: verb }: PartsJob<T>,
  { runner, signal, replace = false, share = WHOLE, ...output }: PartsOptions,
): Promise<Manifest<ResultOf<T>> | undefined> => {
  const nameOf = (part: number): string => partName(part, extension);
  const place = await openJobFolder<ResultOf<T>>(folder, job, { replace, nameOf, share: share.index });
  const { done } = place;
  const own = [...tasks.keys()].filter((part) => part % share.of === share.index);
  const there = own.filter((part) => done.has(part));
  if (there.length > 0)
    note(output, `${number(there.length)} of ${number(own.length)} parts are there already, from an earlier call.`);
  const progress = new Float64Array(tasks.length);
  for (const part of there) progress[part] = sizes[part]!;
  const before = progress.reduce((sum, each) => sum + each, 0);
  let sum = before;
  const display = countingDisplay({
    done: verb,
    total: own.reduce((sum, part) => sum + sizes[part]!, 0),
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
      own.map(async (part) => {
        if (done.has(part)) return;
        const path = join(folder, nameOf(part));
        const task = { ...tasks[part]!, job: place.id, out: path } as unknown as T;
        const result = (await runner.run(task, {
          signal: either,
          onProgress: (value) => shown(part, value),
        })) as ResultOf<T>;
        await assertThere(path, result);
        await place.record(part, result);
        shown(part, sizes[part]!);
      }),
    );
  } catch (error) {
    failed.abort(error);
    throw error;
  } finally {
    display.stop();
  }
  return place.finish(tasks.length);
};

const WHOLE: Share = { index: 0, of: 1 };

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
