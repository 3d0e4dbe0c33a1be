import { fold, drawNormal, scoped, type Key } from '@impflow/core';
import { conv2d, mul, variable, type Tensor4D } from '@tensorflow/tfjs-core';
import { defineModule, type Module } from './module.ts';

/** Options of {@link freeConv}. */
export interface FreeConvOptions {
  /** Channels of the input. */
  readonly inputs: number;
  /** Channels of the output. */
  readonly outputs: number;
  /** Height and width of the filter, in pixels. Default 3. */
  readonly kernel?: 1 | 3;
  /** Stride of the convolution. Default 1. */
  readonly stride?: number;
  /** Random key for the initial weight. */
  readonly key: Key;
}

/**
 * A convolution without a cap on its norm and without bias, padded with zeros:
 * `[B, h, w, inputs] -> [B, ceil(h / stride), ceil(w / stride), outputs]`. The initial weight
 * `[kernel, kernel, inputs, outputs]` is normal with variance `2 / (kernel^2 inputs)`.
 *
 * @see He, Zhang, Ren, Sun, Delving Deep into Rectifiers, 2015 (arXiv:1502.01852), equation 10.
 */
export const freeConv = ({ inputs, outputs, kernel = 3, stride = 1, key }: FreeConvOptions): Module => {
  const weight = scoped(() =>
    variable(
      mul<Tensor4D>(drawNormal(fold(key, 0), [kernel, kernel, inputs, outputs]), Math.sqrt(2 / (kernel ** 2 * inputs))),
    ),
  );
  return defineModule({ parameters: { weight }, apply: (x) => conv2d(x as Tensor4D, weight, stride, 'same') });
};
