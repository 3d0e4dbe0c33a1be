import { FlowError, fold, scoped, drawUniform, shown, type Key } from '@impflow/core';
import { variable, zeros, type Tensor, type Variable } from '@tensorflow/tfjs-core';
import { cappedWeight } from './capped-weight.ts';
import { convGradient, convolve, convolveTransposed } from './conv-op.ts';
import type { Layer } from './layer.ts';
import { convAction } from './weight-action.ts';
import { orderParameters, weightNorm, type InducedNormOptions } from './weight-norm.ts';

/** Options of {@link conv}. */
export interface ConvOptions {
  /** Height of the images in pixels. The norm of a convolution depends on the size of the images. */
  readonly height: number;
  /** Width of the images in pixels. */
  readonly width: number;
  /** Channels of the input. */
  readonly inputs: number;
  /** Channels of the output. */
  readonly outputs: number;
  /** Side of the filter in pixels, or its height and width; odd. Default 3. */
  readonly kernel?: number | readonly [number, number];
  /** Random key for the initial weights. */
  readonly key: Key;
  /** The cap `c > 0` on the operator norm. Default 0.97. */
  readonly coeff?: number;
  /**
   * Whether the layer starts as the zero map. Default false: the initial weights are uniform in
   * `+-1 / sqrt(kh kw inputs)`.
   */
  readonly zero?: boolean;
  /** Whether the layer has a bias. Default true. */
  readonly bias?: boolean;
  /**
   * The operator norm that is capped; images count as vectors. The options are the options of {@link dense}, without
   * `local`. Default: the spectral norm, 2 -> 2.
   */
  readonly norm?: Omit<InducedNormOptions, 'local'>;
}

/**
 * A convolution `[B, h, w, inputs] -> [B, h, w, outputs]` with stride 1, zero padding and a bias. The weight
 * `[kh, kw, inputs, outputs]` is capped as in {@link dense}: `W_c = W / max(1, sigma / c)`, where `sigma = <u, v * W>`
 * is the norm of the operator on images of this size, borders included.
 *
 * This norm is at most `sqrt(kh kw)` times the norm of the unfolded filter, and at most the norm of the circular
 * convolution. For a 1 x 1 filter the norm is the norm of the matrix.
 *
 * @remarks `refresh` with a `tolerance` runs Lanczos' method, starting from the vectors of the last search. Lanczos'
 * method multiplies vectors by the convolution and by its transpose, in float32. With only `iterations`, `refresh` runs
 * power iteration. On a graphics card `refresh` always runs power iteration, whose result may lag behind the norm;
 * `auditNorms` measures the difference.
 * @throws `option` for an even filter, sizes that are not positive integers, a coefficient that is not positive, or an
 * order below 1.
 * @see Gouk, Frank, Pfahringer, Cree, Regularization of Neural Networks by Enforcing Lipschitz Continuity, 2018
 * (arXiv:1804.04368), section 3.2; Ryu et al., Plug-and-Play Methods Provably Converge, 2019 (arXiv:1905.05406), for
 * power iteration on images of the true size.
 */
export const conv = ({
  height,
  width,
  inputs,
  outputs,
  kernel = 3,
  key,
  coeff = 0.97,
  zero = false,
  bias = true,
  norm = {},
}: ConvOptions): Layer => {
  const [kh, kw] = typeof kernel === 'number' ? [kernel, kernel] : kernel;
  check('coefficient', 'a positive number', coeff, coeff > 0);
  for (const [name, size] of Object.entries({ height, width, inputs, outputs }))
    check(name, 'a positive integer', size, isCount(size));
  for (const side of [kh, kw]) check('filter', 'odd sides', side, isCount(side) && side % 2 === 1);
  const shape = [kh, kw, inputs, outputs];
  const bound = 1 / Math.sqrt(kh * kw * inputs);
  const own = (init: () => Tensor): Variable => scoped(() => variable(init()));
  const weight = own(() => (zero ? zeros(shape) : drawUniform(fold(key, 0), shape, -bound, bound)));
  const shift = bias
    ? own(() => (zero ? zeros([outputs]) : drawUniform(fold(key, 1), [outputs], -bound, bound)))
    : undefined;
  const size = weightNorm(convAction({ height, width, inputs, outputs, kernel: [kh, kw] }), norm, fold(key, 2));
  size.refresh(weight, { tolerance: 1e-5 });
  const { capped, gradients } = cappedWeight(weight, size, coeff);
  const value = (x: Tensor): Tensor => convolve(x, capped().scaled, shift);

  return Object.freeze<Layer>({
    name: 'conv',
    lipschitz: coeff,
    norm: { domain: norm.domain ?? 2, codomain: norm.codomain ?? 2 },
    parameters: { weight, ...(shift === undefined ? {} : { bias: shift }), ...orderParameters(size) },
    buffers: size.buffers,
    value,
    trace: (x) => ({ value: value(x), saved: { x } }),
    jvp: (_trace, tangents) => convolve(tangents, capped().scaled),
    vjp: (_trace, cotangents) => convolveTransposed(cotangents, capped().scaled),
    pullback: ({ saved: { x } }, cotangent, pairs) => {
      const { scaled } = capped();
      return {
        x: convolveTransposed(cotangent, scaled),
        ...(pairs === undefined ? {} : { tangents: convolveTransposed(pairs.cotangents, scaled) }),
        weights: convGradient(cotangent, x!, pairs, [kh, kw]).slice(0, shift === undefined ? 1 : 2),
      };
    },
    weightCount: shift === undefined ? 1 : 2,
    trained: ([direct, ...biases]) => {
      const [first, ...orders] = gradients(direct!);
      return [first!, ...biases, ...orders];
    },
    refresh: (options = {}) => {
      size.refresh(weight, options);
    },
  });
};

const isCount = (value: number): boolean => Number.isInteger(value) && value > 0;

const check = (what: string, expected: string, got: number, holds: boolean): void => {
  if (!holds) throw new FlowError('option', 'lipschitz/conv', `Wrong ${what}`, { expected, got: shown(got) });
};
