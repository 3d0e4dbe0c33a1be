import { abs, add, div, expandDims, greater, matMul, maximum, mul, neg, reshape, sqrt, squeeze, sub, sum, tile, where, zerosLike, type Tensor } from '@tensorflow/tfjs-core';
import { eliminate, FlowError, fused, identity, sampleNorm, type Iterate, type Solver, type TensorMap } from '@impflow/core';
import { isDifferentiable } from './forms.ts';
import { fullJacobian, type NewtonOptions } from './newton.ts';
import { assertOption } from './options.ts';
import { rowDot, rows } from './rows.ts';

export interface QuasiNewtonState extends Iterate {
  /** `F(y)` as rows, `[B, d]`. */
  readonly image: Tensor;
  /** Approximates `J_F(y)^-1`, `[B, d, d]`. */
  readonly inverse: Tensor;
  /** Where the next iterate lies from this one, `[B, d]`. */
  readonly move: Tensor;
}

/**
 * Newton's first step, then Broyden's method: the inverse of the exact Jacobian at the start, kept up to date by rank-one
 * updates. Superlinear convergence, for low dimension.
 *
 * @remarks Against {@link newton} a step costs one evaluation in place of `1 + d` products, and there are about as many of them.
 * Pivots as there.
 * @throws `unsupported` for a map without `linearize`, and above `maxDim`.
 * @see Broyden, A Class of Methods for Solving Nonlinear Simultaneous Equations, Math. Comp. 19, 1965.
 */
export const quasiNewton = ({ maxDim = 16 }: NewtonOptions = {}): Solver<QuasiNewtonState> => {
  assertOption(Number.isInteger(maxDim) && maxDim > 0, 'quasiNewton', 'maxDim', 'a positive integer', maxDim);
  return Object.freeze<Solver<QuasiNewtonState>>({
    name: 'quasi-newton',
    problem: 'root',
    init: (f, y0) => {
      const { image, jacobian } = linearized(f, y0, maxDim);
      const [batch, d] = image.shape as [number, number];
      const inverse = eliminate(jacobian, tile(expandDims(identity(d), 0), [batch, 1, 1])).solution;
      return { value: y0.clone(), image, inverse, move: neg(times(inverse, image)), residual: sampleNorm(image) };
    },
    step: (f, { value: before, image: imageBefore, inverse: inverseBefore, move: dy }) => {
      const value = add(before, reshape(dy, before.shape));
      const image = rows(f(value));
      const [inverse, move] = updated(inverseBefore, dy, sub(image, imageBefore), image);
      return { value, image, inverse, move, residual: sampleNorm(image) };
    },
  });
};

const linearized = (f: TensorMap, y: Tensor, maxDim: number): { readonly image: Tensor; readonly jacobian: Tensor } => {
  if (!isDifferentiable(f)) {
    throw new FlowError('unsupported', 'solvers/quasiNewton', 'The map cannot tell its derivative', {
      expected: 'a map with linearize', got: 'a plain function', hint: 'Pass Object.assign(f, { linearize }), for example with linearizeByTape, or choose anderson or broyden.',
    });
  }
  const linearization = f.linearize(y, { jacobian: true });
  try {
    return { image: rows(linearization.value).clone(), jacobian: fullJacobian('quasiNewton', linearization, maxDim) };
  } finally {
    linearization.dispose();
  }
};

/** The inverse after an update, and the step that it suggests: see `ImpflowBroyden` of core. */
const updated = (inverse: Tensor, dy: Tensor, dF: Tensor, image: Tensor): readonly [Tensor, Tensor] =>
  fused('ImpflowBroyden', { inverse, dy, dF, image }, {}, () => {
    const v = squeeze(matMul(expandDims(dy, 1), inverse), [1]);
    const denominator = rowDot(v, dF);
    // A sample whose `v` and `dF` are (nearly) orthogonal, or that did not move because it is exact, keeps its inverse.
    const ok = greater(abs(denominator), maximum(mul(1e-6, sqrt(mul(rowDot(v, v), rowDot(dF, dF)))), 1e-30));
    const u = div(sub(dy, times(inverse, dF)), where(ok, denominator, add(zerosLike(denominator), 1)));
    const next = add(inverse, mul(expandDims(where(ok, u, zerosLike(u)), 2), expandDims(v, 1)));
    return [next, neg(times(next, image))] as const;
  });

/** `A x` for each sample, `[B, d, d], [B, d] -> [B, d]`. */
const times = (a: Tensor, x: Tensor): Tensor => sum(mul(a, expandDims(x, 1)), 2);
