import { fold, type Key } from '@impflow/core';
import { toy } from '@impflow/tables/toys';
import { dataKey, runKey } from '@impflow/training';
import type { DataChoice } from '../../config.ts';
import { epochBatches } from './batches.ts';
import { disturbed } from './noise.ts';
import type { Prepared } from './prepared.ts';
import { square } from './region.ts';

/** Number of held-out rows, as on the command line. */
const HELD_OUT = 2000;

/** Number within the key of a toy's draw, which uses 0 to 3 itself. */
const NOISE_STREAM = 4;

/** A toy: new rows at every step, or `size` fixed ones. @throws `registry` for an unknown name. */
export const toyData = ({ name, noise, size }: DataChoice, seed: number): Prepared => {
  const source = toy(name);
  const draw = (key: Key, rows: number): Float32Array =>
    disturbed(source.sample(key, rows), [noise, noise], fold(key, NOISE_STREAM));
  const key = runKey(seed, 'data');
  const train = size === 0 ? new Float32Array(0) : draw(dataKey(key, 'train'), size);
  return {
    name,
    columns: ['x', 'y'],
    train,
    heldOut: draw(dataKey(key, 'validation'), HELD_OUT),
    dequantised: {},
    region: square(noise),
    aspect: 1,
    about: `A toy: ${source.description}${noise === 0 ? '' : `, and Gaussian noise of standard deviation ${noise} on top`}.`,
    // With noise the density is another, whose entropy is not known.
    ...(noise === 0 && source.entropy !== undefined ? { entropy: source.entropy } : {}),
    ...(size === 0
      ? { draw, batch: (step: number, rows: number, of: Key) => draw(fold(of, step), rows) }
      : { batch: epochBatches(train) }),
  };
};
