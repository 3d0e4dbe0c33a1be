import { FlowError, kernel, scoped, shown } from '@impflow/core';
import {
  add,
  mul,
  sigmoid,
  softplus,
  square,
  sub,
  sum,
  tensor1d,
  variable,
  type Tensor,
  type Variable,
} from '@tensorflow/tfjs-core';
import { timesSlope } from './elementwise.ts';
import type { Layer, TangentCotangents } from './layer.ts';

/** Options of {@link lipSwish}. */
export interface LipSwishOptions {
  /**
   * Initial value of the raw parameter `beta`. The transition at 0 becomes sharper as `softplus(beta)` grows. Default
   * 0.5.
   */
  readonly beta?: number;
}

/**
 * The activation `a sigmoid(b a) / 1.1` with a learned `b = softplus(beta) > 0`. Smooth, 1-Lipschitz for every `b`, and
 * without saturation for large positive `a`.
 *
 * @see Chen, Behrmann, Duvenaud, Jacobsen, Residual Flows for Invertible Generative Modeling, 2019 (arXiv:1906.02735),
 * section 3.2.
 */
export const lipSwish = ({ beta = 0.5 }: LipSwishOptions = {}): Layer => {
  if (!Number.isFinite(beta))
    throw new FlowError('option', 'lipschitz/lipSwish', 'Wrong beta', {
      expected: 'a finite number',
      got: shown(beta),
    });
  const raw: Variable = scoped(() => variable(tensor1d([beta])));
  return Object.freeze<Layer>({
    name: 'lipSwish',
    // The largest slope is 1.09984 / 1.1 for every b.
    lipschitz: 1,
    parameters: { beta: raw },
    buffers: {},
    value: (a) => valueAndSlope(a, softplus(raw))[0],
    trace: (a) => {
      const b = softplus(raw);
      const [value, slope] = valueAndSlope(a, b);
      return { value, saved: { a, b, slope } };
    },
    jvp: ({ saved }, tangents) => timesSlope(tangents, saved['slope']!),
    vjp: ({ saved }, cotangents) => timesSlope(cotangents, saved['slope']!),
    pullback: ({ saved }, u, pairs) => {
      const { a, b, slope } = saved as Readonly<Record<keyof Saved, Tensor>>;
      const [x, ...rest] = backward.run<readonly [Tensor, ...Tensor[]]>({ u, a, b, slope, ...pairs }, {}, () =>
        gradients({ a, b, slope }, u, pairs),
      );
      const weights = [rest.at(-1)!];
      return pairs === undefined ? { x, weights } : { x, tangents: rest[0]!, weights };
    },
    // The explicit weight is b, with the derivative db/dbeta = sigmoid(beta).
    trained: ([b]) => [mul(b!, sigmoid(raw))],
  });
};

/** Tensors that the derivatives need. The sigmoid is not saved: recomputing it is as cheap as storing it. */
interface Saved {
  readonly a: Tensor;
  readonly b: Tensor;
  readonly slope: Tensor;
}

const SCALE = 1 / 1.1;

/** Computes LipSwish, `s(a) = a sigmoid(b a) / 1.1`, and its derivative `s'(a)`, each shaped as `a`; `b [1]`. */
const forward = kernel<{ readonly a: Tensor; readonly b: Tensor }>('ImpflowLipSwish');

/**
 * Computes the gradient of `<u, s(a)> + sum_k <w_k, s'(a) t_k>`, with `slope = s'(a)`. Outputs: the gradient with
 * respect to `a`; the gradient with respect to the tangents `[K, ..]`, if tangents are given; and the gradient with
 * respect to `b [1]`. Give both `tangents` and `cotangents`, each `K` times as large as `a`, or leave both out.
 */
const backward = kernel<{ readonly u: Tensor } & Saved & Partial<TangentCotangents>>('ImpflowLipSwishPullback');

/**
 * Returns LipSwish `s(a)` and its derivative `s'(a)`. With the sigmoid `S`, the value is `a S(ba)` and the derivative
 * is `S + ba S'`, each divided by 1.1.
 */
const valueAndSlope = (a: Tensor, b: Tensor): readonly [Tensor, Tensor] =>
  forward.run({ a, b }, {}, () => {
    const ba = mul(a, b),
      s = sigmoid(ba);
    return [mul(mul(a, s), SCALE), mul(add(s, mul(ba, sub(s, square(s)))), SCALE)];
  });

/**
 * Computes the results of the kernel `ImpflowLipSwishPullback` with operations of tfjs. With `q = 2 S' + ba S''` and
 * `S'' = S' (1 - 2 S)`, each divided by 1.1: `s'' = b q`, `ds/db = a^2 S'`, `ds'/db = a q`.
 */
const gradients = (
  { a, b, slope }: Saved,
  u: Tensor,
  pairs: TangentCotangents | undefined,
): readonly [Tensor, ...Tensor[]] => {
  const ba = mul(a, b),
    s = sigmoid(ba),
    ds = sub(s, square(s));
  const direct = mul(u, slope),
    first = mul(u, mul(square(a), ds));
  if (pairs === undefined) return [direct, mul(sum(first), SCALE)];
  // The product q sum_k t_k w_k is a factor of both second derivatives.
  const met = mul(mul(ds, add(2, mul(ba, sub(1, mul(2, s))))), sum(mul(pairs.tangents, pairs.cotangents), 0));
  return [
    add(direct, mul(met, mul(b, SCALE))),
    timesSlope(pairs.cotangents, slope),
    mul(sum(add(first, mul(met, a))), SCALE),
  ];
};
