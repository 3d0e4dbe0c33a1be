import { FlowError, fold, scoped, uniform, type Key } from '@impflow/core';
import {
  add, cast, div, dispose, greater, keep, matMul, maximum, mul, neg, ones, reshape, sub, sum, transpose, variable, zeros, type Tensor, type Variable,
} from '@tensorflow/tfjs-core';
import type { Layer } from './layer.ts';
import { weightNorm, type DenseNorm } from './weight-norm.ts';

export interface DenseOptions {
  readonly inputs: number;
  readonly outputs: number;
  readonly key: Key;
  /** The cap `c > 0` on the operator norm. Default 0.97. */
  readonly coeff?: number;
  /** Start as the zero map. Default false: uniform in `+-1 / sqrt(inputs)`. */
  readonly zero?: boolean;
  /**
   * Which operator norm is capped. Default the spectral one, 2 -> 2. In a net the `codomain` of a layer is the `domain` of the
   * next, and the last that of the first: only then is the product of the caps a bound, and it is one in that norm.
   */
  readonly norm?: DenseNorm;
}

/**
 * `x W_c^T + b` with `W_c = W / max(1, sigma / c)` and `sigma = u^T W v`: its operator norm never exceeds `c` once `refresh`
 * has found the `u` and `v` that attain it. The gradient flows through `sigma`; `u` and `v` are constants to it, which the
 * envelope theorem makes right.
 *
 * @remarks `W` is `[outputs, inputs]`. The capped weight is computed once per value of the parameters. `refresh` with a
 * count runs power iteration, which tracks the norm of a weight in training but may lag behind it; with a `tolerance` it runs
 * {@link lanczos}, after which the true norm is at most `c (1 + 1e-3)` for a tolerance of 1e-5. Other norms than the spectral
 * one: see {@link inducedNorm}.
 * @throws `option` for a coefficient that is not positive, an order below 1, or a local cap where there is none.
 * @see Gouk, Frank, Pfahringer, Cree, Regularisation of Neural Networks by Enforcing Lipschitz Continuity, 2018
 * (arXiv:1804.04368); Chen, Behrmann, Duvenaud, Jacobsen, Residual Flows, 2019 (arXiv:1906.02735), appendix D for mixed norms.
 */
export const dense = ({ inputs, outputs, key, coeff = 0.97, zero = false, norm = {} }: DenseOptions): Layer => {
  if (!(coeff > 0)) throw new FlowError('option', 'lipschitz/dense', 'Wrong Lipschitz coefficient', { expected: 'a positive number', got: String(coeff) });
  const bound = 1 / Math.sqrt(inputs);
  const own = (init: () => Tensor): Variable => scoped(() => variable(init()));
  const weight = own(() => zero ? zeros([outputs, inputs]) : uniform(fold(key, 0), [outputs, inputs], -bound, bound));
  const bias = own(() => zero ? zeros([outputs]) : uniform(fold(key, 1), [outputs], -bound, bound));
  const size = weightNorm({ rows: outputs, columns: inputs }, norm, fold(key, 2));
  size.refresh(weight.dataSync(), { tolerance: 1e-5 });

  const orders = Object.entries(size.orders);
  const sources = [weight, ...Object.values(size.buffers)];
  let memo: Capped | undefined;
  /** The capped weight for the present values of `W` and the buffers, whose identity tfjs tells by their data ids. */
  const capped = (): Capped => {
    if (memo !== undefined && !memo.scaled.isDisposed && sources.every(({ dataId }, i) => dataId === memo!.ids[i])) return memo;
    if (memo !== undefined) dispose([memo.scaled, memo.transposed, memo.sigma, memo.slope]);
    memo = scoped(() => {
      const slope = size.slope();
      const sigma = total(mul(slope, weight));
      const scaled = mul(weight, div(coeff, maximum(sigma, coeff)));
      return { ids: sources.map(({ dataId }) => dataId), slope: keep(slope), sigma: keep(sigma), scaled: keep(scaled), transposed: keep(transpose(scaled)) };
    });
    return memo;
  };
  /** One number, or one per column or row: `[1, 1]`, `[1, inputs]` or `[outputs, 1]`. */
  const total = (x: Tensor): Tensor => sum(x, [...size.axes], true);

  return Object.freeze<Layer>({
    name: 'dense',
    lipschitz: coeff,
    norm: { domain: norm.domain ?? 2, codomain: norm.codomain ?? 2 },
    parameters: { weight, bias, ...Object.fromEntries(orders.map(([name, { raw }]) => [name, raw])) },
    buffers: size.buffers,
    value: (x) => add(matMul(x, capped().transposed), bias),
    trace: (x) => {
      const { scaled, transposed, sigma, slope } = capped();
      return { value: add(matMul(x, transposed), bias), saved: { x, scaled, transposed, sigma, slope, weight } };
    },
    jvp: ({ saved }, t) => matMul(t, saved['transposed']!),
    vjp: ({ saved }, w) => matMul(w, saved['scaled']!),
    pullback: ({ saved }, cotangent, pairs) => {
      const { x, scaled, sigma, slope, weight: w } = saved as Record<'x' | 'scaled' | 'sigma' | 'slope' | 'weight', Tensor>;
      // Products with a transpose flag are slow in tfjs-wasm; transposing first is not.
      const outer = (of: Tensor, with_: Tensor): Tensor => matMul(transpose(of), with_);
      const direct = pairs.reduce((running, pair) => add(running, outer(pair.cotangent, pair.tangent)), outer(cotangent, x));
      // With D = d sigma / dW: d W_c = (c / sigma) (dW - W <D, dW> / sigma) where the cap binds, dW elsewhere.
      const binds = cast(greater(sigma, coeff), 'float32');
      const factor = div(coeff, maximum(sigma, coeff));
      const correction = mul(mul(binds, div(factor, maximum(sigma, coeff))), total(mul(direct, w)));
      return {
        x: matMul(cotangent, scaled),
        tangents: pairs.map((pair) => matMul(pair.cotangent, scaled)),
        parameters: [
          sub(mul(direct, factor), mul(correction, slope)),
          reshape(matMul(ones([1, cotangent.shape[0]!]), cotangent), [-1]),
          ...orders.map(([, order]) => neg(mul(reshape(correction, [1]), order.slope))),
        ],
      };
    },
    refresh: (options = {}) => { size.refresh(weight.dataSync(), options); },
  });
};

interface Capped {
  readonly ids: readonly object[];
  /** `d sigma / dW`. */
  readonly slope: Tensor;
  readonly sigma: Tensor;
  readonly scaled: Tensor;
  readonly transposed: Tensor;
}
