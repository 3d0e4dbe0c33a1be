import { FlowError } from '@impflow/core';

/**
 * Returns one number per row, `[rows]`: 1 if the p-value is at most `rate`, 0 if it is larger, NaN without a p-value.
 */
export const flagsOf = (pValues: Float64Array, rate: number): Float64Array =>
  pValues.map((p) => (Number.isNaN(p) ? NaN : p <= rate ? 1 : 0));

/**
 * Checks that the held-out rows of a model are known. An option such as `alarm` needs them for p-values.
 *
 * @param option Name of the option, for the message. Default `alarm`.
 * @throws `option` if they are not known.
 */
export function assertHeldOut(heldOut: number | undefined, option: string = 'alarm'): asserts heldOut is number {
  if (heldOut !== undefined) return;
  throw new FlowError('option', 'jobs/scoreTable', `The option ${option} needs the held-out rows of the model`, {
    expected: 'a finished training',
    got: 'a model whose training was not finished, or an imported model',
    hint: `Leave out the option ${option}.`,
  });
}
