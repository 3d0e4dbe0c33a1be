import { eliminate, identity, kernel, sampleNorm, type Iterate, type Solver } from '@impflow/core';
import {
  abs,
  add,
  div,
  expandDims,
  greater,
  matMul,
  maximum,
  mul,
  neg,
  sqrt,
  squeeze,
  sub,
  sum,
  tile,
  where,
  zerosLike,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { linearized, type NewtonOptions } from './newton.ts';
import { assertOption } from './options.ts';
import { rowDot } from './rows.ts';

/** State of {@link quasiNewton}. */
export interface QuasiNewtonState extends Iterate {
  /** `F(y)`, `[B, d]`. */
  readonly image: Tensor;
  /** Approximation of `J_F(y)^-1`, `[B, d, d]`. */
  readonly inverse: Tensor;
  /** The next step: the next iterate less this one, `[B, d]`. */
  readonly move: Tensor;
}

/**
 * Broyden's method with the inverse of the exact Jacobian at the start. Rank-one updates follow; the first step is
 * Newton's. Superlinear convergence, for low dimension.
 *
 * @remarks A step costs one evaluation, where {@link newton} needs `1 + d` products. The number of steps is about the
 * same. The elimination has no pivoting: it is safe where the symmetric part of `J_F` is positive definite, as for
 * `F(y) = y - f(y)` with `Lip(f) < 1`. `maxDim` is 16 by default.
 * @throws `option` for a `maxDim` that is not a positive integer. `init` throws `unsupported` for a map without
 * `linearize`, and above `maxDim` elements.
 * @see Broyden, A Class of Methods for Solving Nonlinear Simultaneous Equations, Math. Comp. 19, 1965.
 */
export const quasiNewton = ({ maxDim = 16 }: NewtonOptions = {}): Solver<QuasiNewtonState> => {
  assertOption(Number.isInteger(maxDim) && maxDim > 0, 'quasiNewton', 'maxDim', 'a positive integer', maxDim);
  return Object.freeze<Solver<QuasiNewtonState>>({
    name: 'quasi-newton',
    problem: 'root',
    recipe: { method: 'quasi-newton', maxDim },
    init: (f, y0) => {
      const { image, jacobian } = linearized('quasiNewton', f, y0, maxDim);
      const [batch, d] = image.shape as [number, number];
      const inverse = eliminate(jacobian, tile(expandDims(identity(d), 0), [batch, 1, 1])).solution;
      return { value: y0.clone(), image, inverse, move: neg(times(inverse, image)), residual: sampleNorm(image) };
    },
    step: (f, { value: before, image: imageBefore, inverse: inverseBefore, move: dy }) => {
      const value = add(before, dy);
      const image = f(value);
      const [inverse, move] = updated(inverseBefore, dy, sub(image, imageBefore), image);
      return { value, image, inverse, move, residual: sampleNorm(image) };
    },
  });
};

/**
 * Broyden's good update of the inverse Jacobian `H [B, d, d]` after a step `dy [B, d]` that changed the image by
 * `dF [B, d]` to `image [B, d]`. Returns `[H', step]` with `H' = H + (dy - H dF) v^T / (v^T dF)`, `v^T = dy^T H`, and
 * the next step `-H' image`. A sample with `|v^T dF| <= max(1e-6 |v| |dF|, 1e-30)` keeps its `H`.
 */
const update = kernel<Readonly<Record<'inverse' | 'dy' | 'dF' | 'image', Tensor>>>('ImpflowBroyden');

/** Returns the updated inverse and the next step. */
const updated = (inverse: Tensor, dy: Tensor, dF: Tensor, image: Tensor): readonly [Tensor, Tensor] =>
  update.run({ inverse, dy, dF, image }, {}, () => {
    const v = squeeze(matMul(expandDims(dy, 1), inverse), [1]);
    const denominator = rowDot(v, dF);
    // A sample keeps its inverse where `v` and `dF` are nearly orthogonal, or where it is exact and did not move.
    const ok = greater(abs(denominator), maximum(mul(1e-6, sqrt(mul(rowDot(v, v), rowDot(dF, dF)))), 1e-30));
    const u = div(sub(dy, times(inverse, dF)), where(ok, denominator, add(zerosLike(denominator), 1)));
    const next = add(inverse, mul(expandDims(where(ok, u, zerosLike(u)), 2), expandDims(v, 1)));
    return [next, neg(times(next, image))];
  });

/** `A x` for each sample, `[B, d, d], [B, d] -> [B, d]`. */
const times = (a: Tensor, x: Tensor): Tensor => sum(mul(a, expandDims(x, 1)), 2);
