import { FlowError, type RefreshOptions } from '@impflow/core';

/** A dense matrix on the host, row-major `[rows, columns]`, with unit vectors `u [rows]` and `v [columns]` that it updates. */
export interface PowerIterate {
  readonly matrix: ArrayLike<number>;
  readonly u: Float64Array;
  readonly v: Float64Array;
}

/**
 * Power iteration for the largest singular value of `matrix`, in place on `u` and `v`. Returns the estimate `u^T W v`, a
 * lower bound. A zero matrix leaves the vectors alone and gives 0.
 *
 * @remarks On the host in float64: weights are small, the norm is wanted as a number for reports anyway, and the result does
 * not depend on the backend. Cost: two products with the matrix per iteration.
 */
export const powerIteration = ({ matrix, u, v }: PowerIterate, { iterations = 5, tolerance = 0 }: RefreshOptions = {}): number => {
  if (!(iterations >= 1)) throw new FlowError('option', 'lipschitz/powerIteration', 'Wrong number of iterations', { expected: 'at least 1', got: String(iterations) });
  let sigma = 0;
  for (let i = 0; i < iterations; i++) {
    if (normalise(timesTransposed(matrix, u, v.length), v) === 0) return 0;
    const image = times(matrix, v, u.length);
    const next = normalise(image, u);
    if (next === 0) return 0;
    const settled = Math.abs(next - sigma) <= tolerance * next;
    sigma = next;
    if (settled) break;
  }
  return sigma;
};

/** `W v`. */
export const times = (matrix: ArrayLike<number>, v: ArrayLike<number>, rows: number): Float64Array => {
  const out = new Float64Array(rows);
  const columns = v.length;
  for (let i = 0, at = 0; i < rows; i++) {
    let sum = 0;
    for (let j = 0; j < columns; j++) sum += matrix[at++]! * v[j]!;
    out[i] = sum;
  }
  return out;
};

/** `W^T u`. */
export const timesTransposed = (matrix: ArrayLike<number>, u: ArrayLike<number>, columns: number): Float64Array => {
  const out = new Float64Array(columns);
  for (let i = 0, at = 0; i < u.length; i++) {
    const weight = u[i]!;
    for (let j = 0; j < columns; j++) out[j] = out[j]! + matrix[at++]! * weight;
  }
  return out;
};

/** Writes `from / |from|` into `into` and returns the norm, or returns 0 and writes nothing. */
const normalise = (from: Float64Array, into: Float64Array): number => {
  let square = 0;
  for (const x of from) square += x * x;
  const norm = Math.sqrt(square);
  if (!(norm > 1e-30)) return 0;
  for (let i = 0; i < from.length; i++) into[i] = from[i]! / norm;
  return norm;
};
