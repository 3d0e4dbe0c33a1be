import { FlowError } from '@impflow/core';
import type { Tensor } from '@tensorflow/tfjs-core';

/**
 * Returns the condition of a call, `[rows, size]`. `at` is the name of the calling function, for error messages.
 * @throws `option` if the condition is missing; `shape` if its shape is not `[rows, size]`.
 */
export const assertCondition = (at: string, condition: Tensor | undefined, size: number, rows: number): Tensor => {
  const expected = `a tensor [${rows}, ${size}]`;
  if (condition === undefined) {
    throw new FlowError('option', `flows/${at}`, 'Missing condition', {
      expected,
      got: 'none',
      hint: 'Pass `condition` in the context of the call.',
    });
  }
  if (condition.rank !== 2 || condition.shape[0] !== rows || condition.shape[1] !== size) {
    throw new FlowError('shape', `flows/${at}`, 'Wrong condition shape', {
      expected,
      got: `[${condition.shape.join(', ')}]`,
      hint: 'Give one condition for each row.',
    });
  }
  return condition;
};
