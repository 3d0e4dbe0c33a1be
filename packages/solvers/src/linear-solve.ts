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
 * `A^-1 b` for each sample, `a [B, n, n]`, `b [B, n]`, for any matrices: {@link eliminate} where that solves the
 * system, else elimination with pivots. Not finite where a matrix is singular.
 *
 * @remarks Costs both: `n` sweeps over `[B, n, n / 2]` beside {@link eliminate}, since a step cannot detect that no
 * sample needs them. Where the symmetric part of `A` is positive definite, the solution has the bits of {@link
 * eliminate}.
 */
export const linearSolve = (a: Tensor, b: Tensor): Tensor =>
  scoped(() => {
    const plain = squeeze(eliminate(a, expandDims(b, 2)).solution, [2]);
    // One number has no other pivot.
    if (b.shape[1] === 1) return plain;
    const rest = sampleNorm(sub(matVec(a, plain), b));
    // False for NaN. A solution of float32 without a small pivot leaves 1e-5 at most.
    const sound = lessEqual(rest, mul(1e-3, sampleNorm(b)));
    return select(sound, plain, pivoted(a, b));
  });

/**
 * Gauss-Jordan elimination with the largest remaining entry of each column as its pivot, the rows scaled to largest
 * entries of one. No rows are swapped: the row of the `j`-th pivot ends with the `j`-th unknown.
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
    // -1 where the row has been used.
    const row = cast(oneHot(argMax(sub(mul(add(abs(column), 1), free), 1), 1), n), 'float32');
    const rest = slice(system, [0, 0, 1], [batch, n, n - j]);
    const entries = matMul(expandDims(row, 1), concat([expandDims(column, 2), rest], 2));
    const scaled = div(slice(entries, [0, 0, 1], [batch, 1, n - j]), slice(entries, [0, 0, 0], [batch, 1, 1]));
    // The pivot's row becomes `scaled`: subtract (pivot - 1) times itself there, and the usual multiple elsewhere.
    system = sub(rest, mul(expandDims(sub(column, row), 2), scaled));
    free = sub(free, row);
    chosen.push(row);
  }
  return squeeze(matMul(stack(chosen, 1), system), [2]);
};
