import { FlowError, type Key, type RefreshOptions } from '@impflow/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Learnable, Trainable } from './learnable.ts';
import type { Validation } from './metrics.ts';
import type { Optimizer } from './optimizer.ts';
import type { DataParallel } from './parallel/data-parallel.ts';
import type { Schedule } from './schedules.ts';
import type { TrainingState } from './state.ts';

/** Options of {@link fit}. */
export interface FitOptions extends Learnable {
  /** Model to train, in place. */
  readonly model: Trainable;
  /**
   * Returns the batch of step `0, 1, ...`, shape `[B, ...]`. Must be a pure function of its arguments. Runs in a scope.
   */
  readonly batch: (step: number, key: Key) => Tensor;
  /**
   * Returns the held-out loss. It is called after the tight refresh. The model then holds the candidate weights: the
   * moving average if `emaDecay` is given, else the current weights. Default: no validation.
   */
  readonly validate?: (key: Key) => Validation | Promise<Validation>;
  /** Number of steps in all, including the steps before a resumption. */
  readonly steps: number;
  /** Update rule, such as `adam()`. */
  readonly optimizer: Optimizer;
  /** Learning rate before the schedule, positive and finite. */
  readonly learningRate: number;
  /** Factor of the learning rate by step. Default: 1 at every step. */
  readonly schedule?: Schedule;
  /** Largest norm of the whole gradient, positive; larger gradients are scaled down. Default: no clipping. */
  readonly clipNorm?: number;
  /** Called after each step with the number of steps done. Returns true to end the training early. Default: never. */
  readonly last?: (step: number) => boolean;
  /** Decay of an exponential moving average of the parameters, `[0, 1)`. Default: no average. */
  readonly emaDecay?: number;
  /**
   * Steps between validations, or a function that returns whether a step validates. The last step always validates.
   * Default 100.
   */
  readonly validateEvery?: number | ((step: number) => boolean);
  /**
   * Also validates before the first step. The initial weights then count as the best weights until training improves on
   * them. Default false.
   */
  readonly validateFirst?: boolean;
  /** Number of validations in a row without a new best loss after which training stops. Default: never. */
  readonly patience?: number;
  /** Options of the refresh of Lipschitz bounds after each step. Default: `{ tolerance: 1e-3 }`. */
  readonly refresh?: RefreshOptions;
  /** Options of the refresh before a validation. Default: `{ tolerance: 1e-5 }`. */
  readonly tightRefresh?: RefreshOptions;
  /** Key of all randomness. The keys of batches, losses and validations are derived from it and the step. */
  readonly key: Key;
  /**
   * State to resume from. The model must hold the weights and buffers that belong to this state. Stays with the caller.
   * Default: a new run.
   */
  readonly state?: TrainingState;
  /**
   * Workers that compute the gradient of each step together; see `dataParallel`. Stays with the caller. Default: none.
   */
  readonly parallel?: DataParallel;
  /** Stops the training after the current step. Default: none. */
  readonly signal?: AbortSignal;
}

/** @throws `option` for the first number of `options` that is out of range. */
export const checkOptions = ({ steps, learningRate, clipNorm, validateEvery, patience }: FitOptions): void => {
  check('steps', 'an integer >= 0', steps, Number.isSafeInteger(steps) && steps >= 0);
  check('learningRate', 'a positive, finite number', learningRate, learningRate > 0 && Number.isFinite(learningRate));
  if (clipNorm !== undefined) check('clipNorm', 'a positive number', clipNorm, clipNorm > 0);
  if (typeof validateEvery === 'number')
    check('validateEvery', 'an integer >= 1', validateEvery, Number.isSafeInteger(validateEvery) && validateEvery >= 1);
  if (patience !== undefined) check('patience', 'a number >= 1', patience, patience >= 1);
};

const check = (option: string, expected: string, got: number, holds: boolean): void => {
  if (!holds) throw new FlowError('option', 'training/fit', `Wrong ${option}`, { expected, got: String(got) });
};
