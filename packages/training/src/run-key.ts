import { fold, key, type Key } from '@impflow/core';

/**
 * Purpose of a random key of a run. `data`: the split, the noise and the draws of a toy distribution. `weights`: the
 * initial weights. `batches`: the rows of each batch. `steps`: the training steps. `mixture`: the initializations of
 * fitted mixtures.
 */
export type RunPurpose = 'data' | 'weights' | 'batches' | 'steps' | 'mixture';

// Never change these numbers, because earlier runs could no longer be reproduced.
const RUN: Readonly<Record<RunPurpose, number>> = { data: 0, weights: 1, batches: 2, steps: 3, mixture: 4 };

/**
 * Returns the random key for one purpose of a run with a given seed. Two programs that derive their keys with this
 * function make identical runs from equal seeds.
 */
export const runKey = (seed: number, purpose: RunPurpose): Key => fold(key(seed), RUN[purpose]);

/**
 * Purpose of a random key for the data of a run. `validation`, `test`, `train`: draws of a toy distribution.
 * `validation` also chooses the validation rows that are kept if there are many.
 * `dequantize`: noise on columns whose values repeat. `split`: the split. `validationNoise`, `testNoise`: noise on
 * held-out images. `addedNoise`: noise that a user adds.
 */
export type DataPurpose =
  | 'validation'
  | 'test'
  | 'train'
  | 'dequantize'
  | 'split'
  | 'validationNoise'
  | 'testNoise'
  | 'addedNoise';

// Never change these numbers, because earlier runs could no longer be reproduced.
const DATA: Readonly<Record<DataPurpose, number>> = {
  validation: 1,
  test: 2,
  train: 3,
  dequantize: 4,
  split: 5,
  validationNoise: 6,
  testNoise: 7,
  addedNoise: 8,
};

/**
 * Returns the random key for one purpose in preparing the data of a run. The argument `data` is `runKey(seed, 'data')`.
 */
export const dataKey = (data: Key, purpose: DataPurpose): Key => fold(data, DATA[purpose]);
