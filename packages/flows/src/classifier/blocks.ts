import { fold, registry, type Bijector, type Contraction, type Key, type Registry } from '@impflow/core';
import { checkedActivation, conv, sequential, type Layer } from '@impflow/lipschitz';
import { add } from '@tensorflow/tfjs-core';
import type { RootOptions } from '../block-options.ts';
import { implicitBlock } from '../implicit-block.ts';
import { residualBlock } from '../residual-block.ts';
import { batchNorm } from './batch-norm.ts';
import { freeConv } from './free-conv.ts';
import { defineModule, series, type Module } from './module.ts';
import { rectify } from './operations.ts';

/** Arguments from which a factory builds a block of a classifier. */
export interface ImageBlockOptions {
  /** `[h, w, c]` of the input and of the output. */
  readonly shape: readonly [number, number, number];
  /** Channels between the two convolutions of a net. */
  readonly hidden: number;
  /**
   * Cap on the operator norm of each convolution, in `(0, 1)`. The Lipschitz constant of a net of two convolutions is
   * at most `coeff^2`.
   */
  readonly coeff: number;
  /** Makes the activation after each capped convolution. */
  readonly activation: () => Layer;
  /** Solver and tolerances of an implicit block. */
  readonly options: RootOptions;
  /** Random key for the initial weights. */
  readonly key: Key;
}

/**
 * Returns the net `conv - activation - conv - activation` with capped convolutions. The last convolution is not
 * initialized to zero, because then the gradient of the ReLU after this convolution would be zero, and the net would
 * never learn.
 */
const net = ({ shape, hidden, coeff, activation, key }: ImageBlockOptions, purpose: number): Contraction => {
  const [height, width, channels] = shape;
  const place = { height, width, coeff, bias: false };
  return sequential(shape, [
    conv({ ...place, inputs: channels, outputs: hidden, key: fold(fold(key, purpose), 0) }),
    checkedActivation(activation()),
    conv({ ...place, inputs: hidden, outputs: channels, key: fold(fold(key, purpose), 1) }),
    checkedActivation(activation()),
  ]);
};

/** Returns the forward direction of a bijector, as a module. */
const forward = (bijector: Bijector): Module =>
  defineModule({ ...bijector, apply: (x, context) => bijector.forward(x, context) });

/** Returns the implicit block `z + g_z(z) = x + g_x(x)`. */
const implicit = (options: ImageBlockOptions): Module =>
  forward(implicitBlock({ ...options.options, gx: net(options, 0), gz: net(options, 1) }));

/**
 * Returns two residual blocks `x + g(x)`. Two residual blocks have the number of nets and of parameters of one implicit
 * block.
 */
const residual = (options: ImageBlockOptions): Module =>
  series({ 0: forward(residualBlock({ g: net(options, 0) })), 1: forward(residualBlock({ g: net(options, 1) })) });

/**
 * Returns two blocks `max(x + g(x), 0)` with `g = conv - norm - ReLU - conv - norm` and no cap.
 *
 * @see He, Zhang, Ren, Sun, Deep Residual Learning for Image Recognition, 2016 (arXiv:1512.03385).
 */
const vanilla = (options: ImageBlockOptions): Module => series({ 0: plain(options, 0), 1: plain(options, 1) });

const plain = ({ shape: [, , channels], hidden, key }: ImageBlockOptions, purpose: number): Module => {
  const g = series({
    conv1: freeConv({ inputs: channels, outputs: hidden, key: fold(fold(key, purpose), 0) }),
    norm1: batchNorm({ channels: hidden }),
    relu: defineModule({ apply: rectify }),
    conv2: freeConv({ inputs: hidden, outputs: channels, key: fold(fold(key, purpose), 1) }),
    norm2: batchNorm({ channels }),
  });
  return defineModule({ ...g, apply: (x, context) => rectify(add(x, g.apply(x, context))) });
};

/** The blocks of a classifier by name, as factories that take {@link ImageBlockOptions}. */
export const imageBlocks: Registry<Module> = registry<Module>('classifier block', { implicit, residual, vanilla }, [
  'apply',
  'refresh',
]);
