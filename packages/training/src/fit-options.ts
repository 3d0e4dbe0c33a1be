import { FlowError, shown, type Key, type RefreshOptions } from '@impflow/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Learnable, Trainable } from './learnable.ts';
import type { Validation } from './metrics.ts';
import type { Optimizer } from './optimizer.ts';
import type { DataParallel } from './parallel/data-parallel.ts';
import type { Schedule } from './schedules.ts';
import type { TrainingState } from './state.ts';

/** Options of {@link fit}. */
export interface FitOptions extends Learnable {
  /** Model to train. The training changes the variables of the model in place. */
  readonly model: Trainable;
  /**
   * Returns the batch of step `0, 1, ...`, with the shape `[B, ...]`. `batch` must be a pure function of its arguments.
   * `batch` runs in a scope, which disposes temporary tensors.
   */
  readonly batch: (step: number, key: Key) => Tensor;
  /**
   * Returns the held-out loss. `validate` is called after the Lipschitz bounds were refreshed with `tightRefresh`.
   * During the call the model has the candidate weights: the moving average if `emaDecay` is given, or else the current
   * weights. Default: no validation.
   */
  readonly validate?: (key: Key) => Validation | Promise<Validation>;
  /** Total number of steps. In a resumed run, this number also counts the steps before the resumption. */
  readonly steps: number;
  /** Optimizer, such as `adam()`. */
  readonly optimizer: Optimizer;
  /** Learning rate before the schedule, positive and finite. */
  readonly learningRate: number;
  /** Factor of the learning rate by step. Default: 1 at every step. */
  readonly schedule?: Schedule;
  /**
   * Positive limit of the norm of the gradient of all parameters. Longer gradients are scaled down to this norm.
   * Default: no clipping.
   */
  readonly clipNorm?: number;
  /**
   * Called after each step with the number of steps so far. Returns true to end the training early. Default: the
   * training does not end early.
   */
  readonly last?: (step: number) => boolean;
  /** Decay of an exponential moving average of the parameters, `[0, 1)`. Default: no average. */
  readonly emaDecay?: number;
  /**
   * Number of steps between validations, or a function that returns whether a validation follows a step. A validation
   * always follows the last step. Default 100.
   */
  readonly validateEvery?: number | ((step: number) => boolean);
  /**
   * Whether to validate also before the first step. The initial weights then count as the best weights until a later
   * validation has a lower loss. Default false.
   */
  readonly validateFirst?: boolean;
  /**
   * Training stops after this number of successive validations without a new lowest loss. Default: training does not
   * stop early.
   */
  readonly patience?: number;
  /** Options with which the Lipschitz bounds are refreshed after each step. Default: `{ tolerance: 1e-3 }`. */
  readonly refresh?: RefreshOptions;
  /** Options with which the Lipschitz bounds are refreshed before a validation. Default: `{ tolerance: 1e-5 }`. */
  readonly tightRefresh?: RefreshOptions;
  /** Random key of the training. The keys of batches, losses and validations are derived from this key and the step. */
  readonly key: Key;
  /**
   * State to resume from. The model must have the weights and buffers that belong to this state. The caller still owns
   * the state. Default: a new run.
   */
  readonly state?: TrainingState;
  /**
   * Workers that share the computation of each gradient: see `dataParallel`. The caller must close them. Default: no
   * workers.
   */
  readonly parallel?: DataParallel;
  /** Signal whose abort stops the training after the current step. Default: no signal. */
  readonly signal?: AbortSignal;
}

/**
 * @throws `option` if a numeric option is out of range. The message contains the name of the first option that is out
 * of range.
 */
export const checkOptions = ({ steps, learningRate, clipNorm, validateEvery, patience }: FitOptions): void => {
  check('steps', 'an integer >= 0', steps, Number.isSafeInteger(steps) && steps >= 0);
  check('learningRate', 'a positive, finite number', learningRate, learningRate > 0 && Number.isFinite(learningRate));
  if (clipNorm !== undefined) check('clipNorm', 'a positive number', clipNorm, clipNorm > 0);
  if (typeof validateEvery === 'number')
    check('validateEvery', 'an integer >= 1', validateEvery, Number.isSafeInteger(validateEvery) && validateEvery >= 1);
  if (patience !== undefined) check('patience', 'a number >= 1', patience, patience >= 1);
};

const check = (option: string, expected: string, got: number, holds: boolean): void => {
  if (!holds) throw new FlowError('option', 'training/fit', `Wrong ${option}`, { expected, got: shown(got) });
};
