import {
  advance,
  FlowError,
  kernel,
  reshaped,
  scoped,
  sizeOf,
  type Estimate,
  type NetLinearization,
} from '@impflow/core';
import { add, matMul, mean, mul, reshape, slice, stack, sum, tensor2d, type Tensor } from '@tensorflow/tfjs-core';

/**
 * Method for the gradient of a series. The gradients of both methods have the same mean.
 *
 * - `neumann`: `d log det(I + J) = tr((I + J)^-1 dJ)`, with the inverse as a series. The cost is one differentiable
 *   product. Memory does not grow with the number of terms.
 * - `series`: differentiates the estimate term by term. The cost is one differentiable product per term. The result is
 *   exactly the gradient of the returned number, which line searches and finite differences need.
 */
export type SeriesGradient = 'neumann' | 'series';

/** Throws an `option` error for an unknown name of a gradient: options in JSON can contain any name. */
export const assertGradient = (at: string, gradient: SeriesGradient): void => {
  if (gradient === 'neumann' || gradient === 'series') return;
  throw new FlowError('option', at, 'Unknown gradient', {
    expected: 'neumann or series',
    got: `"${String(gradient)}"`,
  });
};

/**
 * The weighted power series `sum_k (-1)^(k+1) c_k v^T J^k v / k`, averaged over probes, with its gradient.
 *
 * @param probes `[P, B, ...event]`, with `E[v v^T] = I`.
 * @param coefficients `c_1 .. c_K`, the weights of the terms. For a truncated series all weights are 1.
 * @remarks Costs one product with `J` and `K - 1` products with `J^T` for each probe. With the gradient `series`, the
 * cost is `2 K - 1` products with `J` and `K - 1` products with `J^T`. All terms share `J v`, because
 * `v^T J^k v = <(J^T)^(k-1) v, J v>`.
 * @see Chen, Behrmann, Duvenaud, Jacobsen, Residual Flows for Invertible Generative Modeling, 2019 (arXiv:1906.02735),
 * equations 6 and 8.
 */
export const seriesEstimate = (
  g: NetLinearization,
  probes: Tensor,
  coefficients: readonly number[],
  gradient: SeriesGradient = 'neumann',
): Estimate =>
  scoped(() => {
    if (g.tracked && gradient === 'series') return ownTerms(g, probes, coefficients);
    const pushed = g.push(probes);
    const { total, weight } = backwardPowers(g, probes, pushed.images, coefficients);
    return g.tracked
      ? { logDet: total, pair: { pushed, cotangents: mul(weight, 1 / probes.shape[0]!) } }
      : { logDet: total };
  });

/**
 * With `u_k = (J^T)^k v`: `weight = sum_(k>=0) (-1)^k c_(k+1) u_k`, which estimates `(I + J)^-T v`; and
 * `total = sum_(k>=1) (-1)^(k+1) c_k / k <u_(k-1), J v>`, computed as one inner product of `J v` with a sum of powers.
 * Memory does not grow with the number of terms.
 */
const backwardPowers = (
  g: NetLinearization,
  v: Tensor,
  jv: Tensor,
  coefficients: readonly number[],
): { readonly weight: Tensor; readonly total: Tensor } => {
  const signed = coefficients.map((c, k) => (k % 2 === 0 ? c : -c));
  let state = scoped(() => {
    const first = mul(v, signed[0]!);
    return { power: v.clone(), weight: first, integral: first };
  });
  for (let k = 1; k < coefficients.length; k++) {
    state = advance(state, ({ power, weight, integral }) => {
      const next = g.vjp(power);
      return {
        power: next,
        weight: addScaled(weight, signed[k]!, next),
        integral: addScaled(integral, signed[k]! / (k + 1), next),
      };
    });
  }
  return { weight: state.weight, total: averagedInner(state.integral, jv) };
};

/** Computes `x + factor y` for two tensors of equal shape. */
const scaledSum = kernel<{ readonly x: Tensor; readonly y: Tensor }, { readonly factor: number }>('ImpflowAddScaled');

const addScaled = (x: Tensor, factor: number, y: Tensor): Tensor =>
  scaledSum.run({ x, y }, { factor }, () => [add(x, mul(y, factor))])[0];

/**
 * The estimate for `series`: its gradient is the exact gradient of the returned number. With
 * `s_k = (-1)^(k+1) c_k / k`, the gradient of `sum_k s_k v^T J^k v` pairs the tangents `J^j v` with
 * `W_j = sum_i s_(i+j+1) (J^T)^i v`, both `[K P, B, ...event]`. The formula follows from
 * `d(v^T J^k v) = sum_(i+j=k-1) <(J^T)^i v, dJ J^j v>`.
 */
const ownTerms = (g: NetLinearization, v: Tensor, coefficients: readonly number[]): Estimate => {
  const [count, probes] = [coefficients.length, v.shape[0]!];
  const scaled = coefficients.map((c, k) => (k % 2 === 0 ? c : -c) / (k + 1));
  const stacked = [count * probes, ...v.shape.slice(1)];
  const forward = powers(g.jvp, v, count);
  const backward = stack(powers(g.vjp, v, count));
  const hankel = tensor2d(
    scaled.flatMap((_, j) => scaled.map((_, i) => scaled[i + j] ?? 0)),
    [count, count],
  );
  const weights = matMul(hankel, reshape(backward, [count, v.size]));
  const first = forward[1] ?? g.jvp(v);
  const inner = mean(sum(reshape(mul(backward, first), [count, probes, v.shape[1]!, sizeOf(v.shape.slice(2))]), 3), 1);
  return {
    logDet: reshape(matMul(slice(hankel, [0, 0], [1, count]), inner), [-1]),
    pair: { pushed: g.push(reshape(stack(forward), stacked)), cotangents: mul(reshape(weights, stacked), 1 / probes) },
  };
};

/** Returns `v, A v, .., A^(count-1) v`. */
const powers = (product: (t: Tensor) => Tensor, v: Tensor, count: number): Tensor[] => {
  const out = [v];
  while (out.length < count) out.push(product(out.at(-1)!));
  return out;
};

/** Returns the inner products over the event, averaged over the stack, `[K, B, ...event], [K, B, ...event] -> [B]`. */
const averagedInner = (a: Tensor, b: Tensor): Tensor =>
  mean(sum(reshaped(mul(a, b), [a.shape[0]!, a.shape[1]!, sizeOf(a.shape.slice(2))]), 2), 0);
