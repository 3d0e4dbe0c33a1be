import { FlowError, shown, type RefreshOptions } from '@impflow/core';
import { matrixOperator, type LinearOperator } from './linear-operator.ts';

/** A linear map with unit vectors `u` and `v`. A search for the norm updates the vectors in place. */
export interface PowerIterate {
  /** A row-major matrix `[rows, columns]`, or any linear map on the host. */
  readonly matrix: ArrayLike<number> | LinearOperator;
  /** The left vector, `[rows]`. */
  readonly u: Float64Array;
  /** The right vector, `[columns]`. */
  readonly v: Float64Array;
}

export const operatorOf = ({ matrix, u, v }: PowerIterate): LinearOperator =>
  'times' in matrix ? matrix : matrixOperator(matrix, u.length, v.length);

/**
 * Runs power iteration for the largest singular value of `matrix`. Updates `u` and `v` in place and returns `u^T W v`,
 * a lower bound. For a zero matrix, leaves the vectors unchanged and returns 0.
 *
 * @remarks The iteration runs on the host in float64 for three reasons: weights are small, reports need the norm as a
 * number, and the result does not depend on the backend. Each iteration costs two products with the matrix.
 * @throws `option` for fewer than one iteration.
 */
export const powerIteration = (
  iterate: PowerIterate,
  { iterations = 5, tolerance = 0 }: RefreshOptions = {},
): number => {
  if (!(iterations >= 1))
    throw new FlowError('option', 'lipschitz/powerIteration', 'Wrong number of iterations', {
      expected: 'at least 1',
      got: shown(iterations),
    });
  const { u, v } = iterate;
  const operator = operatorOf(iterate);
  let sigma = 0;
  for (let i = 0; i < iterations; i++) {
    if (normalize(operator.timesTransposed(u), v) === 0) return 0;
    const next = normalize(operator.times(v), u);
    if (next === 0) return 0;
    const settled = Math.abs(next - sigma) <= tolerance * next;
    sigma = next;
    if (settled) break;
  }
  return sigma;
};

/** Writes `from / |from|` into `into` and returns `|from|`. For a zero vector, writes nothing and returns 0. */
const normalize = (from: Float64Array, into: Float64Array): number => {
  let square = 0;
  for (const x of from) square += x * x;
  const norm = Math.sqrt(square);
  if (!(norm > 1e-30)) return 0;
  for (let i = 0; i < from.length; i++) into[i] = from[i]! / norm;
  return norm;
};
