import { capabilities } from '@impflow/core';
import { add, cos, mul, round, sin, square, sub, type Tensor } from '@tensorflow/tfjs-core';
import { elementwise, fusedActivation } from './elementwise.ts';
import type { Layer } from './layer.ts';

/**
 * The activation `sin(2 pi a) / (2 pi)`, which is 1-Lipschitz. The paper on implicit flows uses this activation for its
 * two-dimensional experiments.
 *
 * @remarks Value and slope are computed by one range reduction and two polynomials. The largest errors are 4e-8 for the
 * value and 7e-7 for the slope, compared with float64. Backends with the kernel `ImpflowActivation` compute value and
 * slope in one pass. Backends with fast sines use their sine and cosine, with the phase `2 pi a` rounded to float32.
 * Other backends evaluate the polynomials with plain arithmetic, which is much faster than the sine and cosine of
 * tfjs-wasm (docs/decisions/003).
 */
export const sinActivation = (): Layer =>
  elementwise({
    name: 'sin',
    part: { activation: 'sin', alpha: 1 },
    lipschitz: 1,
    evaluate: (a) => {
      const [value, slope] = fusedActivation.run({ a }, { activation: 'sin', alpha: 1 }, () =>
        capabilities().fastSines === true ? bySines(a) : byPolynomials(a),
      );
      return { value, slope };
    },
    curvature: ({ value }) => ({ scale: -4 * Math.PI ** 2, factor: value }),
  });

/**
 * The activation `(a + sin(2 pi a) / (2 pi)) / 2`, whose slopes lie in `[0, 1]`, as sandwich nets require. Apart from
 * constant shifts of argument and value, this activation is half of the Snake activation `x + sin(pi x)^2 / pi` of the
 * literature.
 *
 * @remarks The graph of the activation rises in steps, so that a net can be steep at many places, as with
 * {@link sinActivation}.
 * @see Ziyin, Hartwig, Ueda, Neural Networks Fail to Learn Periodic Functions and How to Fix It, 2020
 * (arXiv:2006.08195), equation 3.
 */
export const snake = (): Layer =>
  elementwise({
    name: 'snake',
    part: { activation: 'snake', alpha: 1 },
    lipschitz: 1,
    monotone: true,
    evaluate: (a) => {
      const [value, slope] = fusedActivation.run({ a }, { activation: 'snake', alpha: 1 }, () => {
        const [sine, cosine] = capabilities().fastSines === true ? bySines(a) : byPolynomials(a);
        return [mul(add(a, sine), 0.5), mul(add(cosine, 1), 0.5)];
      });
      return { value, slope, a };
    },
    // With the value s of the activation snake, sin(2 pi a) / (2 pi) is 2 s - a.
    curvature: ({ value, a }) => ({ scale: -2 * Math.PI ** 2, factor: sub(mul(value, 2), a) }),
  });

const bySines = (a: Tensor): readonly [Tensor, Tensor] => {
  const phase = mul(a, 2 * Math.PI);
  return [mul(sin(phase), 1 / (2 * Math.PI)), cos(phase)];
};

const byPolynomials = (a: Tensor): readonly [Tensor, Tensor] => {
  // With r = a - round(a) in [-1/2, 1/2]: s = sin(pi r), c = cos(pi r), sin(2 pi a) = 2 s c, cos(2 pi a) = 1 - 2 s^2.
  const r = sub(a, round(a));
  const u = square(r);
  const s = mul(r, polynomial(u, SINE));
  return [mul(s, polynomial(u, COSINE_OVER_PI)), sub(1, mul(2, square(s)))];
};

const polynomial = (u: Tensor, [leading, next, ...rest]: readonly number[]): Tensor =>
  rest.reduce<Tensor>((sum, coefficient) => add(mul(sum, u), coefficient), add(mul(u, leading!), next!));

// Coefficients, highest power first, of Chebyshev interpolants on u = r^2 in [0, 1/4]: sin(pi r) / r with error 7e-9,
// and cos(pi r) with error 3e-10.
const SINE = [0.07765766030370826, -0.5982912856197324, 2.5500775232145423, -5.167710083507896, 3.1415926401307073];
const COSINE_OVER_PI = [
  -0.02439632436057906, 0.2349373138231332, -1.3352120030520982, 4.058709159556471, -4.934802137078832,
  0.9999999997799044,
].map((coefficient) => coefficient / Math.PI);
