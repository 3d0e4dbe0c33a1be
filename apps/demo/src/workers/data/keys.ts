import { fold, key, type Key } from '@impflow/core';

// Purposes of randomness, those of the command line: the same seed splits, draws and disturbs the same rows there and here. Never renumber.
const DATA = 0;

/** The key of a run's data: their split, their noise, the draws of a toy. */
export const dataKey = (seed: number): Key => fold(key(seed), DATA);

/** Within the data. Tables have 1 to 5 on the command line and noise of images 6 and 7; the noise that a visitor adds is the page's own. */
export const PURPOSE = { validation: 1, train: 3, dequantise: 4, split: 5, noise: 8 } as const;

/** Within the key of a toy's draw, which uses 0 to 3 itself. */
export const NOISE_STREAM = 4;
