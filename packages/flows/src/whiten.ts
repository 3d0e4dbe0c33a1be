import { defineBijector, FlowError, type Bijector } from '@impflow/core';
import { fill, matMul, tensor2d, type Tensor } from '@tensorflow/tfjs-core';
import { inverseTriangle, isTriangle, logDetOf, transposed, type Rows } from './triangle.ts';

/** Options of {@link whiten}. */
export interface WhitenOptions {
  /**
   * Rows of the lower triangle `L` `[d, d]` with `covariance = L L^T`, which has a positive diagonal and zeros above
   * the diagonal.
   */
  readonly factor: readonly (readonly number[])[];
}

/**
 * The bijector `z = L^-1 x` with a constant lower triangle `L`, computed from the training rows. Columns with
 * covariance `L L^T` become uncorrelated with variance 1.
 *
 * @throws `option` unless `factor` is a square lower triangle of finite numbers with a positive diagonal.
 */
export const whiten = ({ factor }: WhitenOptions): Bijector => {
  if (!isTriangle(factor)) {
    throw new FlowError('option', 'flows/whiten', 'Wrong factor', {
      expected: 'a square lower triangle of finite numbers with a positive diagonal',
      got: `${(factor as Rows).length} rows`,
      hint: 'Take the Cholesky factor of a covariance.',
    });
  }
  const total = logDetOf(factor);
  // Events are rows of a matrix, so they are multiplied by the transpose from the right.
  const there = transposed(inverseTriangle(factor)),
    back = transposed(factor);
  const matrix = (entries: Rows): Tensor => tensor2d(entries.map((row) => [...row]));
  return defineBijector({
    name: 'whiten',
    shape: [factor.length],
    forwardWithLogDet: (x) => ({ value: matMul(x, matrix(there)), logDet: fill([x.shape[0]!], -total) }),
    inverseWithLogDet: (z) => ({ value: matMul(z, matrix(back)), logDet: fill([z.shape[0]!], total) }),
  });
};
