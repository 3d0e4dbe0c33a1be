import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { FlowError, isFlowError, type TaskOptions } from '@impflow/core';
import { readCheckpoint } from '../checkpoint/read-checkpoint.ts';
import { closedRecord, count, isRecord, oneOf, optional, shown, text, type Schema } from '../json/schema.ts';
import { runPaths, type RunPaths } from '../run-folder/folder.ts';
import { assertUnlocked } from '../run-folder/lock.ts';
import { runProgram, type ProgramEnd } from './own-program.ts';
import { watchSteps } from './watch-steps.ts';

/** Trains a run in its folder up to a step. Plain JSON. */
export interface TrainTask {
  readonly kind: 'train';
  /** Run folder. Created if it is missing; a run in it goes on from its checkpoint. */
  readonly folder: string;
  /** Steps of the run after which it pauses, counted from its start. */
  readonly steps: number;
  /**
   * Options of `train` by their long names, of {@link TRAIN_TASK_OPTIONS}. `steps` among them is the length of the whole
   * run, which its schedule is laid out for. Default: the `steps` of the task.
   */
  readonly options: Readonly<Record<string, TrainTaskValue>>;
  /** Name of the sweep, so that a queue does not take it for an equal one whose folder was deleted. */
  readonly job?: string;
}

/** A value of an option: true for one without a value; a list is joined by commas. */
export type TrainTaskValue = string | number | boolean | readonly string[];

/** Result of a {@link TrainTask}. */
export interface TrainResult {
  /** Steps of the run. Fewer than asked for if it stopped early. */
  readonly steps: number;
  /** Least validation loss so far, in nats; null if the training failed to converge. */
  readonly validation: number | null;
  /** Standard error of `validation`, in nats; null if unknown. */
  readonly standardError: number | null;
  /** Wall time of this call, in seconds. */
  readonly seconds: number;
  /** Why the training failed to converge. */
  readonly error?: string;
}

/** Options of {@link trainTask}. */
export interface TrainTaskOptions extends Required<TaskOptions> {
  /** Plugins to load. They are the choice of the process, never of a task: loading one runs its code. Default: none. */
  readonly plugin?: readonly string[];
  /** Path of the command line. Default: that of this package. */
  readonly program?: string;
}

const words = (text: string): readonly string[] => text.split(' ');

const DATA_OPTIONS = [
  ...words('data validation test task columns given categorical leave-out weights missing transform periodic'),
  ...words('day-first header separator decimal test-images'),
];
const MODEL_OPTIONS = [
  ...words('preset model blocks net scaling hidden activation coeff solver adjoint logdet base scales kernels'),
  ...words('factor-out dense-blocks dense-hidden widths'),
];
const TRAINING_OPTIONS = [
  ...words('flip crop memory batch lr optimizer schedule warmup clip ema patience validate-every seed steps'),
  ...words('backend workers'),
];
/**
 * The options of `train` that a task may have. Those that name a module or another place, or that replace a run, are not
 * among them.
 */
export const TRAIN_TASK_OPTIONS: readonly string[] = [...DATA_OPTIONS, ...MODEL_OPTIONS, ...TRAINING_OPTIONS];

const VALUE: Schema = (value, at) =>
  ['string', 'boolean'].includes(typeof value) ||
  Number.isFinite(value) ||
  (Array.isArray(value) && value.every((item) => typeof item === 'string'))
    ? undefined
    : { at, expected: 'a text, a number, true, false or a list of texts', got: shown(value) };

