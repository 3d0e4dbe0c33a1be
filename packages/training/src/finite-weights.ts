import { FlowError } from '@impflow/core';
import type { Checkpoint } from './checkpoint.ts';

/**
 * Checks that a checkpoint has finite values in all weights that `restoreBest` would read.
 *
 * @throws `checkpoint` for weights that are not finite as float32. The message begins with `source` and names the
 * tensor.
 */
export const assertFiniteWeights = (
  { tensors, training }: Pick<Checkpoint, 'tensors' | 'training'>,
  source = 'The checkpoint',
): void => {
  const prefix = training?.best === undefined ? '' : 'best.';
  for (const [name, { dtype, data }] of Object.entries(tensors)) {
    if (
      !/^F(?:32|64)$/.test(dtype) ||
      !['parameters.', 'buffers.'].some((group) => name.startsWith(`${prefix}${group}`))
    )
      continue;
    const wrong = Array.prototype.find.call(data, (value: number) => !Number.isFinite(Math.fround(value))) as
      | number
      | undefined;
    if (wrong !== undefined)
      throw new FlowError(
        'checkpoint',
        'training/assertFiniteWeights',
        `${source}: the tensor ${name} contains a number that is not finite`,
        {
          expected: 'finite numbers',
          got: String(wrong),
          hint: 'The training that wrote this checkpoint has diverged: use an earlier checkpoint.',
        },
      );
  }
};
