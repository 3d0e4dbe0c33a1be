import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { FlowError, isFlowError, type TaskOptions } from '@impflow/core';
import { CHECKPOINT, readModel, type TableContents } from 'impflow/run';
import { assertUnlocked } from '../folder/lock.ts';
import type { TrainInFolder } from '../program/program.ts';
import type { TrainResult, TrainTask } from '../tasks/task.ts';

/**
 * Time in milliseconds after which a task fails if another process locks the folder and changes no file in it. If a
 * sweep was killed, its process saves the training and ends within this time.
 */
const LEAVE_MS = 60_000;

/**
 * Trains a model in the folder of a task. If the checkpoint in the folder already has the steps of the task, there is
 * no training, so a repeated task ends with bit-identical weights.
 *
 * @throws the error of `train` for wrong options or data; `worker` for a folder that another process keeps locked; the
 * reason of the abort signal. A training that does not converge is a result, not an error.
 */
export const trainTask = async (
  task: TrainTask,
  train: TrainInFolder,
  { signal, onProgress }: Required<TaskOptions>,
): Promise<TrainResult> => {
  const { folder, steps, evaluate = false } = task;
  const started = performance.now();
  const seconds = (): number => (performance.now() - started) / 1000;
  await leftByOthers(folder, signal);
  const before = await progressOf(folder);
  if (before === undefined || before.steps < steps || (evaluate && before.test === undefined)) {
    try {
      await train(task, { resume: before !== undefined, signal, onProgress });
    } catch (error) {
      if (!isFlowError(error, 'convergence')) throw error;
      const { steps = 0 } = (await progressOf(folder)) ?? {};
      return { steps, validation: null, standardError: null, seconds: seconds(), error: error.message };
    }
    signal.throwIfAborted();
  }
  return { ...resultOf((await progressOf(folder))!, task), seconds: seconds() };
};

interface TrainProgress {
  readonly steps: number;
  readonly best?: { readonly nats: number; readonly standardError: number };
  /** Whether the training has had a validation, even if the loss was not finite. */
  readonly isValidated: boolean;
  /** Results on the test data, if the training has ended. */
  readonly test?: Readonly<Record<string, unknown>>;
}

/** Reads the steps and the losses of the training in a folder. Returns undefined without a checkpoint. */
const progressOf = async (folder: string): Promise<TrainProgress | undefined> => {
  const path = join(folder, CHECKPOINT);
  if (!existsSync(path)) return undefined;
  const {
    checkpoint: { step, training, extra },
  } = await readModel(path);
  const { options, report } = (extra ?? {}) as Partial<TableContents>;
  return {
    steps: step,
    isValidated: step >= Math.min(options?.validateEvery ?? 0, options?.steps ?? 0),
    ...(training?.best === undefined ? {} : { best: training.best }),
    ...(report === undefined ? {} : { test: { ...report.heldOut } }),
  };
};

const resultOf = (
  { steps, best, isValidated, test }: TrainProgress,
  { folder, evaluate = false }: TrainTask,
): Omit<TrainResult, 'seconds'> => {
  if (best !== undefined)
    return {
      steps,
      validation: best.nats,
      standardError: Number.isFinite(best.standardError) ? best.standardError : null,
      ...(evaluate && test !== undefined ? { test } : {}),
    };
  if (isValidated)
    return { steps, validation: null, standardError: null, error: 'No loss on the validation data was finite.' };
  throw new FlowError('option', 'jobs/trainTask', `${folder} has no validation after ${steps} steps`, {
    expected: 'at least one',
    got: 'none',
    hint: 'Lower the option validateEvery.',
  });
};

/**
 * Waits until no living process holds the lock of the folder. A process that still trains in the folder computes the
 * steps that this task needs.
 */
const leftByOthers = async (folder: string, signal: AbortSignal): Promise<void> => {
  for (let [since, last] = [performance.now(), 0]; ;) {
    try {
      return await assertUnlocked(folder);
    } catch (error) {
      const changed = await lastChange(folder);
      if (changed !== last) [since, last] = [performance.now(), changed];
      if (performance.now() - since > LEAVE_MS)
        throw Object.assign(new FlowError('worker', 'jobs/trainTask', '', { cause: error }), {
          message: (error as Error).message,
        });
    }
    await pause(250, undefined, { signal });
  }
};

/** Returns the time of the last change of a file in a folder. */
const lastChange = async (folder: string): Promise<number> => {
  const files = await Promise.all(
    (await readdir(folder)).map((name) => stat(join(folder, name)).catch(() => undefined)),
  );
  return Math.max(0, ...files.map((file) => file?.mtimeMs ?? 0));
};
