import { adjoint, transposed, type ConvOperator } from './conv-operator.ts';
import type { ConvGeometry } from './weight-action.ts';

/**
 * Chooses among four matrices of a convolution that have the same norm: `A` or `A^T`, with images upright or
 * transposed. Returns the geometry whose Gram matrix has the smallest half-bandwidth.
 */
export const narrowest = ({
  height,
  width,
  kernel: [kh, kw],
  inputs,
  outputs,
}: ConvGeometry): ConvGeometry & { readonly turn: boolean; readonly flip: boolean } => {
  const kernel = [Math.min(kh, 2 * height - 1), Math.min(kw, 2 * width - 1)] as const;
  const sides = { inputs: Math.min(inputs, outputs), outputs: Math.max(inputs, outputs), flip: outputs < inputs };
  const upright = { height, width, kernel, ...sides, turn: false };
  const turned = { height: width, width: height, kernel: [kernel[1], kernel[0]] as const, ...sides, turn: true };
  return bandOf(turned).halfBandwidth < bandOf(upright).halfBandwidth ? turned : upright;
};

/**
 * Returns the operator that {@link narrowest} chooses. The filter of `a` must not have taps that never reach the image.
 */
export const narrowed = (a: ConvOperator): ConvOperator => {
  const { turn, flip } = narrowest(a);
  const b = turn ? transposed(a) : a;
  return flip ? adjoint(b) : b;
};

/**
 * Returns the size and the half-bandwidth of the Gram matrix `A^T A` of a convolution, with pixels in scan order. An
 * entry is not zero only if two pixels share outputs: their distance is less than the size of the filter.
 */
export const bandOf = ({
  height,
  width,
  kernel: [kh, kw],
  inputs,
}: ConvGeometry): { readonly size: number; readonly halfBandwidth: number } => ({
  size: height * width * inputs,
  halfBandwidth: (Math.min(kh, height) * width - width + Math.min(kw, width)) * inputs - 1,
});

/**
 * Subtracts a row of the Gram matrix: `into[at + column] -= (A^T A)[row, column]` for each column up to the diagonal.
 */
export const subtractGramRow = (
  { height, width, kernel: [kh, kw], inputs, outputs, weight }: ConvOperator,
  row: number,
  into: Float64Array,
  at: number,
): void => {
  const c = row % inputs;
  const j = ((row - c) / inputs) % width;
  const i = ((row - c) / inputs - j) / width;
  const [top, left] = [(kh - 1) / 2, (kw - 1) / 2];
  // Pixel (i, j) through tap (a, b) and pixel (p, q) through tap (a + p - i, b + q - j) reach the same output,
  // (i + top - a, j + left - b), if this output lies inside the image.
  for (let p = Math.max(0, i - kh + 1); p <= i; p++) {
    const end = p < i ? Math.min(width, j + kw) : j + 1;
    for (let q = Math.max(0, j - kw + 1); q < end; q++) {
      const to = at + (p * width + q) * inputs;
      const channels = p === i && q === j ? c + 1 : inputs;
      for (let a = Math.max(0, i - p, i + top - height + 1); a < Math.min(kh, kh + i - p, i + top + 1); a++) {
        for (let b = Math.max(0, j - q, j + left - width + 1); b < Math.min(kw, kw + j - q, j + left + 1); b++) {
          const mine = ((a * kw + b) * inputs + c) * outputs;
          for (
            let d = 0, theirs = ((a + p - i) * kw + b + q - j) * inputs * outputs;
            d < channels;
            d++, theirs += outputs
          ) {
            let sum = 0;
            for (let o = 0; o < outputs; o++) sum += weight[mine + o]! * weight[theirs + o]!;
            into[to + d] = into[to + d]! - sum;
          }
        }
      }
    }
  }
};
