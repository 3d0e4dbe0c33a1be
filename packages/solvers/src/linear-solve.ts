import { eliminate, sampleNorm, scoped } from '@impflow/core';
import {
  abs,
  add,
  argMax,
  cast,
  concat,
  div,
  expandDims,
  greater,
  lessEqual,
  matMul,
  max,
  mul,
  oneHot,
  onesLike,
  slice,
  squeeze,
  stack,
  sub,
  where,
  zeros,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { matVec, select } from './batch-linalg.ts';

/**
 * Returns `A^-1 b` for each sample, `a [B, n, n]`, `b [B, n]`. The matrices need not have a positive definite symmetric
 * part: if the solution of {@link eliminate} is not accurate, the result comes from elimination with pivots. The result
 * of a sample is not finite if its matrix is singular.
 *
 * @remarks The function always runs both eliminations: it reads nothing from the device, so it cannot check whether any
 * sample needs pivots. The elimination with pivots costs `n` sweeps over `[B, n, n / 2]`. If the symmetric part of `A`
 * is positive definite, the result is bit-identical to the result of {@link eliminate}.
 */
export const linearSolve = (a: Tensor, b: Tensor): Tensor =>
  scoped(() => {
    const plain = squeeze(eliminate(a, expandDims(b, 2)).solution, [2]);
    // A 1 x 1 system has only one pivot.
    if (b.shape[1] === 1) return plain;
    const rest = sampleNorm(sub(matVec(a, plain), b));
    // `sound` is false for NaN. Without small pivots, the relative residual of a float32 solution is at most 1e-5.
    const sound = lessEqual(rest, mul(1e-3, sampleNorm(b)));
    return select(sound, plain, pivoted(a, b));
  });

/**
 * Solves the systems by Gauss-Jordan elimination with pivots. The pivot is the largest remaining entry of each column,
 * after the rows were scaled to a largest entry of one. Rows are not swapped: after the elimination, the row of the
 * `j`-th pivot contains the `j`-th unknown.
 *
 * @see Golub and Van Loan, Matrix Computations, 4th ed., 3.4.
 */
const pivoted = (a: Tensor, b: Tensor): Tensor => {
  const [batch, n] = a.shape as [number, number, number];
  // The cpu backend of tfjs cannot slice an empty tensor.
  if (batch === 0) return zeros([0, n]);
  const scale = max(abs(a), 2, true);
  let system = div(concat([a, expandDims(b, 2)], 2), where(greater(scale, 0), scale, onesLike(scale)));
  let free: Tensor = onesLike(b);
  const chosen: Tensor[] = [];
  for (let j = 0; j < n; j++) {
    const column = squeeze(slice(system, [0, 0, 0], [batch, n, 1]), [2]);
    // Set the argument of argMax to -1 for rows that were pivots already.
    const row = cast(oneHot(argMax(sub(mul(add(abs(column), 1), free), 1), 1), n), 'float32');
    const rest = slice(system, [0, 0, 1], [batch, n, n - j]);
    const entries = matMul(expandDims(row, 1), concat([expandDims(column, 2), rest], 2));
    const scaled = div(slice(entries, [0, 0, 1], [batch, 1, n - j]), slice(entries, [0, 0, 0], [batch, 1, 1]));
    // Subtracting (pivot - 1) * scaled from the row of the pivot makes it equal to `scaled`. From all other rows,
    // subtract the usual multiple.
    system = sub(rest, mul(expandDims(sub(column, row), 2), scaled));
    free = sub(free, row);
    chosen.push(row);
  }
  return squeeze(matMul(stack(chosen, 1), system), [2]);
};
