import { sampleNorm, type Iterate, type Solver, type TensorMap } from '@impflow/core';
import { divNoNan, mul, sub, sum, type Tensor } from '@tensorflow/tfjs-core';

/** State of {@link crossedSecant}. */
export interface CrossedSecantState extends Iterate {
  /** Image of the iterate under the map: `f(value)`, `[B, d]`. */
  readonly image: Tensor;
  /** The previous iterate and its image; `null` before the first step. */
  readonly last: { readonly value: Tensor; readonly image: Tensor } | null;
}

/** Returns the inner product `<a, b>` of each sample, `[B, 1]`. */
const dot = (a: Tensor, b: Tensor): Tensor => sum(mul(a, b), a.shape.map((_, axis) => axis).slice(1), true);

/**
 * Returns the next iterate `f(y) - a g`. If the last step did not change the iterate, `divNoNan` makes `a` zero, so the
 * next iterate is `f(y)`.
 */
const advance = ({ value, image, last }: CrossedSecantState): Tensor => {
  if (!last) return image.clone();
  const g = sub(image, value);
  const dg = sub(g, sub(last.image, last.value));
  return sub(image, mul(divNoNan(dot(sub(image, last.image), dg), dot(dg, dg)), g));
};

/**
 * The crossed secant method. Let `g = f(y) - y`, and let `dg` and `df` be the changes of `g` and of `f(y)` in the last
 * step. The next iterate is `y' = f(y) - a g` with `a = <df, dg> / <dg, dg>`.
 *
 * @remarks A step costs one evaluation and two inner products, and stores one iterate. For one unknown this is the
 * secant method, with convergence order 1.6. For more unknowns the method converges linearly, and the residual may rise
 * at times. Since `df = dg + dy`, the step is `(1 - a) g` with `1 - a = -<dy, dg> / <dg, dg>`, the second step length
 * of Barzilai and Borwein (1988). The method is much faster than fixed-point iteration if the Jacobian of `f` is nearly
 * symmetric, and little faster if the Jacobian rotates directions at different rates. The alternate secant method,
 * `f(y) - (<g, dg> / <dg, dg>) df`, is `anderson({ memory: 1 })`.
 * @see Ramière, Helfer, Iterative residual-based vector methods to accelerate fixed point iterations, Computers and
 * Mathematics with Applications 70, 2015.
 */
export const crossedSecant = (): Solver<CrossedSecantState> =>
  Object.freeze<Solver<CrossedSecantState>>({
    name: 'crossed-secant',
    problem: 'fixed-point',
    init: (f, y0) => at(f, y0.clone(), null),
    step: (f, state) => at(f, advance(state), { value: state.value, image: state.image }),
  });

const at = (f: TensorMap, value: Tensor, last: CrossedSecantState['last']): CrossedSecantState => {
  const image = f(value);
  return { value, image, last, residual: sampleNorm(sub(image, value)) };
};
