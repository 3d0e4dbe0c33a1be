import { FlowError, fold, key, shown } from '@impflow/core';
import type { NormalizingFlow } from '@impflow/flows';
import { assertTemperature } from '@impflow/tables';
import { blockRows } from '../measure/batched.ts';
import { finite } from '../measure/finite.ts';

/** Options of {@link drawSamples}. */
export interface DrawSamplesOptions {
  /** Seed of the draws. Default 0. */
  readonly seed?: number | undefined;
  /** Factor by which the draws of the base density are scaled, above 0 and at most 10. Default 1. */
  readonly temperature?: number | undefined;
}

/**
 * Draws samples `[count, ...shape]` in blocks of several images. The random key of a block depends only on the seed and
 * the position of the block.
 *
 * @throws `option` for a wrong number of samples or a wrong temperature; `convergence` if some samples are not finite.
 */
export const drawSamples = (
  flow: NormalizingFlow,
  count: number,
  { seed = 0, temperature = 1 }: DrawSamplesOptions = {},
): Float32Array => {
  if (!Number.isSafeInteger(count) || count < 1)
    throw new FlowError('option', 'vision/sample', 'Wrong number of samples', {
      expected: 'a whole number of at least 1',
      got: shown(count),
    });
  assertTemperature(temperature, 'vision/sample');
  const block = blockRows(flow.dim);
  const out = new Float32Array(count * flow.dim);
  for (let from = 0; from < count; from += block) {
    const drawn = flow.sample(Math.min(block, count - from), { key: fold(key(seed), from), temperature });
    out.set(drawn.dataSync() as Float32Array, from * flow.dim);
    drawn.dispose();
  }
  return finite(out, {
    what: 'Samples',
    each: flow.dim,
    hint: temperature > 1 ? 'Lower the temperature.' : 'Use an earlier checkpoint, or train with a different base.',
  });
};
