import { add, mul, sigmoid, softplus, square, sub, sum, tensor1d, variable, type Tensor, type Variable } from '@tensorflow/tfjs-core';
import { elementwise } from './elementwise.ts';
import type { Layer } from './layer.ts';

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
  return elementwise({
    name: 'lipSwish',
    // sup of the slope is 1.09984 / 1.1, independent of b.
    lipschitz: 1,
    parameters: { beta: raw },
    evaluate: (a) => {
      const b = softplus(raw);
      const ba = mul(a, b);
      const s = sigmoid(ba);
      const ds = sub(s, square(s));                                 // s'(ba)
      return { value: mul(mul(a, s), 1 / 1.1), slope: mul(add(s, mul(ba, ds)), 1 / 1.1), a, s, ds, b, ba };
    },
    // d2/da2 a s(ba) = 2 b s' + b^2 a s'', with s'' = s' (1 - 2 s).
    curvature: ({ s, ds, b, ba }) => mul(mul(ds, add(2, mul(ba, sub(1, mul(2, s))))), mul(b, 1 / 1.1)),
    parameterGradients: ({ a, s, ds, ba }, u, moment) => {
      // d/db a s(ba) = a^2 s'; d/db of the slope = 2 a s' + b a^2 s''; db/dbeta = sigmoid(beta).
      const chain = mul(sigmoid(raw), 1 / 1.1);
      const first = mul(u, mul(square(a), ds));
      const total: Tensor = moment === undefined ? first : add(first, mul(moment, mul(mul(a, ds), add(2, mul(ba, sub(1, mul(2, s)))))));
      return [mul(sum(total), chain)];
    },
  });
};
