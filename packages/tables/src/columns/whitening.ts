import { choleskyInPlace, FlowError, shown } from '@impflow/core';
import type { NumberRows } from './number-rows.ts';
import type { Scaling } from './scaling.ts';

/**
 * Cholesky factor of the shrunken covariance of standardized columns. The inverse of the factor makes the columns
 * uncorrelated.
 */
export interface Whitening {
  /** Lower triangular matrix `L [d, d]`, as a list of rows. `L L^T` is the covariance. */
  readonly factor: readonly (readonly number[])[];
  /** Weight with which the covariance is shrunken towards a multiple of the identity, in `[0, 1]`. */
  readonly shrinkage: number;
}

/**
 * Fits the whitening of standardized columns. The covariance is estimated by the method of Ledoit and Wolf: the sample
 * covariance, shrunken towards a multiple of the identity. The weight of the identity is the value that minimizes the
 * expected squared error. Fit the whitening on the training rows only.
 *
 * @remarks Costs `O(rows columns^2)` in float64.
 * @throws `input` for fewer than two rows, or if the covariance is not positive definite after rounding.
 * @see Ledoit, Wolf, A well-conditioned estimator for large-dimensional covariance matrices, 2004, equations 9 to 14.
 */
export const fitWhitening = ({ rows, columns, values, source }: NumberRows, { mean, scale }: Scaling): Whitening => {
  const d = columns.length;
  if (rows < 2)
    throw new FlowError('input', 'tables/fitWhitening', `Too few rows in ${source}`, {
      expected: 'at least 2',
      got: shown(rows),
    });
  const standard = Float64Array.from(values, (value, at) => (value - mean[at % d]!) / scale[at % d]!);
  const covariance = Array.from({ length: d }, () => new Float64Array(d));
  // The fourth moment of the rows determines the variance of the sample covariance.
  let quartic = 0;
  for (let r = 0; r < rows; r++) {
    const row = standard.subarray(r * d, (r + 1) * d);
    let square = 0;
    for (let i = 0; i < d; i++) {
      square += row[i]! ** 2;
      for (let j = 0; j <= i; j++) covariance[i]![j]! += (row[i]! * row[j]!) / rows;
    }
    quartic += square ** 2 / rows;
  }
  for (let i = 0; i < d; i++) for (let j = 0; j < i; j++) covariance[j]![i] = covariance[i]![j]!;
  const total = covariance.reduce((sum, row) => sum + row.reduce((part, entry) => part + entry ** 2, 0), 0);
  const level = covariance.reduce((sum, row, i) => sum + row[i]!, 0) / d;
  const distance = total - d * level ** 2;
  const noise = (quartic - total) / rows;
  const shrinkage = distance > 0 ? Math.min(1, Math.max(0, noise / distance)) : 1;
  const factor = Float64Array.from(
    covariance.flatMap((row, i) =>
      Array.from(row, (entry, j) => (1 - shrinkage) * entry + (i === j ? shrinkage * level : 0)),
    ),
  );
  if (choleskyInPlace(factor, d) >= 0) {
    throw new FlowError('input', 'tables/fitWhitening', `Columns of ${source} are linear combinations of each other`, {
      expected: 'a positive covariance',
      got: 'none',
      hint: 'Leave one of them out.',
    });
  }
  return {
    factor: covariance.map((_, i) => Array.from(covariance, (_, j) => (j <= i ? factor[i * d + j]! : 0))),
    shrinkage,
  };
};
