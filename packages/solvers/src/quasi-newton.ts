import { eliminate, identity, kernel, sampleNorm, type Iterate, type Solver } from '@impflow/core';
import {
  abs,
  add,
  div,
  expandDims,
  greater,
  maximum,
  mul,
  neg,
  sqrt,
  sub,
  tile,
  where,
  zerosLike,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { anderson } from './anderson.ts';
import { rowDot, stackDot, vecMat } from './batch-linalg.ts';
import { fixedPoint } from './fixed-point.ts';
import { valueAndJacobian } from './jacobian.ts';
import { assertOption } from './solve-options.ts';

/** Options of {@link quasiNewton}. */
export interface QuasiNewtonOptions {
  /**
   * Largest number of elements of an event. The cost of the first step grows with the cube of the number of elements.
   * Default 16.
   */
  readonly maxDim?: number;
}

/** State of {@link quasiNewton}. */
export interface QuasiNewtonState extends Iterate {
  /** Image of the iterate under the map: `F(y)`, `[B, d]`. */
  readonly image: Tensor;
  /** Approximation of `J_F(y)^-1`, `[B, d, d]`. */
  readonly inverse: Tensor;
  /**
   * The next step: the next iterate minus this iterate, `[B, d]`. One kernel computes the next step together with the
   * inverse.
   */
  readonly move: Tensor;
}

/**
 * Broyden's method on a full matrix that starts at the inverse of the exact Jacobian: the first step is Newton's, and
 * later steps use rank-one updates. The method converges superlinearly. `quasiNewton` is for low dimensions, because it
 * stores a full matrix. {@link broyden} starts at the identity and stores only the updates, for any dimension.
 *
 * @remarks A step costs one evaluation; a step of {@link newton} costs one linearization and `d` products.
 * `quasiNewton` and `newton` need about equal numbers of steps. The elimination has no pivoting: it is safe if the
 * symmetric part of `J_F` is positive definite, as for `F(y) = y - f(y)` with `Lip(f) < 1`.
 * @throws `option` for a `maxDim` that is not a positive integer. `init` throws `unsupported` for a map without
 * `linearize`, and above `maxDim` elements.
 * @see Broyden, A Class of Methods for Solving Nonlinear Simultaneous Equations, Math. Comp. 19, 1965.
 */
export const quasiNewton = ({ maxDim = 16 }: QuasiNewtonOptions = {}): Solver<QuasiNewtonState> => {
  assertOption(Number.isInteger(maxDim) && maxDim > 0, 'quasiNewton', 'maxDim', 'a positive integer', maxDim);
  return Object.freeze<Solver<QuasiNewtonState>>({
    name: 'quasi-newton',
    problem: 'root',
    recipe: { method: 'quasi-newton', maxDim },
    init: (f, y0) => {
      const { value: image, jacobian } = valueAndJacobian(f, y0, { caller: 'quasiNewton', maxDim });
      const [batch, d] = image.shape as [number, number];
      const inverse = eliminate(jacobian, tile(expandDims(identity(d), 0), [batch, 1, 1])).solution;
      return { value: y0.clone(), image, inverse, move: neg(stackDot(inverse, image)), residual: sampleNorm(image) };
    },
    step: (f, { value: before, image: imageBefore, inverse: inverseBefore, move: dy }) => {
      const value = add(before, dy);
      const image = f(value);
      const [inverse, move] = inverseAndMove(inverseBefore, dy, sub(image, imageBefore), image);
      return { value, image, inverse, move, residual: sampleNorm(image) };
    },
  });
};

/**
 * Computes Broyden's good update of the inverse Jacobian `H [B, d, d]` after a step `dy [B, d]` that changed the image
 * by `dF [B, d]` to `image [B, d]`. Returns `[H', move]` with `H' = H + (dy - H dF) v^T / (v^T dF)`, `v^T = dy^T H`,
 * and the next step `move = -H' image`. A sample with `|v^T dF| <= max(1e-6 |v| |dF|, 1e-30)` keeps its inverse
 * Jacobian `H`.
 */
const quasiNewtonKernel = kernel<Readonly<Record<'inverse' | 'dy' | 'dF' | 'image', Tensor>>>('ImpflowQuasiNewton');

/** Returns the updated inverse and the next move. */
const inverseAndMove = (inverse: Tensor, dy: Tensor, dF: Tensor, image: Tensor): readonly [Tensor, Tensor] =>
  quasiNewtonKernel.run({ inverse, dy, dF, image }, {}, () => {
    const v = vecMat(dy, inverse);
    const denominator = rowDot(v, dF);
    // A sample keeps its inverse if `v` and `dF` are nearly orthogonal, or if it did not move because its iterate is
    // the exact solution.
    const sound = greater(abs(denominator), maximum(mul(1e-6, sqrt(mul(rowDot(v, v), rowDot(dF, dF)))), 1e-30));
    const u = div(sub(dy, stackDot(inverse, dF)), where(sound, denominator, add(zerosLike(denominator), 1)));
    const next = add(inverse, mul(expandDims(where(sound, u, zerosLike(u)), 2), expandDims(v, 1)));
    return [next, neg(stackDot(next, image))];
  });

/**
 * Returns fallbacks for contractions: {@link anderson}, which is fast, then {@link fixedPoint}, which always converges
 * within about `log(rtol) / log(L)` steps (see `fallbackSteps`).
 */
export const safeguards = (): readonly Solver[] => [anderson(), fixedPoint()];
