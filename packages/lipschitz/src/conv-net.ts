import { FlowError, fold, type Contraction, type Key } from '@impflow/core';
import { checkedActivation } from './checked-activation.ts';
import { conv } from './conv.ts';
import type { Layer } from './layer.ts';
import { lipSwish } from './lip-swish.ts';
import { sequential } from './sequential.ts';

/** Options of {@link convNet}. */
export interface ConvNetOptions {
  /** `[height, width, channels]` of the images. */
  readonly shape: readonly [number, number, number];
  /** Channels between the convolutions. Default `[32, 32]`. */
  readonly hidden?: readonly number[];
  /** Side of the filter of each layer, in pixels, odd. Default: 3 for the first and the last layer, otherwise 1. */
  readonly kernels?: readonly number[];
  /** Makes the activation between two convolutions. Default {@link lipSwish}. */
  readonly activation?: () => Layer;
  /** Cap on the operator norm of each convolution, in `(0, 1)`. Default 0.97. */
  readonly coeff?: number;
  /**
   * Whether an activation comes before the first convolution. Use true only for blocks of a flow after the first block.
   * Default false.
   */
  readonly preactivation?: boolean;
  /** Random key for the initial weights. */
  readonly key: Key;
}

/**
 * A net of convolutions with activations between them, `[B, h, w, c] -> [B, h, w, c]`. The last convolution starts as
 * zero, so that a block starts as the identity.
 *
 * @throws `option` for a wrong number of filters, or a product of Lipschitz constants that is not below 1. Also throws
 * the errors of {@link conv}.
 */
export const convNet = ({
  shape,
  hidden = [32, 32],
  kernels = defaultKernels(hidden.length),
  activation = lipSwish,
  coeff = 0.97,
  preactivation = false,
  key,
}: ConvNetOptions): Contraction => {
  const [height, width, channels] = shape;
  if (kernels.length !== hidden.length + 1) {
    throw new FlowError('option', 'lipschitz/convNet', 'Wrong number of filters', {
      expected: `${hidden.length + 1}, one for each layer`,
      got: String(kernels.length),
    });
  }
  const widths = [channels, ...hidden, channels];
  const layers = kernels.flatMap((kernel, i) => {
    const last = i === hidden.length;
    const layer = conv({
      height,
      width,
      inputs: widths[i]!,
      outputs: widths[i + 1]!,
      kernel,
      coeff,
      key: fold(key, i),
      zero: last,
    });
    return last ? [layer] : [layer, checkedActivation(activation())];
  });
  return sequential(shape, preactivation ? [checkedActivation(activation()), ...layers] : layers);
};

/** Returns the default sides of the filters: 3 for the first and the last layer, otherwise 1. */
const defaultKernels = (hidden: number): readonly number[] =>
  Array.from({ length: hidden + 1 }, (_, i) => (i === 0 || i === hidden ? 3 : 1));
