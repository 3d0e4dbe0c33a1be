import { fold, key, type Key } from '@impflow/core';

// Purposes of random keys, equal to those of the command line: the same choices give the same run there and here. Never
// renumber.
const WEIGHTS = 1;
const BATCHES = 2;
const FIT = 3;

const purpose =
  (number: number) =>
  (seed: number): Key =>
    fold(key(seed), number);

/** Initial weights. */
export const weightKey: (seed: number) => Key = purpose(WEIGHTS);

/** Rows of each step. */
export const batchKey: (seed: number) => Key = purpose(BATCHES);

/** The steps themselves. */
export const fitKey: (seed: number) => Key = purpose(FIT);
