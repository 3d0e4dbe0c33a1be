import { sampleNorm, type Iterate, type Solver, type TensorMap } from '@impflow/core';
import { divNoNan, mul, sub, sum, type Tensor } from '@tensorflow/tfjs-core';

/** What a step may use. A plain record of tensors and numbers. */
export interface CrossedSecantState extends Iterate {
  /** `f(value)`, `[B, ...event]`. */
  readonly image: Tensor;
  /** The iterate before this one and its image; `null` at the start. */
  readonly last: { readonly value: Tensor; readonly image: Tensor } | null;
}

/** `<a, b>` of each sample, `[B, 1, ...]`. */
const dot = (a: Tensor, b: Tensor): Tensor => sum(mul(a, b), a.shape.map((_, axis) => axis).slice(1), true);

/** `y' = f(y) - a g`; where nothing changed, 0 / 0, `divNoNan` makes it `f(y)`. */
const advance = ({ value, image, last }: CrossedSecantState): Tensor => {
  if (!last) return image.clone();
  const g = sub(image, value);
  const dg = sub(g, sub(last.image, last.value));
  return sub(image, mul(divNoNan(dot(sub(image, last.image), dg), dot(dg, dg)), g));
};

/**
 * Crossed secant. With `g = f(y) - y`, and `dg` and `df` the changes of `g` and `f(y)` since the step before: `y' = f(y) - a g`, `a = <df, dg> / <dg, dg>`.
 *
 * @remarks One evaluation and two inner products per step; one iterate is remembered. For one unknown it is the secant method, of order 1.6. For more it converges linearly, and the
 * residual may rise on the way: as `df = dg + dy`, it moves by `(1 - a) g`, the second step length of Barzilai and Borwein (1988). It gains most over fixed-point iteration where the
 * Jacobian of `f` is nearly symmetric, and little where directions turn at different rates. The alternate secant, `f(y) - (<g, dg> / <dg, dg>) df`, is `anderson({ memory: 1 })`.
 * @see Ramière, Helfer, Iterative residual-based vector methods to accelerate fixed point iterations, Computers and Mathematics with Applications 70, 2015.
 */
export const crossedSecant = (): Solver<CrossedSecantState> => Object.freeze<Solver<CrossedSecantState>>({
  name: 'crossed-secant',
  problem: 'fixed-point',
  init: (f, y0) => at(f, y0.clone(), null),
  step: (f, state) => at(f, advance(state), { value: state.value, image: state.image }),
});

const at = (f: TensorMap, value: Tensor, last: CrossedSecantState['last']): CrossedSecantState => {
  const image = f(value);
  return { value, image, last, residual: sampleNorm(sub(image, value)) };
};
