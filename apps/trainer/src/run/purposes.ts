import { fold, key, type Key } from '@impflow/core';

// Purposes of random keys. Never renumber them: runs would no longer be reproducible.
const DATA = 0;
const WEIGHTS = 1;
const BATCHES = 2;
const FIT = 3;
const MIXTURE = 4;

const purpose =
  (number: number) =>
  (seed: number): Key =>
    fold(key(seed), number);

/** Key of the data: split, noise, and the draws of a toy. */
export const dataKey: (seed: number) => Key = purpose(DATA);

/** Key of the initial weights. */
export const weightKey: (seed: number) => Key = purpose(WEIGHTS);

/** Key of the order, the noise and the augmentation of training data. */
export const batchKey: (seed: number) => Key = purpose(BATCHES);

/** Key of the training steps. */
export const fitKey: (seed: number) => Key = purpose(FIT);

/** Key of the starts of fitted mixtures. */
export const mixtureKey: (seed: number) => Key = purpose(MIXTURE);

// Numbers within the data key. Tables use 1 to 5.
const NOISE = { validation: 6, test: 7 } as const;

/** Key of the noise of held-out images. */
export const noiseKey = (seed: number, part: keyof typeof NOISE): Key => fold(dataKey(seed), NOISE[part]);
