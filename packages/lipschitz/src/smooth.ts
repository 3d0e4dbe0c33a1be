import { cast, equal, maximum, minimum, add, mul, sigmoid, softplus, square, sub, tanh } from '@tensorflow/tfjs-core';
import { elementwise, fusedActivation } from './elementwise.ts';
import type { Layer } from './layer.ts';

/** The hyperbolic tangent, 1-Lipschitz. */
export const tanhActivation = (): Layer =>
  elementwise({
    name: 'tanh',
    part: { activation: 'tanh', alpha: 1 },
    lipschitz: 1,
    monotone: true,
    evaluate: (a) => {
      const [value, slope] = fusedActivation.run({ a }, { activation: 'tanh', alpha: 1 }, () => {
        const t = tanh(a);
        return [t, sub(1, square(t))];
      });
      return { value, slope };
    },
    curvature: ({ value, slope }) => ({ scale: -2, factor: mul(value, slope) }),
  });

/** The activation `log(1 + e^a)`, 1-Lipschitz. */
export const softplusActivation = (): Layer =>
  elementwise({
    name: 'softplus',
    part: { activation: 'softplus', alpha: 1 },
    lipschitz: 1,
    monotone: true,
    evaluate: (a) => {
      const [value, slope] = fusedActivation.run({ a }, { activation: 'softplus', alpha: 1 }, () => [
        softplus(a),
        sigmoid(a),
      ]);
      return { value, slope };
    },
    curvature: ({ slope }) => sub(slope, square(slope)),
  });

/**
 * The activation `a^3 / 3` on `[-1, 1]`, continued with slope 1 (`a -+ 2/3`). 1-Lipschitz with a continuous slope. For
 * large inputs of either sign the slope of lipschitzCube is 1, unlike the slopes of other smooth activations.
 *
 * @see Chen, Behrmann, Duvenaud, Jacobsen, Residual Flows for Invertible Generative Modeling, 2019 (arXiv:1906.02735),
 * released code.
 */
export const lipschitzCube = (): Layer =>
  elementwise({
    name: 'lipschitzCube',
    lipschitz: 1,
    monotone: true,
    evaluate: (a) => {
      const c = minimum(maximum(a, -1), 1);
      const slope = square(c);
      // c is a clipped to [-1, 1], so a - c is zero inside [-1, 1]. If a is NaN, c may be a number, because clipping
      // may drop NaN, but a - c is NaN.
      return { value: add(sub(a, c), mul(mul(c, slope), 1 / 3)), slope, a, c };
    },
    curvature: ({ a, c }) => mul(mul(c, cast(equal(a, c), 'float32')), 2),
  });
