import { fold, key, type Key } from '@impflow/core';

/**
 * Purpose of a random key of a run: its data (split, noise and draws of a toy), its initial weights, the rows of each
 * batch, the training steps, or the starts of fitted mixtures.
 */
export type RunPurpose = 'data' | 'weights' | 'batches' | 'steps' | 'mixture';

// Never renumber them: runs would no longer be reproducible.
const RUN: Readonly<Record<RunPurpose, number>> = { data: 0, weights: 1, batches: 2, steps: 3, mixture: 4 };

/**
 * Returns the key for one purpose of a run with this seed. Programs that take their keys from this function make the
 * same run from the same seed.
 */
export const runKey = (seed: number, purpose: RunPurpose): Key => fold(key(seed), RUN[purpose]);

/**
 * Purpose of a key within the data of a run: the draws of a toy for validation, test and training; the noise on columns
 * whose values repeat; the split; the noise on held-out images for validation and test; noise that a user adds.
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

// Never renumber these either.
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

/** Key for one purpose within the key of a run's data, `runKey(seed, 'data')`. */
export const dataKey = (data: Key, purpose: DataPurpose): Key => fold(data, DATA[purpose]);
