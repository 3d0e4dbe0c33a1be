import { FlowError, fold, scoped, drawUniform, shown, type Key } from '@impflow/core';
import { variable, zeros, type Tensor, type Variable } from '@tensorflow/tfjs-core';
import { affineLayer } from './affine-layer.ts';
import { cappedWeight } from './capped-weight.ts';
import type { Layer } from './layer.ts';
import { matrixAction } from './weight-action.ts';
import { orderParameters, weightNorm, type InducedNormOptions } from './weight-norm.ts';

/** Options of {@link dense}. */
export interface DenseOptions {
  /** Features of the input. */
  readonly inputs: number;
  /** Features of the output. */
  readonly outputs: number;
  /** Random key for the initial weights. */
  readonly key: Key;
  /** The cap `c > 0` on the operator norm. Default 0.97. */
  readonly coeff?: number;
  /**
   * Whether the layer starts as the zero map. Default false: the initial weights are uniform in `+-1 / sqrt(inputs)`.
   */
  readonly zero?: boolean;
  /**
   * The operator norm that is capped. Default: the spectral norm, 2 -> 2.
   *
   * In a net, the `codomain` of a layer must be the `domain` of the next layer, and the `codomain` of the last layer
   * must be the `domain` of the first layer. Only then is the product of the caps a bound of the net, in the norm of
   * the first `domain`.
   */
  readonly norm?: InducedNormOptions;
}

/**
 * The layer `x W_c^T + b`, `[B, inputs] -> [B, outputs]`, with `W_c = W / max(1, sigma / c)` and `sigma = u^T W v`.
 * After `refresh` has found the `u` and `v` that attain the norm, the operator norm of `W_c` does not exceed `c`. The
 * gradient passes through `sigma` with `u` and `v` held constant, which is exact by the envelope theorem.
 *
 * @remarks `W` is `[outputs, inputs]`. The capped weight is computed once per value of the parameters. `refresh` with
 * `iterations` runs power iteration, which follows the norm of a weight in training but may lag behind the norm.
 * `refresh` with a `tolerance` runs {@link lanczos}. After a `tolerance` of 1e-5 the norm is at most `c (1 + 1e-3)`.
 * For norms other than the spectral norm, see {@link inducedNorm}.
 * @throws `option` for a coefficient that is not positive, an order below 1, or `local` with a norm that does not allow
 * it.
 * @see Gouk, Frank, Pfahringer, Cree, Regularization of Neural Networks by Enforcing Lipschitz Continuity, 2018
 * (arXiv:1804.04368); Chen, Behrmann, Duvenaud, Jacobsen, Residual Flows, 2019 (arXiv:1906.02735), appendix D for mixed
 * norms.
 */
export const dense = ({ inputs, outputs, key, coeff = 0.97, zero = false, norm = {} }: DenseOptions): Layer => {
  if (!(coeff > 0))
    throw new FlowError('option', 'lipschitz/dense', 'Wrong Lipschitz coefficient', {
      expected: 'a positive number',
      got: shown(coeff),
    });
  const bound = 1 / Math.sqrt(inputs);
  const own = (init: () => Tensor): Variable => scoped(() => variable(init()));
  const weight = own(() =>
    zero ? zeros([outputs, inputs]) : drawUniform(fold(key, 0), [outputs, inputs], -bound, bound),
  );
  const bias = own(() => (zero ? zeros([outputs]) : drawUniform(fold(key, 1), [outputs], -bound, bound)));
  const size = weightNorm(matrixAction(outputs, inputs), norm, fold(key, 2));
  size.refresh(weight, { tolerance: 1e-5 });

  const { capped, gradients } = cappedWeight(weight, size, coeff);
  return Object.freeze<Layer>({
    name: 'dense',
    lipschitz: coeff,
    norm: { domain: norm.domain ?? 2, codomain: norm.codomain ?? 2 },
    parameters: { weight, bias, ...orderParameters(size) },
    buffers: size.buffers,
    ...affineLayer({ inputs, outputs, weight: () => capped().scaled, bias }),
    trained: ([direct, bias]) => {
      const [first, ...orders] = gradients(direct!);
      return [first!, bias!, ...orders];
    },
    refresh: (options = {}) => {
      size.refresh(weight, options);
    },
  });
};
