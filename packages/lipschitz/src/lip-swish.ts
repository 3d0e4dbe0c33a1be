import { fused } from '@impflow/core';
import { add, mul, sigmoid, softplus, square, sub, sum, tensor1d, variable, type Tensor, type Variable } from '@tensorflow/tfjs-core';
import { timesSlope } from './elementwise.ts';
import type { Layer, TangentCotangents } from './layer.ts';

export interface LipSwishOptions {
  /** Start of the raw parameter; the slope at infinity sharpens with `softplus(beta)`. Default 0.5. */
  readonly beta?: number;
}

/**
 * `a sigmoid(b a) / 1.1` with learnable `b = softplus(beta) > 0`: smooth, 1-Lipschitz for every `b`, and not saturating.
 *
 * @see Chen, Behrmann, Duvenaud, Jacobsen, Residual Flows for Invertible Generative Modeling, 2019 (arXiv:1906.02735), section 3.2.
 */
export const lipSwish = ({ beta = 0.5 }: LipSwishOptions = {}): Layer => {
  const raw: Variable = variable(tensor1d([beta]));
  return Object.freeze<Layer>({
    name: 'lipSwish',
    // sup of the slope is 1.09984 / 1.1, independent of b.
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
      const { a, b, slope } = saved as unknown as Saved;
      const [x, ...rest] = fused('ImpflowLipSwishPullback', { u, a, b, slope, ...pairs }, {}, (): readonly [Tensor, ...Tensor[]] => gradients({ a, b, slope }, u, pairs));
      // db/dbeta = sigmoid(beta).
      const parameters = [mul(rest.at(-1)!, sigmoid(raw))];
      return pairs === undefined ? { x, parameters } : { x, tangents: rest[0]!, parameters };
    },
  });
};

/** What the derivatives need: the sigmoid is as soon computed again as kept. */
interface Saved {
  readonly a: Tensor;
  readonly b: Tensor;
  readonly slope: Tensor;
}

const SCALE = 1 / 1.1;

/** `s(a)` and `s'(a)`, with `S` the sigmoid: `a S(ba)`, `S + ba S'`, both times the scale. */
const valueAndSlope = (a: Tensor, b: Tensor): readonly [Tensor, Tensor] => fused('ImpflowLipSwish', { a, b }, {}, () => {
  const ba = mul(a, b), s = sigmoid(ba);
  return [mul(mul(a, s), SCALE), mul(add(s, mul(ba, sub(s, square(s)))), SCALE)] as const;
});

/**
 * Of `<u, s(a)> + sum_k <w_k, s'(a) t_k>` with respect to `a`, the tangents where there are some, and `b`. With `q = 2 S' + ba S''` and `S'' = S' (1 - 2 S)`, each times
 * the scale: `s'' = b q`, `ds/db = a^2 S'`, `ds'/db = a q`.
 */
const gradients = ({ a, b, slope }: Saved, u: Tensor, pairs: TangentCotangents | undefined): readonly [Tensor, ...Tensor[]] => {
  const ba = mul(a, b), s = sigmoid(ba), ds = sub(s, square(s));
  const direct = mul(u, slope), first = mul(u, mul(square(a), ds));
  if (pairs === undefined) return [direct, mul(sum(first), SCALE)];
  // q sum_k t_k w_k: what the second derivatives meet.
  const met = mul(mul(ds, add(2, mul(ba, sub(1, mul(2, s))))), sum(mul(pairs.tangents, pairs.cotangents), 0));
  return [add(direct, mul(met, mul(b, SCALE))), timesSlope(pairs.cotangents, slope), mul(sum(add(first, mul(met, a))), SCALE)];
};
