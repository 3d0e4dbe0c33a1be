import { FlowError, fold, fused, scoped, uniform, type Key } from '@impflow/core';
import { add, cast, div, dispose, greater, keep, matMul, maximum, mul, neg, reshape, sub, sum, variable, zeros, type Tensor, type Variable } from '@tensorflow/tfjs-core';
import type { Layer, TangentCotangents } from './layer.ts';
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
  size.refresh(weight, { tolerance: 1e-5 });

  const orders = Object.entries(size.orders);
  const sources = [weight, ...Object.values(size.buffers)];
  let memo: Capped | undefined;
  /** The capped weight for the present values of `W` and the buffers, whose identity tfjs tells by their data ids. */
  const capped = (): Capped => {
    if (memo !== undefined && !memo.scaled.isDisposed && sources.every(({ dataId }, i) => dataId === memo!.ids[i])) return memo;
    if (memo !== undefined) dispose([memo.scaled, memo.sigma, memo.slope]);
    memo = scoped(() => {
      const composed = (): readonly [Tensor, Tensor, Tensor] => {
        const slope = size.slope();
        const sigma = total(mul(slope, weight));
        return [mul(weight, div(coeff, maximum(sigma, coeff))), sigma, slope];
      };
      const [scaled, sigma, slope] = size.vectors === undefined ? composed() : fused('ImpflowCap', { weight, ...size.vectors }, { coeff }, composed);
      return { ids: sources.map(({ dataId }) => dataId), scaled: keep(scaled), sigma: keep(sigma), slope: keep(slope) };
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
    ...(size.vectors !== undefined && orders.length === 0 ? { part: { kind: 'dense', coeff, weight, bias, capped } } : {}),
    value: (x) => affine(x, capped().scaled, bias),
    trace: (x) => ({ value: affine(x, capped().scaled, bias), saved: { x } }),
    jvp: (_trace, tangents) => affine(tangents, capped().scaled),
    vjp: (_trace, cotangents) => transposed(cotangents, capped().scaled),
    pullback: ({ saved: { x } }, cotangent, pairs) => {
      const { scaled, sigma, slope } = capped();
      const [direct, biasGradient] = outer(cotangent, x!, pairs);
      // With D = d sigma / dW: d W_c = (c / sigma) (dW - W <D, dW> / sigma) where the cap binds, dW elsewhere.
      const composed = (): readonly [Tensor, Tensor] => {
        const factor = div(coeff, maximum(sigma, coeff));
        const correction = mul(mul(cast(greater(sigma, coeff), 'float32'), div(factor, maximum(sigma, coeff))), total(mul(direct, weight)));
        return [sub(mul(direct, factor), mul(correction, slope)), correction];
      };
      const weightGradient = (): readonly Tensor[] => {
        if (size.vectors !== undefined && orders.length === 0) return fused('ImpflowCapGradient', { direct, weight, slope, sigma }, { coeff }, () => [composed()[0]]);
        const [gradient, correction] = composed();
        return [gradient, ...orders.map(([, order]) => neg(mul(reshape(correction, [1]), order.slope)))];
      };
      const [first, ...rest] = weightGradient();
      return {
        x: transposed(cotangent, scaled),
        ...(pairs === undefined ? {} : { tangents: transposed(pairs.cotangents, scaled) }),
        parameters: [first!, biasGradient, ...rest],
      };
    },
    refresh: (options = {}) => { size.refresh(weight, options); },
  });
};

interface Capped {
  readonly ids: readonly object[];
  /** `d sigma / dW`. */
  readonly slope: Tensor;
  readonly sigma: Tensor;
  readonly scaled: Tensor;
}

/** `x W^T (+ b)`, `[..., n] -> [..., m]`. */
const affine = (x: Tensor, weight: Tensor, bias?: Tensor): Tensor =>
  fused('ImpflowLinear', { x, weight, ...(bias === undefined ? {} : { bias }) }, { transposed: false }, () => {
    const product = onRows(x, (rows) => matMul(rows, weight, false, true));
    return [bias === undefined ? product : add(product, bias)] as const;
  })[0];

/** `u W`, `[..., m] -> [..., n]`. */
const transposed = (u: Tensor, weight: Tensor): Tensor =>
  fused('ImpflowLinear', { x: u, weight }, { transposed: true }, () => [onRows(u, (rows) => matMul(rows, weight))] as const)[0];

/** `u^T x + sum_k w_k^T t_k` and the sum of `u` over the batch. */
const outer = (u: Tensor, x: Tensor, pairs: TangentCotangents | undefined): readonly [Tensor, Tensor] =>
  fused('ImpflowLinearGradient', { u, x, ...pairs }, {}, () => {
    const product = (left: Tensor, right: Tensor): Tensor => matMul(left, right, true);
    const direct = product(u, x);
    return [pairs === undefined ? direct : add(direct, product(flat(pairs.cotangents), flat(pairs.tangents))), sum(u, 0)] as const;
  });

/** All leading axes as one. */
const flat = (x: Tensor): Tensor => reshape(x, [-1, x.shape.at(-1)!]);

const onRows = (x: Tensor, map: (rows: Tensor) => Tensor): Tensor => {
  if (x.rank === 2) return map(x);
  const image = map(flat(x));
  return reshape(image, [...x.shape.slice(0, -1), image.shape[1]!]);
};
