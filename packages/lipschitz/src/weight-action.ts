import { scoped, type Shape } from '@impflow/core';
import { matMul, reshape, tensor, transpose, type Tensor } from '@tensorflow/tfjs-core';
import { convGradient, convolve, convolveTransposed } from './conv-op.ts';
import { matrixOperator, type LinearOperator } from './linear-operator.ts';

/** The linear map `A` of a weight `W`: a matrix on vectors, or a convolution on images of one size. */
export interface WeightAction {
  /** Shape of the output, without the batch axis. */
  readonly outputs: Shape;
  /** Shape of the input, without the batch axis. */
  readonly inputs: Shape;
  /** Returns the product `A v`, `[...inputs] -> [...outputs]`. */
  times(weight: Tensor, v: Tensor): Tensor;
  /** Returns the product `A^T u`, `[...outputs] -> [...inputs]`. */
  timesTransposed(weight: Tensor, u: Tensor): Tensor;
  /** Returns the gradient `d <u, A v> / dW`, shaped as the weight. */
  slope(u: Tensor, v: Tensor): Tensor;
  /**
   * Returns the linear map as functions on the host. Reads the weight, so the backend must support synchronous reads.
   */
  onHost(weight: Tensor): LinearOperator;
  /** Returns the matrix `[outputs, inputs]` of a weight. Left out for convolutions that are not 1 x 1. */
  readonly matrix?: (weight: Tensor) => Tensor;
  /** Whether `slope(u, v)` is the matrix `u v^T`. */
  readonly outer?: boolean;
}

/** Returns the linear map of a matrix `[outputs, inputs]`. */
export const matrixAction = (outputs: number, inputs: number): WeightAction => ({
  outputs: [outputs],
  inputs: [inputs],
  times: (weight, v) => reshape(matMul(weight, reshape(v, [inputs, 1])), [outputs]),
  timesTransposed: (weight, u) => reshape(matMul(reshape(u, [1, outputs]), weight), [inputs]),
  slope: (u, v) => matMul(reshape(u, [outputs, 1]), reshape(v, [1, inputs])),
  onHost: (weight) => matrixOperator(weight.dataSync<'float32'>(), outputs, inputs),
  matrix: (weight) => weight,
  outer: true,
});

/** Sizes of the images and of the filter of a convolution. */
export interface ConvGeometry {
  /** Height of the images in pixels. */
  readonly height: number;
  /** Width of the images in pixels. */
  readonly width: number;
  /** Channels of the input. */
  readonly inputs: number;
  /** Channels of the output. */
  readonly outputs: number;
  /** Height and width of the filter, odd. */
  readonly kernel: readonly [number, number];
}

/**
 * Returns the linear map of a filter `[kh, kw, inputs, outputs]` on images of one size with zero padding. A 1 x 1
 * filter multiplies every pixel by the same matrix.
 */
export const convAction = ({ height, width, inputs, outputs, kernel }: ConvGeometry): WeightAction => {
  const [kh, kw] = kernel;
  if (kh === 1 && kw === 1) {
    const asMatrix = (weight: Tensor): Tensor => transpose(reshape(weight, [inputs, outputs]));
    const { times, timesTransposed, onHost } = matrixAction(outputs, inputs);
    return {
      outputs: [outputs],
      inputs: [inputs],
      matrix: asMatrix,
      times: (weight, v) => times(asMatrix(weight), v),
      timesTransposed: (weight, u) => timesTransposed(asMatrix(weight), u),
      slope: (u, v) => reshape(matMul(reshape(v, [inputs, 1]), reshape(u, [1, outputs])), [1, 1, inputs, outputs]),
      onHost: (weight) => scoped(() => onHost(asMatrix(weight))),
    };
  }
  const [into, out] = [
    [height, width, inputs],
    [height, width, outputs],
  ] as const;
  const times = (weight: Tensor, v: Tensor): Tensor => convolve(v, weight);
  const timesTransposed = (weight: Tensor, u: Tensor): Tensor => convolveTransposed(u, weight);
  const host = (product: (x: Tensor) => Tensor, shape: readonly number[], x: ArrayLike<number>): Float64Array =>
    new Float64Array(scoped(() => product(tensor(new Float32Array(x), [...shape]))).dataSync<'float32'>());
  /**
   * Index of the middle pixel, which all taps of the filter reach. The largest column and the largest row of the map
   * belong to channels of this pixel.
   */
  const center = Math.floor(height / 2) * width + Math.floor(width / 2);
  const channels = (count: number): readonly number[] => Array.from({ length: count }, (_, c) => center * count + c);
  const inside = height >= kh && width >= kw;
  return {
    outputs: out,
    inputs: into,
    times,
    timesTransposed,
    slope: (u, v) => convGradient(u, v, undefined, kernel)[0],
    onHost: (weight) => ({
      rows: height * width * outputs,
      columns: height * width * inputs,
      times: (v) => host((x) => times(weight, x), into, v),
      timesTransposed: (u) => host((x) => timesTransposed(weight, x), out, u),
      ...(inside ? { candidates: { columns: channels(inputs), rows: channels(outputs) } } : {}),
    }),
  };
};
