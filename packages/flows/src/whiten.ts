import { defineBijector, FlowError, type Bijector } from '@impflow/core';
import { fill, matMul, tensor2d, type Tensor } from '@tensorflow/tfjs-core';

/** Options of {@link whiten}. */
export interface WhitenOptions {
  /** Rows of the lower triangle `L` `[d, d]` with `covariance = L L^T`: a positive diagonal, zeros above it. */
  readonly factor: readonly (readonly number[])[];
}

/**
 * `z = L^-1 x` with a constant triangle measured on the training rows. Columns with covariance `L L^T` become
 * uncorrelated with variance 1.
 *
 * @throws `option` unless `factor` is a square lower triangle of finite numbers with a positive diagonal.
 */
export const whiten = ({ factor }: WhitenOptions): Bijector => {
  const dim = factor.length;
  const fits =
    dim > 0 &&
    factor.every(
      (row, i) =>
        row.length === dim &&
        row.every((entry, j) => Number.isFinite(entry) && (j < i || (j === i ? entry > 0 : entry === 0))),
    );
  if (!fits) {
    throw new FlowError('option', 'flows/whiten', 'Wrong factor', {
      expected: 'a square lower triangle of finite numbers with a positive diagonal',
      got: `${dim} rows`,
      hint: 'Take the Cholesky factor of a covariance.',
    });
  }
  const total = factor.reduce((sum, row, i) => sum + Math.log(row[i]!), 0);
  // Events are rows, so they are multiplied by the transpose from the right.
  const there = transposed(inverseTriangle(factor)),
    back = transposed(factor);
  const matrix = (entries: readonly (readonly number[])[]): Tensor => tensor2d(entries.map((row) => [...row]));
  return defineBijector({
    name: 'whiten',
    shape: [dim],
    forwardWithLogDet: (x) => ({ value: matMul(x, matrix(there)), logDet: fill([x.shape[0]!], -total) }),
    inverseWithLogDet: (z) => ({ value: matMul(z, matrix(back)), logDet: fill([z.shape[0]!], total) }),
  });
};

const transposed = (matrix: readonly (readonly number[])[]): readonly (readonly number[])[] =>
  matrix.map((_, i) => matrix.map((row) => row[i]!));

/** The inverse of a lower triangle, by forward substitution in float64. */
const inverseTriangle = (factor: readonly (readonly number[])[]): readonly (readonly number[])[] => {
  const inverse = factor.map((row) => row.map(() => 0));
  factor.forEach((row, i) => {
    for (let j = 0; j <= i; j++) {
      let sum = i === j ? 1 : 0;
      for (let k = j; k < i; k++) sum -= row[k]! * inverse[k]![j]!;
      inverse[i]![j] = sum / row[i]!;
    }
  });
  return inverse;
};
