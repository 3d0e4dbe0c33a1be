import { sampleNorm, type Iterate, type Solver, type TensorMap } from '@impflow/core';
import {
  abs,
  add,
  concat,
  div,
  greater,
  lessEqual,
  maximum,
  mul,
  neg,
  onesLike,
  reshape,
  sqrt,
  sub,
  zerosLike,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { rowDot, select, stackCombine, stackDot } from './batch-linalg.ts';
import { assertOption } from './solve-options.ts';

/** Options of {@link broyden}. */
export interface BroydenOptions {
  /**
   * Largest number `k` of rank-one updates. The updates need `2 k` vectors per sample. After `k` updates the method
   * restarts with `B = I`. Default 100.
   */
  readonly memory?: number;
  /**
   * Largest number of halvings of a step in a line search, for samples whose residual does not decrease enough (Armijo
   * condition). Default 0: no line search.
   */
  readonly lineSearch?: number;
}

/** The inverse Jacobian `B = I + sum_i u_i v_i^T`: `u` and `v` are `[B, k, d]`, oldest first; `null` for `B = I`. */
export type InverseJacobian = { readonly u: Tensor; readonly v: Tensor } | null;

/** State of {@link broyden}. */
export interface BroydenState extends Iterate {
  /** Image of the iterate under the map: `F(y)`, `[B, d]`. */
  readonly image: Tensor;
  /** Approximation of the inverse of `J_F(y)`. */
  readonly inverse: InverseJacobian;
}

/**
 * Broyden's good method with limited memory: `y <- y - t B F(y)`. `B` approximates the inverse Jacobian and starts at
 * the identity, because `F(y) = y - f(y)`. Each step updates `B` so that the secant equation `B dF = dy` holds.
 * {@link quasiNewton} makes these updates on a full matrix, which starts at the inverse of the exact Jacobian.
 *
 * @remarks A step costs `1 + lineSearch` evaluations, and `6 k` vector operations for the `k` updates so far. If the
 * memory is full, all updates are dropped before the next update. Dropping only the oldest update would not work: later
 * updates depend on the oldest update, and for maps of slope 0.9 or more the method would diverge. If a map needs more
 * steps than `memory`, the method can stall; give `solve` a fallback. A line search costs evaluations at every step,
 * and contractions do not need it.
 * @throws `option` for options out of range.
 * @see Broyden, A Class of Methods for Solving Nonlinear Simultaneous Equations, Math. Comp. 19, 1965.
 */
export const broyden = ({ memory = 100, lineSearch = 0 }: BroydenOptions = {}): Solver<BroydenState> => {
  assertOption(Number.isInteger(memory) && memory > 0, 'broyden', 'memory', 'a positive integer', memory);
  assertOption(Number.isInteger(lineSearch) && lineSearch >= 0, 'broyden', 'lineSearch', 'an integer >= 0', lineSearch);
  return Object.freeze<Solver<BroydenState>>({
    name: 'broyden',
    problem: 'root',
    init: (f, y0) => ({ ...evaluate(f, y0.clone()), inverse: null }),
    step: (f, state) => {
      const next = searchAlong(f, state, neg(inverseTimes(state.inverse, state.image)), lineSearch);
      const dy = sub(next.value, state.value);
      return { ...next, inverse: nextInverse(state.inverse, dy, sub(next.image, state.image), memory) };
    },
  });
};

/** An iterate, its image `F(y)` and its residual. */
type EvaluatedIterate = Omit<BroydenState, 'inverse'>;

const evaluate = (f: TensorMap, value: Tensor): EvaluatedIterate => {
  const image = f(value);
  return { value, image, residual: sampleNorm(image) };
};

/**
 * Returns the iterate `y + t direction` of a line search. Halves `t` for the samples whose residual is above
 * `(1 - 1e-4 t)` times the previous residual, at most `halvings` times.
 */
const searchAlong = (
  f: TensorMap,
  { value, residual }: EvaluatedIterate,
  direction: Tensor,
  halvings: number,
): EvaluatedIterate => {
  let next = evaluate(f, add(value, direction));
  let t = onesLike(residual);
  for (let i = 0; i < halvings; i++) {
    // Samples that pass keep their t, but are evaluated again. A step reads nothing from the device, so it cannot stop
    // early when all samples pass.
    const enough = lessEqual(next.residual, mul(residual, sub(1, mul(1e-4, t))));
    t = select(enough, t, mul(0.5, t));
    next = evaluate(f, add(value, mul(reshape(t, [-1, 1]), direction)));
  }
  return next;
};

/** Returns `B x`, `[B, d]`. */
const inverseTimes = (inverse: InverseJacobian, x: Tensor): Tensor =>
  inverse === null ? x : add(x, stackCombine(inverse.u, stackDot(inverse.v, x)));

/** Returns `x^T B`, `[B, d]`. */
const timesInverse = (x: Tensor, inverse: InverseJacobian): Tensor =>
  inverse === null ? x : add(x, stackCombine(inverse.v, stackDot(inverse.u, x)));

/**
 * Returns `B + (dy - B dF) v^T / (v^T dF)` with `v^T = dy^T B`. A sample keeps its `B` if `v` and `dF` are nearly
 * orthogonal, or if it did not move because its iterate is the exact solution. If `v` and `dF` are nearly orthogonal,
 * or both are zero, the secant equation has no well-conditioned solution.
 */
const nextInverse = (inverse: InverseJacobian, dy: Tensor, dF: Tensor, memory: number): InverseJacobian => {
  // If the memory is full, all updates are dropped, and the method starts again with `B = I`.
  const base = inverse?.u.shape[1] === memory ? null : inverse;
  const v = timesInverse(dy, base);
  const denominator = rowDot(v, dF);
  // If the denominator is below 1e-30, squares have underflowed in float32.
  const bound = maximum(mul(1e-6, sqrt(mul(rowDot(v, v), rowDot(dF, dF)))), 1e-30);
  const sound = reshape(greater(abs(denominator), bound), [-1]);
  const safe = select(sound, denominator, onesLike(denominator));
  const u = div(sub(dy, inverseTimes(base, dF)), safe);
  const pair = { u: stacked(select(sound, u, zerosLike(u))), v: stacked(v) };
  return base === null ? pair : { u: concat([base.u, pair.u], 1), v: concat([base.v, pair.v], 1) };
};

/** Reshapes `[B, d]` to `[B, 1, d]`. */
const stacked = (x: Tensor): Tensor => reshape(x, [x.shape[0]!, 1, x.shape[1]!]);
