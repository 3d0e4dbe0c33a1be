import { FlowError } from '@impflow/core';

/**
 * Returns 1 for a row whose p-value is at most `rate`, 0 for another row, NaN for a row without a p-value; `[rows]`.
 */
export const flagsOf = (pValues: Float64Array, rate: number): Float64Array =>
  pValues.map((p) => (Number.isNaN(p) ? NaN : p <= rate ? 1 : 0));

/**
 * Checks that a model has its held-out rows, which the option `alarm` needs.
 *
 * @throws `option` without held-out rows.
 */
export function assertHeldOut(heldOut: number | undefined): asserts heldOut is number {
  if (heldOut !== undefined) return;
  throw new FlowError('option', 'jobs/scoreTable', 'The option alarm needs the held-out rows of the model', {
    expected: 'a finished training',
    got: 'one that was not finished, or imported',
    hint: 'Leave it out.',
  });
}
