import { fold, key, type Key } from '@impflow/core';

// Purposes of randomness, those of the command line: the same choices give the same run there and here. Never renumber.
const WEIGHTS = 1;
const BATCHES = 2;
const FIT = 3;

const purpose = (number: number) => (seed: number): Key => fold(key(seed), number);

/** Of the first weights. */
export const weightKey: (seed: number) => Key = purpose(WEIGHTS);

/** Of the rows of each step. */
export const batchKey: (seed: number) => Key = purpose(BATCHES);

/** Of the steps themselves. */
export const fitKey: (seed: number) => Key = purpose(FIT);
