import { FlowError } from '@impflow/core';
import type { ConvGeometry } from './weight-action.ts';

/**
 * A convolution with stride 1 and zero padding, on the host in float64:
 * `y[i, j, o] = sum x[i + a - (kh - 1) / 2, j + b - (kw - 1) / 2, c] W[a, b, c, o]`.
 */
export interface ConvOperator extends ConvGeometry {
  /** The filter, `[kh, kw, inputs, outputs]`. */
  readonly weight: Float64Array;
}

/**
 * Returns the operator of `weight`, which is copied to float64. `at` is the name of the function in error messages.
 *
 * @throws `option` for a size that is not a positive integer, or an even filter; `shape` for a weight of another size.
 */
export const convOperator = (
  weight: ArrayLike<number>,
  { height, width, kernel: [kh, kw], inputs, outputs }: ConvGeometry,
  at: string,
): ConvOperator => {
  const sizes = [height, width, kh, kw, inputs, outputs];
  if (!sizes.every((size) => Number.isInteger(size) && size > 0) || kh % 2 === 0 || kw % 2 === 0) {
    throw new FlowError('option', at, 'Wrong geometry of a convolution', {
      expected: 'positive integers, odd for the sides of the filter',
      got: `height ${height}, width ${width}, kernel [${kh}, ${kw}], inputs ${inputs}, outputs ${outputs}`,
    });
  }
  if (weight.length !== kh * kw * inputs * outputs) {
    throw new FlowError('shape', at, 'Wrong size of a weight', {
      expected: `[${kh}, ${kw}, ${inputs}, ${outputs}], ${kh * kw * inputs * outputs} numbers`,
      got: `${weight.length} numbers`,
    });
  }
  return { height, width, kernel: [kh, kw], inputs, outputs, weight: Float64Array.from(weight) };
};

/**
 * Returns the adjoint `A^T` of a convolution. The adjoint is a convolution with the filter rotated by 180 degrees, and
 * inputs and outputs exchanged.
 */
export const adjoint = (a: ConvOperator): ConvOperator =>
  rearranged(a, { ...a, inputs: a.outputs, outputs: a.inputs }, (i, j, c, o) => [
    a.kernel[0] - 1 - i,
    a.kernel[1] - 1 - j,
    o,
    c,
  ]);

/** Returns the operator for transposed images: height and width are exchanged. The norm does not change. */
export const transposed = (a: ConvOperator): ConvOperator =>
  rearranged(a, { ...a, height: a.width, width: a.height, kernel: [a.kernel[1], a.kernel[0]] }, (i, j, c, o) => [
    j,
    i,
    c,
    o,
  ]);

/** Returns the operator without the filter taps that never reach the image. */
export const cropped = (a: ConvOperator): ConvOperator => {
  const kernel = [Math.min(a.kernel[0], 2 * a.height - 1), Math.min(a.kernel[1], 2 * a.width - 1)] as const;
  const [top, left] = [(a.kernel[0] - kernel[0]) / 2, (a.kernel[1] - kernel[1]) / 2];
  return top + left === 0 ? a : rearranged(a, { ...a, kernel }, (i, j, c, o) => [i + top, j + left, c, o]);
};

/**
 * Returns the operator divided by `scale`. The number `scale` is the largest power of two that does not exceed the
 * largest entry of the operator. The division is exact. Squares of the scaled entries neither overflow nor underflow to
 * zero. A zero operator has scale 0.
 */
export const scaled = (a: ConvOperator): { readonly a: ConvOperator; readonly scale: number } => {
  const largest = a.weight.reduce((most, entry) => Math.max(most, Math.abs(entry)), 0);
  const scale = largest > 0 ? 2 ** Math.floor(Math.log2(largest)) : largest;
  return { a: scale > 0 ? { ...a, weight: a.weight.map((entry) => entry / scale) } : a, scale };
};

/** Returns an operator with the geometry `to`, whose weight at an index is the weight of `from` at `source(index)`. */
const rearranged = (
  from: ConvOperator,
  to: ConvGeometry,
  source: (i: number, j: number, c: number, o: number) => readonly [number, number, number, number],
): ConvOperator => {
  const {
    height,
    width,
    kernel: [kh, kw],
    inputs,
    outputs,
  } = to;
  const weight = new Float64Array(kh * kw * inputs * outputs);
  for (let i = 0, at = 0; i < kh; i++)
    for (let j = 0; j < kw; j++)
      for (let c = 0; c < inputs; c++)
        for (let o = 0; o < outputs; o++) {
          const [a, b, n, m] = source(i, j, c, o);
          weight[at++] = from.weight[((a * from.kernel[1] + b) * from.inputs + n) * from.outputs + m]!;
        }
  return { height, width, kernel: [kh, kw], inputs, outputs, weight };
};

/** Applies a convolution to an image: returns `A x [height, width, outputs]` for `x [height, width, inputs]`. */
export const convolveOnHost = (
  { height, width, kernel: [kh, kw], inputs, outputs, weight }: ConvOperator,
  x: ArrayLike<number>,
): Float64Array => {
  const y = new Float64Array(height * width * outputs);
  const [top, left] = [(kh - 1) / 2, (kw - 1) / 2];
  for (let i = 0; i < height; i++)
    for (let j = 0; j < width; j++) {
      const at = (i * width + j) * outputs;
      for (let a = Math.max(0, top - i); a < Math.min(kh, height + top - i); a++)
        for (let b = Math.max(0, left - j); b < Math.min(kw, width + left - j); b++) {
          const from = ((i + a - top) * width + j + b - left) * inputs;
          for (let c = 0, tap = (a * kw + b) * inputs * outputs; c < inputs; c++, tap += outputs) {
            const value = x[from + c]!;
            for (let o = 0; o < outputs; o++) y[at + o] = y[at + o]! + value * weight[tap + o]!;
          }
        }
    }
  return y;
};
