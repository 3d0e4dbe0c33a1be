import { fold, key, type Key } from '@impflow/core';

// Purposes of randomness: part of what makes runs reproducible, so never renumber.
const DATA = 0;
const WEIGHTS = 1;
const BATCHES = 2;
const FIT = 3;
const MIXTURE = 4;

const purpose = (number: number) => (seed: number): Key => fold(key(seed), number);

/** The key of a run's data: their split, their noise, the draws of a toy. */
export const dataKey: (seed: number) => Key = purpose(DATA);

/** Of the first weights. */
export const weightKey: (seed: number) => Key = purpose(WEIGHTS);

/** Of the order, the noise and the changes of training data. */
export const batchKey: (seed: number) => Key = purpose(BATCHES);

/** Of the steps themselves. */
export const fitKey: (seed: number) => Key = purpose(FIT);

/** Key of the starts of a mixture that is fitted to rows. */
export const mixtureKey: (seed: number) => Key = purpose(MIXTURE);

// Within the data, beside those of tables (1 to 5).
const NOISE = { validation: 6, test: 7 } as const;

/** Of the noise of images that are held out. */
export const noiseKey = (seed: number, part: keyof typeof NOISE): Key => fold(dataKey(seed), NOISE[part]);