const OPTIONS: Schema = (value, at) => {
  if (!isRecord(value)) return { at, expected: 'an object', got: shown(value) };
  for (const [name, given] of Object.entries(value)) {
    const wrong = oneOf(...TRAIN_TASK_OPTIONS)(name, `${at}, name`) ?? VALUE(given, `${at}.${name}`);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
};

/** Schema of a {@link TrainTask}. */
export const TRAIN_TASK: Schema = closedRecord({
  kind: oneOf('train'),
  folder: text,
  steps: count(1),
  options: OPTIONS,
  job: optional(text),
});

/** Deaths of the process without a new checkpoint after which a task fails. */
const MOST_DEATHS = 3;
/**
 * Time for another process to leave the folder or to write metrics, in milliseconds. That of a dead sweep saves within
 * a step and ends.
 */
const LEAVE_MS = 60_000;

/**
 * Trains in a process of its own, a `train --until` with one worker thread unless the options say otherwise. A folder
 * that has the steps already is not trained. A process that dies is replaced, and goes on from the checkpoint. A task
 * that runs again therefore ends with the same bits.
 *
 * @throws the error of `train` for wrong options or data; `worker` for a process that dies three times without a new
 *   checkpoint, or for a folder that another process does not leave; the reason of the signal. A training that fails to
 *   converge is a result.
 */
export const trainTask = async (task: TrainTask, options: TrainTaskOptions): Promise<TrainResult> => {
  assertTask(task);
  const started = performance.now();
  const paths = runPaths(task.folder);
  const result = (rest: Omit<TrainResult, 'seconds'>): TrainResult => ({
    ...rest,
    seconds: (performance.now() - started) / 1000,
  });
  await unlocked(paths, options.signal);
  let before = await progressOf(paths);
  // A process that goes on from a checkpoint repeats steps.
  let most = before?.steps ?? 0;
  const onProgress = (steps: number): void => {
    if (steps > most) options.onProgress(steps);
    most = Math.max(most, steps);
  };
  if (before !== undefined && before.steps >= task.steps) return result(validationOf(before, task));
  for (let deaths = 0; ;) {
    const end = await watched(task, paths, before !== undefined, { ...options, onProgress });
    const after = await progressOf(paths);
    if (end.code === 0) return result(validationOf(after!, task));
    if (isFlowError(end.error, 'convergence'))
      return result({ steps: after?.steps ?? 0, validation: null, standardError: null, error: end.error.message });
    // Killed, or interrupted by someone else.
    const died = end.code === null || end.code === 130;
    if (!died) throw end.error ?? new FlowError('worker', 'cli', `The process of ${paths.folder} ended`, endOf(end));
    deaths = (after?.steps ?? 0) > (before?.steps ?? 0) ? 1 : deaths + 1;
    if (deaths === MOST_DEATHS)
      throw new FlowError('worker', 'cli', `The process of ${paths.folder} died ${MOST_DEATHS} times`, {
        ...endOf(end),
        hint: 'It may need more memory than there is.',
      });
    before = after;
  }
};

const watched = async (
  { steps, options }: TrainTask,
  paths: RunPaths,
  resume: boolean,
  { signal, onProgress, plugin = [], program }: TrainTaskOptions,
): Promise<ProgramEnd> => {
  const stop = watchSteps(paths, onProgress);
  try {
    return await runProgram(
      [
        'train',
        ...flagsOf({ workers: 1, steps, ...options }),
        ...plugin.map((module) => `--plugin=${module}`),
        `--until=${steps}`,
        `--out=${paths.folder}`,
        ...(resume ? ['--resume'] : []),
        '--json',
        '--quiet',
      ],
      { signal, program },
    );
  } finally {
    stop();
  }
};

/** The arguments for options by their long names. */
export const flagsOf = (options: TrainTask['options']): readonly string[] =>
  Object.entries(options).flatMap(([name, value]) =>
    value === false ? [] : value === true ? [`--${name}`] : [`--${name}=${String(value)}`],
  );

interface RunProgress {
  readonly steps: number;
  readonly best?: { readonly nats: number; readonly standardError: number };
  /** Whether the run has validated, with whatever result. */
  readonly isValidated: boolean;
}

/** How far the run in a folder is; undefined without a checkpoint. */
const progressOf = async ({ checkpoint: path }: RunPaths): Promise<RunProgress | undefined> => {
  if (!existsSync(path)) return undefined;
  const {
    checkpoint: { step, training },
    record: { options },
  } = await readCheckpoint(path);
  return {
    steps: step,
    isValidated: step >= Math.min(options?.validateEvery ?? 0, options?.steps ?? 0),
    ...(training?.best === undefined ? {} : { best: training.best }),
  };
};

const validationOf = (
  { steps, best, isValidated }: RunProgress,
  { folder }: TrainTask,
): Omit<TrainResult, 'seconds'> => {
  if (best !== undefined)
    return {
      steps,
      validation: best.nats,
      standardError: Number.isFinite(best.standardError) ? best.standardError : null,
    };
  if (isValidated)
    return { steps, validation: null, standardError: null, error: 'No loss on the validation data was finite.' };
  throw new FlowError('option', 'cli', `${folder} has no validation after ${steps} steps`, {
    expected: 'one at least',
    got: 'none',
    hint: 'Lower --validate-every.',
  });
};

/** Waits until no living process holds the folder: one that still trains there does the work of this task. */
const unlocked = async ({ folder, metrics }: RunPaths, signal: AbortSignal): Promise<void> => {
  for (let [since, written] = [performance.now(), 0]; ;) {
    try {
      return await assertUnlocked(folder);
    } catch (error) {
      const { mtimeMs = 0 } = (await stat(metrics).catch(() => undefined)) ?? {};
      if (mtimeMs !== written) [since, written] = [performance.now(), mtimeMs];
      if (performance.now() - since > LEAVE_MS)
        throw Object.assign(new FlowError('worker', 'cli', '', { cause: error }), {
          message: (error as Error).message,
        });
    }
    await pause(250, undefined, { signal });
  }
};

const endOf = ({ code, error }: ProgramEnd): { readonly got: string } => ({
  got: `${code === null ? 'a signal' : `exit code ${code}`}${error === undefined ? '' : ` after "${error.message}"`}`,
});

const assertTask = (task: TrainTask): void => {
  const wrong = TRAIN_TASK(task, '');
  if (wrong !== undefined)
    throw new FlowError('option', 'cli', `Wrong ${wrong.at || 'task'} of a training`, {
      expected: wrong.expected,
      got: wrong.got,
      hint: 'See TRAIN_TASK_OPTIONS.',
    });
};
