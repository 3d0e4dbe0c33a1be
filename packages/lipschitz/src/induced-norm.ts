import { FlowError, key, normals, shown, type RefreshOptions } from '@impflow/core';
import { lanczos } from './lanczos.ts';
import { matrixOperator, unitVector, type LinearOperator } from './linear-operator.ts';
import { powerIteration } from './power-iteration.ts';
import { dual, dualOrder, norm } from './vector-norm.ts';

/**
 * An operator norm and vectors that attain it: `norm = u^T W v`, `|v|_p = 1`, and `|u| = 1` in the dual of the q-norm.
 */
export interface InducedNorm {
  /** The norm, or a lower bound of the norm: see {@link inducedNorm}. */
  readonly norm: number;
  /** The left vector `u`, `[rows]`. */
  readonly u: Float64Array;
  /** The right vector `v`, `[columns]`. */
  readonly v: Float64Array;
}

/**
 * Returns the norm `max |W v|_q / |v|_p` of a row-major matrix `W [rows, columns]`, on the host in float64.
 *
 * @remarks The result is exact for `p = 1` (the largest column in the q-norm) and `q = inf` (the largest row in the
 * dual of the p-norm). For `p = q = 2` the function runs {@link lanczos} if `tolerance` is given, and power iteration
 * if only `iterations` is given. For all other orders the function runs the generalized power method, which converges
 * to a local maximum. The general problem is NP-hard, so the result is a lower bound. With a `tolerance`, the result is
 * the best over several initial vectors: `start`, the vectors of the largest column and of the largest row, and one
 * random vector. With only `iterations`, `start` is the only initial vector. For a zero matrix the norm is 0 and the
 * vectors are zero.
 * @param start An approximation of `v`, of any scale. Default: a fixed random vector.
 * @throws `option` for an order below 1.
 * @see Boyd, The Power Method for l^p Norms, 1974; Higham, Estimating the Matrix p-Norm, 1992.
 */
export const inducedNorm = (
  matrix: ArrayLike<number>,
  rows: number,
  columns: number,
  p: number,
  q: number,
  options: RefreshOptions = { tolerance: 1e-7 },
  start?: ArrayLike<number>,
): InducedNorm => inducedNormOf(matrixOperator(matrix, rows, columns), p, q, options, start);

/** Computes {@link inducedNorm} of a linear map that is given by its products with vectors. */
export const inducedNormOf = (
  operator: LinearOperator,
  p: number,
  q: number,
  options: RefreshOptions = { tolerance: 1e-7 },
  start?: ArrayLike<number>,
): InducedNorm => {
  for (const order of [p, q])
    if (!(order >= 1))
      throw new FlowError('option', 'lipschitz/inducedNorm', 'Wrong order of a norm', {
        expected: 'a number of at least 1, or Infinity',
        got: shown(order),
      });
  const { columns } = operator;
  const guess = Float64Array.from(start ?? normals(key(columns), columns));
  if (p === 1) return byLargestColumn(operator, q);
  if (q === Infinity) return byLargestRow(operator, p);
  if (p === 2 && q === 2) return spectral(operator, guess, options);
  if (options.tolerance === undefined) {
    const found = climb(operator, p, q, guess, options);
    // The power method cannot leave the null space of the matrix, so try the largest column in addition.
    return found.norm > 0 ? found : climb(operator, p, q, byLargestColumn(operator, q).v, options);
  }
  const starts = [
    guess,
    byLargestColumn(operator, q).v,
    byLargestRow(operator, p).v,
    normals(key(columns + 1), columns),
  ];
  return starts
    .map((v) => climb(operator, p, q, v, options))
    .reduce((best, found) => (found.norm > best.norm ? found : best));
};

const byLargestColumn = ({ columns, candidates, times }: LinearOperator, q: number): InducedNorm => {
  const { at, vector, size } = largest(candidates?.columns ?? all(columns), (j) => times(unitVector(j, columns)), q);
  return { norm: size, u: dual(vector, q), v: unitVector(at, columns) };
};

const byLargestRow = ({ rows, candidates, timesTransposed }: LinearOperator, p: number): InducedNorm => {
  const { at, vector, size } = largest(
    candidates?.rows ?? all(rows),
    (i) => timesTransposed(unitVector(i, rows)),
    dualOrder(p),
  );
  return { norm: size, u: unitVector(at, rows), v: dual(vector, dualOrder(p)) };
};

const all = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);

/**
 * Returns the vector with the largest norm, or the first of several vectors with that norm. The vectors are computed
 * one at a time.
 */
const largest = (
  places: readonly number[],
  vectorAt: (place: number) => Float64Array,
  order: number,
): { readonly at: number; readonly vector: Float64Array; readonly size: number } => {
  const measured = (at: number): { readonly at: number; readonly vector: Float64Array; readonly size: number } => {
    const vector = vectorAt(at);
    return { at, vector, size: norm(vector, order) };
  };
  return places.slice(1).reduce((best, at) => {
    const next = measured(at);
    // If a norm is NaN, the result has the norm NaN, so that the caller can detect it.
    return next.size > best.size || Number.isNaN(next.size) ? next : best;
  }, measured(places[0]!));
};

const spectral = (matrix: LinearOperator, start: Float64Array, options: RefreshOptions): InducedNorm => {
  const v = dual(start, 2);
  // Power iteration begins with `W^T u`, so `u` must not be zero.
  const iterate = { matrix, u: matrix.times(v), v };
  const found = (options.tolerance === undefined ? powerIteration : lanczos)(iterate, options);
  return { norm: found, u: iterate.u, v: iterate.v };
};

/**
 * Runs the generalized power method: sets `u` to attain the q-norm of `W v`, then `v` to attain the dual p-norm of
 * `W^T u`, and repeats. The norm never decreases.
 */
const climb = (
  { rows, times, timesTransposed }: LinearOperator,
  p: number,
  q: number,
  start: Float64Array,
  { tolerance = 0, iterations = tolerance > 0 ? 1000 : 5 }: RefreshOptions,
): InducedNorm => {
  let v = dual(start, dualOrder(p));
  let u: Float64Array = new Float64Array(rows);
  let value = 0;
  for (let i = 0; i < iterations; i++) {
    u = dual(times(v), q);
    const back = timesTransposed(u);
    const next = norm(back, dualOrder(p));
    if (!(next > 0)) return { norm: 0, u, v };
    v = dual(back, dualOrder(p));
    const settled = next - value <= 0.01 * tolerance * next;
    value = next;
    if (settled) break;
  }
  return { norm: value, u, v };
};
