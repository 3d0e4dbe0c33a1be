import { advance, offTape, recording, reusing, scoped, withGradientOf, type Contraction, type Linearization, type Transformed } from '@impflow/core';
import { add, matMul, mean, mul, reshape, slice, stack, sum, tensor2d, type Tensor } from '@tensorflow/tfjs-core';

/**
 * How the gradient is computed. Both have the same mean.
 *
 * - `neumann`: `d log det(I + J) = tr((I + J)^-1 dJ)`, the inverse as a series: one differentiable product, no memory per term.
 * - `series`: differentiates the estimate itself, term by term: as many differentiable products as terms. The gradient belongs
 *   to the very number that is returned, which matters to a line search and to finite differences.
 */
export type SeriesGradient = 'neumann' | 'series';

/**
 * `g(x)` and the weighted power series `sum_k (-1)^(k+1) c_k v^T J^k v / k`, averaged over probes, with its gradient.
 *
 * @param probes `[P, B, ...event]`, with `E[v v^T] = I`.
 * @param coefficients `c_1 .. c_K`. All ones for a truncated series.
 * @remarks Off the tape: `K - 1` products with `J^T` (`series`: and as many with `J`). On it: one push of
 * `P` tangents (`series`: `K P`). One forward pass serves all. All terms share `J v`, because `v^T J^k v = <(J^T)^(k-1) v, J v>`.
 * @see Chen, Behrmann, Duvenaud, Jacobsen, Residual Flows for Invertible Generative Modeling, 2019 (arXiv:1906.02735), equations 6 and 8.
 */
export const seriesEstimate = (
  g: Contraction, x: Tensor, probes: Tensor, coefficients: readonly number[], gradient: SeriesGradient = 'neumann',
): Transformed => scoped(() => {
  return linearizedAt(g, x, (lin, here) => {
    if (!recording()) return { value: lin.value.clone(), logDet: backwardPowers(lin, probes, lin.jvp(probes), coefficients).total };
    if (gradient === 'neumann') {
      const { value, tangents } = here.pushforward(x, probes);
      const { total, weight } = backwardPowers(lin, probes, tangents, coefficients);
      return { value, logDet: withGradientOf(total, averagedInner(weight, tangents)) };
    }
    const { total, directions, weights } = pairedPowers(lin, probes, coefficients);
    const { value, tangents } = here.pushforward(x, directions);
    // One sum over terms, one mean over probes: inner products average over both.
    return { value, logDet: withGradientOf(total, mul(averagedInner(weights, tangents), coefficients.length)) };
  });
});

/**
 * `<w, J v>` averaged over probes, `[B]`, with `w = sum_k (-1)^k c_k (J^T)^k v` held constant: a number without meaning whose
 * gradient is that of the log-determinant, once the `c_k` (from `k = 0`) make `w` an estimate of `(I + J)^-T v`.
 */
export const neumannSurrogate = (g: Contraction, x: Tensor, probes: Tensor, coefficients: readonly number[]): Tensor => scoped(() => {
  return linearizedAt(g, x, (lin, here) => {
    const { tangents } = here.pushforward(x, probes);
    return averagedInner(backwardPowers(lin, probes, tangents, coefficients).weight, tangents);
  });
});

/** `body` at a linearization that lives no longer than it, and with the map for use at that point. */
const linearizedAt = <R>(g: Contraction, x: Tensor, body: (lin: Linearization, here: Contraction) => R): R => {
  const lin = g.linearize(x);
  try {
    return body(lin, reusing(g, x, lin));
  } finally {
    lin.dispose();
  }
};

/**
 * With `u_k = (J^T)^k v`: `weight = sum_(k>=0) (-1)^k c_(k+1) u_k` and `total = sum_(k>=1) (-1)^(k+1) c_k / k <u_(k-1), J v>`.
 * Memory does not grow with the number of terms.
 */
const backwardPowers = (lin: Linearization, v: Tensor, jv: Tensor, coefficients: readonly number[]): { readonly weight: Tensor; readonly total: Tensor } => offTape(() => {
  const term = (power: Tensor, k: number): { readonly power: Tensor; readonly weight: Tensor; readonly total: Tensor } => {
    const signed = (k % 2 === 0 ? 1 : -1) * coefficients[k]!;
    return { power, weight: mul(power, signed), total: mul(averagedInner(power, jv), signed / (k + 1)) };
  };
  let state = scoped(() => term(v.clone(), 0));
  for (let k = 1; k < coefficients.length; k++) {
    state = advance(state, ({ power, weight, total }) => {
      const next = term(lin.vjp(power), k);
      return { power: next.power, weight: add(weight, next.weight), total: add(total, next.total) };
    });
  }
  return state;
});

/**
 * What the gradient of `sum_k s_k v^T J^k v` pairs, with `s_k = (-1)^(k+1) c_k / k`: directions `J^j v` and weights
 * `W_j = sum_i s_(i+j+1) (J^T)^i v`, both `[K P, B, ...event]`, for `d(v^T J^k v) = sum_(i+j=k-1) <(J^T)^i v, dJ J^j v>`.
 */
const pairedPowers = (lin: Linearization, v: Tensor, coefficients: readonly number[]): { readonly directions: Tensor; readonly weights: Tensor; readonly total: Tensor } => offTape(() => {
  const count = coefficients.length;
  const scaled = coefficients.map((c, k) => (k % 2 === 0 ? c : -c) / (k + 1));
  const stacked = [count * v.shape[0]!, ...v.shape.slice(1)];
  const forward = powers(lin.jvp, v, count);
  const backward = stack(powers(lin.vjp, v, count));
  const hankel = tensor2d(scaled.flatMap((_, j) => scaled.map((_, i) => scaled[i + j] ?? 0)), [count, count]);
  const weights = matMul(hankel, reshape(backward, [count, -1]));
  const first = forward[1] ?? lin.jvp(v);
  const inner = mean(sum(reshape(mul(backward, first), [count, v.shape[0]!, v.shape[1]!, -1]), 3), 1);
  return {
    directions: reshape(stack(forward), stacked),
    weights: reshape(weights, stacked),
    total: reshape(matMul(slice(hankel, [0, 0], [1, count]), inner), [-1]),
  };
});

/** `v, A v, .., A^(count-1) v`. */
const powers = (product: (t: Tensor) => Tensor, v: Tensor, count: number): Tensor[] => {
  const out = [v];
  while (out.length < count) out.push(product(out.at(-1)!));
  return out;
};

/** `[K, B, ...event]` twice `-> [B]`: inner products over the event, averaged over the stack. */
const averagedInner = (a: Tensor, b: Tensor): Tensor => mean(sum(reshape(mul(a, b), [a.shape[0]!, a.shape[1]!, -1]), 2), 0);
