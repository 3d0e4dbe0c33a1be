import { kernel } from '@impflow/core';
import {
  cast,
  div,
  greater,
  maximum,
  mul,
  neg,
  reshape,
  sub,
  sum,
  type Tensor,
  type Variable,
} from '@tensorflow/tfjs-core';
import { perValue } from './per-value.ts';
import type { WeightNorm } from './weight-norm.ts';

/** A capped weight, computed from the present values of its parameters. */
export interface Capped {
  /** The capped weight `W_c`, shaped as `W`. */
  readonly scaled: Tensor;
  /** The norm before the cap: one number, or one number per column or row. Summed axes are kept with size 1. */
  readonly sigma: Tensor;
  /** Gradient of the norm, `d sigma / dW`, shaped as `W`. */
  readonly slope: Tensor;
}

/** A weight whose operator norm is capped at `c`, `W_c = W / max(1, sigma / c)`, and its gradient. */
interface CappedWeight {
  /** Returns the capped weight. The returned tensors belong to this object. */
  capped(): Capped;
  /**
   * Returns the gradients of a loss with respect to `W` and to the learned orders of the norm. `direct` is the gradient
   * of the loss with respect to `W_c`.
   */
  gradients(direct: Tensor): readonly Tensor[];
}

/**
 * Computes the capped weight `W / max(1, sigma / c)` with `sigma = u^T W v`: `weight [m, n]`, `u [m]`, `v [n]` ->
 * `[W_c [m, n], sigma [1, 1], u v^T [m, n]]`.
 */
const cap = kernel<{ readonly weight: Tensor; readonly u: Tensor; readonly v: Tensor }, { readonly coeff: number }>(
  'ImpflowCap',
);

/**
 * Computes the gradient with respect to `W [m, n]` of a loss whose gradient with respect to
 * `W_c = W / max(1, sigma / c)` is `direct`, with the norm `sigma [1, 1]` and `slope = d sigma / dW [m, n]`. The result
 * is `f direct - [sigma > c] f <direct, W> / sigma slope`, where `f = c / max(sigma, c)`.
 */
const capGradient = kernel<
  { readonly direct: Tensor; readonly weight: Tensor; readonly slope: Tensor; readonly sigma: Tensor },
  { readonly coeff: number }
>('ImpflowCapGradient');

/**
 * Caps the norm of a weight.
 *
 * @remarks The capped weight is computed once per value of the weight and of the buffers of the norm.
 * `D = d sigma / dW` is held constant. The differential `d W_c` is then `(c / sigma) (dW - W <D, dW> / sigma)` if the
 * norm exceeds the cap, otherwise `dW`.
 */
export const cappedWeight = (weight: Variable, norm: WeightNorm, coeff: number): CappedWeight => {
  const sources = [weight, ...Object.values(norm.buffers)];
  const orders = Object.values(norm.orders);
  const { axes } = norm;
  const total = (x: Tensor): Tensor => sum(x, axes === 'all' ? x.shape.map((_, axis) => axis) : [...axes], true);
  const capped = perValue<Capped>(sources, () => {
    const composed = (): readonly [Tensor, Tensor, Tensor] => {
      const slope = norm.slope();
      const sigma = total(mul(slope, weight));
      return [mul(weight, div(coeff, maximum(sigma, coeff))), sigma, slope];
    };
    const [scaled, sigma, slope] =
      norm.vectors === undefined ? composed() : cap.run({ weight, ...norm.vectors }, { coeff }, composed);
    return { scaled, sigma, slope };
  });
  return {
    capped,
    gradients: (direct) => {
      const { sigma, slope } = capped();
      const composed = (): readonly [Tensor, Tensor] => {
        const factor = div(coeff, maximum(sigma, coeff));
        const correction = mul(
          mul(cast(greater(sigma, coeff), 'float32'), div(factor, maximum(sigma, coeff))),
          total(mul(direct, weight)),
        );
        return [sub(mul(direct, factor), mul(correction, slope)), correction];
      };
      if (axes === 'all' && orders.length === 0)
        return capGradient.run({ direct, weight, slope, sigma }, { coeff }, () => [composed()[0]]);
      const [gradient, correction] = composed();
      return [gradient, ...orders.map((order) => neg(mul(reshape(correction, [1]), order.slope)))];
    },
  };
};
