import { FlowError, type Key, type NamedVariables, type RefreshOptions, type SolveReport } from '@impflow/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Validation } from './metrics.ts';
import type { Optimizer } from './optimizer.ts';
import type { DataParallel } from './parallel/data-parallel.ts';
import type { Schedule } from './schedules.ts';
import type { TrainingState } from './state.ts';

/** What can be trained. Any flow is one. */
export interface Trainable {
  readonly parameters: NamedVariables;
  readonly buffers: NamedVariables;
  refresh(options?: RefreshOptions): void;
}

/** A model and what to make small. */
export interface Learnable {
  readonly model: Pick<Trainable, 'parameters' | 'buffers'>;
  /** Mean loss per row of a batch, a scalar on the tape. The solves inside are told to `report`. */
  readonly loss: (batch: Tensor, key: Key, report: (report: SolveReport) => void) => Tensor;
}

export interface FitOptions extends Learnable {
  readonly model: Trainable;
  /** The batch of step `0, 1, ...`, batch first: a pure function of its arguments. Runs in a scope. */
  readonly batch: (step: number, key: Key) => Tensor;
  /** Held-out loss. Called with the candidate weights (the average's, where there is one) in place, after the tight refresh. */
  readonly validate?: (key: Key) => Validation | Promise<Validation>;
  /** Steps in all, those before a resumption included. */
  readonly steps: number;
  readonly optimizer: Optimizer;
  readonly learningRate: number;
  /** Default constant. */
  readonly schedule?: Schedule;
  /** Clips the norm of the whole gradient. Default: no clipping. */
  readonly clipNorm?: number;
  /** Whether a step is the last although there are more `steps`; asked after each, for a training by the clock. Default: never. */
  readonly last?: (step: number) => boolean;
  /** Keeps an exponential moving average of the parameters. Default: none. */
  readonly emaDecay?: number;
  /** Steps from one validation to the next, or whether a step has one; the last step has one in any case. Default 100. */
  readonly validateEvery?: number | ((step: number) => boolean);
  /** Validates the first weights too, before the first step: they are the best until training improves on them. Default false. */
  readonly validateFirst?: boolean;
  /** Stops after so many validations in a row without a new best. Default: never. */
  readonly patience?: number;
  /** After each step: keeps the Lipschitz caps. Default: to a tolerance of 1e-3. */
  readonly refresh?: RefreshOptions;
  /** Before a validation. Default: to a tolerance of 1e-5. */
  readonly tightRefresh?: RefreshOptions;
  readonly key: Key;
  /** Goes on from here; the model must hold the weights and buffers of that moment. Stays with the caller. */
  readonly state?: TrainingState;
  /** Workers that share the gradient of each step; see `dataParallel`. Stays with the caller. Default: none. */
  readonly parallel?: DataParallel;
  /** Stops after the current step. */
  readonly signal?: AbortSignal;
}

/** @throws `option` for the first number of `options` that cannot be meant. */
export const checkOptions = ({ steps, learningRate, clipNorm, validateEvery, patience }: FitOptions): void => {
  check('steps', 'an integer >= 0', steps, Number.isSafeInteger(steps) && steps >= 0);
  check('learningRate', 'a positive, finite number', learningRate, learningRate > 0 && Number.isFinite(learningRate));
  if (clipNorm !== undefined) check('clipNorm', 'a positive number', clipNorm, clipNorm > 0);
  if (typeof validateEvery === 'number') check('validateEvery', 'an integer >= 1', validateEvery, Number.isSafeInteger(validateEvery) && validateEvery >= 1);
  if (patience !== undefined) check('patience', 'a number >= 1', patience, patience >= 1);
};

const check = (option: string, expected: string, got: number, holds: boolean): void => {
  if (!holds) throw new FlowError('option', 'training/fit', `Wrong ${option}`, { expected, got: String(got) });
};
