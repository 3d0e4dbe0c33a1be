import { fold, key, type Key } from '@impflow/core';

// Never renumber them: runs would no longer be reproducible.
const PURPOSES = { data: 0, weights: 1, batches: 2, steps: 3, mixture: 4 } as const;

/**
 * What a random key of a run is for: its data (split, noise and draws of a toy), its initial weights, the rows of each
 * batch, the training steps, or the starts of fitted mixtures.
 */
export type RunPurpose = keyof typeof PURPOSES;

/**
 * Key for one purpose of a run with this seed. Programs that take their keys from here make the same run from the same
 * seed.
 */
export const runKey = (seed: number, purpose: RunPurpose): Key => fold(key(seed), PURPOSES[purpose]);
