import { abs, add, concat, div, greater, lessEqual, maximum, mul, neg, onesLike, reshape, sqrt, sub, zerosLike, type Tensor } from '@tensorflow/tfjs-core';
import { sampleNorm, type Iterate, type Solver, type TensorMap } from '@impflow/core';
import { assertOption } from './options.ts';
import { select } from './progress.ts';
import { combine, dots, rowDot } from './rows.ts';

export interface BroydenOptions {
  /** Rank-one updates, at most: `2 k` vectors per sample. When there are so many, the method starts again with `B = I`. Default 100. */
  readonly memory?: number;
  /** Halvings of a step, at most, for samples whose residual it does not decrease (Armijo). Default 0. */
  readonly lineSearch?: number;
}

/** The inverse Jacobian `B = I + sum_i u_i v_i^T`: both `[B, k, d]`, oldest first; `null` for `B = I`. */
export type InverseJacobian = { readonly u: Tensor; readonly v: Tensor } | null;

export interface BroydenState extends Iterate {
  /** `F(y)`, `[B, d]`. */
  readonly image: Tensor;
  readonly inverse: InverseJacobian;
}

/**
 * Broyden's good method with limited memory: `y <- y - t B F(y)`, where `B` starts at the identity, because `F(y) = y - f(y)`,
 * and is updated after each step so that the secant equation `B dF = dy` holds.
 *
 * @remarks One evaluation per step and `lineSearch` more; a step costs `6 k` vector operations for the `k` updates so far. A full memory is emptied before
 * the next update. To drop the oldest update alone is no way: the others were made for it, and on maps of slope 0.9 or more the method then diverges. A memory
 * smaller than the steps that a map needs can stall; give it a fallback there. A line search spends evaluations on every step, and contractions do not need it.
 * @see Broyden, A Class of Methods for Solving Nonlinear Simultaneous Equations, Math. Comp. 19, 1965.
 */
export const broyden = ({ memory = 100, lineSearch = 0 }: BroydenOptions = {}): Solver<BroydenState> => {
  assertOption(Number.isInteger(memory) && memory > 0, 'broyden', 'memory', 'a positive integer', memory);
  assertOption(Number.isInteger(lineSearch) && lineSearch >= 0, 'broyden', 'lineSearch', 'an integer >= 0', lineSearch);
  return Object.freeze<Solver<BroydenState>>({
    name: 'broyden',
    problem: 'root',
    init: (f, y0) => ({ ...at(f, y0.clone()), inverse: null }),
    step: (f, state) => {
      const next = searched(f, state, neg(applied(state.inverse, state.image)), lineSearch);
      const dy = sub(next.value, state.value);
      return { ...next, inverse: updated(state.inverse, dy, sub(next.image, state.image), memory) };
    },
  });
};

type Point = Omit<BroydenState, 'inverse'>;

const at = (f: TensorMap, value: Tensor): Point => {
  const image = f(value);
  return { value, image, residual: sampleNorm(image) };
};

/** The point at `y + t direction`, `t` halved for the samples whose residual is above `(1 - 1e-4 t)` times the one before. */
const searched = (f: TensorMap, { value, residual }: Point, direction: Tensor, halvings: number): Point => {
  let point = at(f, add(value, direction));
  let t = onesLike(residual);
  for (let i = 0; i < halvings; i++) {
    // Samples that pass keep their t, and their point is evaluated again: a step cannot know that all have passed.
    const enough = lessEqual(point.residual, mul(residual, sub(1, mul(1e-4, t))));
    t = select(enough, t, mul(0.5, t));
    point = at(f, add(value, mul(reshape(t, [-1, 1]), direction)));
  }
  return point;
};

/** `B x`, `[B, d]`. */
const applied = (inverse: InverseJacobian, x: Tensor): Tensor =>
  inverse === null ? x : add(x, combine(inverse.u, dots(inverse.v, x)));

/** `x^T B`, `[B, d]`. */
const appliedTransposed = (inverse: InverseJacobian, x: Tensor): Tensor =>
  inverse === null ? x : add(x, combine(inverse.v, dots(inverse.u, x)));

/**
 * `B + (dy - B dF) v^T / (v^T dF)` with `v^T = dy^T B`. A sample whose `v` and `dF` are (nearly) orthogonal, or that did not move
 * because it is exact, keeps its `B`: there the secant equation has no well-conditioned solution.
 */
const updated = (inverse: InverseJacobian, dy: Tensor, dF: Tensor, memory: number): InverseJacobian => {
  const kept = inverse?.u.shape[1] === memory ? null : inverse;
  const v = appliedTransposed(kept, dy);
  const denominator = rowDot(v, dF);
  // Beyond the floor, squares of float32 have underflown.
  const bound = maximum(mul(1e-6, sqrt(mul(rowDot(v, v), rowDot(dF, dF)))), 1e-30);
  const ok = reshape(greater(abs(denominator), bound), [-1]);
  const safe = select(ok, denominator, onesLike(denominator));
  const u = div(sub(dy, applied(kept, dF)), safe);
  const pair = { u: stacked(select(ok, u, zerosLike(u))), v: stacked(v) };
  return kept === null ? pair : { u: concat([kept.u, pair.u], 1), v: concat([kept.v, pair.v], 1) };
};

/** `[B, d] -> [B, 1, d]`. */
const stacked = (x: Tensor): Tensor => reshape(x, [x.shape[0]!, 1, x.shape[1]!]);
