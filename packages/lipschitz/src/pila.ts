import { FlowError } from '@impflow/core';
import { add, exp, mul, square, sub } from '@tensorflow/tfjs-core';
import { elementwise } from './elementwise.ts';
import type { Layer } from './layer.ts';
import { negativePart, positivePart } from './rectifiers.ts';

/** Options of {@link pila}. */
export interface PilaOptions {
  /** The positive parameter `k`. The larger `k`, the narrower is the bend below 0. Default 5. */
  readonly k?: number;
}

/**
 * The activation `a` for `a > 0`, otherwise `(k^2 a^3 / 2 - k a^2 + a) e^(k a)`: Pila of the paper on monotone flows.
 * 1-Lipschitz, with continuous first and second derivatives. The slopes lie in `[-0.35, 1]`. The value and the slope
 * vanish for large negative `a`.
 *
 * @remarks The paper concatenates the values of Pila at `a` and `-a` (CPila), which doubles the width of a layer. This
 * activation keeps the width.
 * @throws `option` unless `k` is positive.
 * @see Ahn, Kim, Hong, Kim, Invertible Monotone Operators for Normalizing Flows, 2022 (arXiv:2210.08176).
 */
export const pila = ({ k = 5 }: PilaOptions = {}): Layer => {
  if (!(typeof k === 'number' && k > 0 && k < Infinity))
    throw new FlowError('option', 'lipschitz/pila', 'Wrong k', { expected: 'a positive number', got: String(k) });
  return elementwise({
    name: 'pila',
    lipschitz: 1,
    // With t = k min(a, 0), the value for a < 0 is (t^3 / 2 - t^2 + t) e^t / k, the slope is
    // (t^3 + t^2 - 2 t + 2) e^t / 2, and the second derivative is k t^2 (t + 4) e^t / 2. For large negative t, powers of
    // t overflow. So all three are computed from q = e^(t / 4) and s = t q, whose absolute value is at most 4 / e.
    evaluate: (a) => {
      const below = negativePart(a);
      const q = exp(mul(below, k / 4));
      const s = mul(mul(below, q), k);
      const [s2q, q3] = [mul(square(s), q), mul(square(q), q)];
      const value = add(positivePart(a), mul(mul(s, add(sub(mul(s2q, 0.5), mul(s, square(q))), q3)), 1 / k));
      const slope = add(mul(s2q, mul(add(s, q), 0.5)), mul(q3, sub(q, s)));
      return { value, slope, s, q };
    },
    curvature: ({ s, q }) => ({ scale: k / 2, factor: mul(mul(square(s), q), add(s, mul(q, 4))) }),
  });
};
