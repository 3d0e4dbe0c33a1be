import { fold, type Key } from '@impflow/core';
import { toy } from '@impflow/tables/toys';
import { dataKey, runKey } from '@impflow/training';
import { drawParts, type Sampler } from 'impflow/run';
import type { DataChoice } from '../../config.ts';
import { disturbed } from './noise.ts';
import { pairsOf, partOfPairs, type Prepared } from './prepared.ts';
import { square } from './region.ts';

/**
 * The function `fold` derives the random key of the noise from the key of a draw and this number. For the draw itself,
 * the toy density derives keys with the numbers 0 to 3.
 */
const NOISE_STREAM = 4;

/** Number of rows on which a model is judged. */
const JUDGED = 2000;

/**
 * Prepares the data of a toy density. If `size` is 0, each training step draws new rows; otherwise there are `size`
 * fixed training rows.
 *
 * @throws `registry` for an unknown name.
 */
export const toyData = ({ name, noise, size }: DataChoice, seed: number): Prepared => {
  const source = toy(name);
  // If noise is added, the entropy of the data is not known.
  const known = noise === 0 && source.entropy !== undefined ? { entropy: source.entropy } : {};
  const sampler: Sampler = {
    columns: ['x', 'y'],
    source: name,
    sample: (key: Key, rows: number) => disturbed(source.sample(key, rows), [noise, noise], fold(key, NOISE_STREAM)),
    ...known,
  };
  const key = runKey(seed, 'data');
  const { sampler: _sampler, ...drawn } = drawParts(sampler, key);
  const train = size === 0 ? new Float32Array(0) : sampler.sample(dataKey(key, 'train'), size);
  return {
    name,
    columns: ['x', 'y'],
    parts: size === 0 ? { ...drawn, sampler } : { ...drawn, complete: partOfPairs(train) },
    isScaled: false,
    train,
    heldOut: pairsOf(drawn.test).subarray(0, 2 * JUDGED),
    region: square(noise),
    aspect: 1,
    about: `A toy: ${source.description}${noise === 0 ? '' : `, and Gaussian noise of standard deviation ${noise} on top`}.`,
    ...known,
  };
};
