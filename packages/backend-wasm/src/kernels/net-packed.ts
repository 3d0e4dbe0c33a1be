import type { Net } from './net-parts.ts';

/**
 * Computes `out [rows, m] = x [rows, n] B_i + bias` with the packed matrix `B_i`. `x`, `out` and `bias` are addresses.
 * Without a bias, the argument `bias` is 0 or left out.
 */
export type LayerProduct = (i: number, x: number, out: number, rows: number, bias?: number) => void;

/** Returns the number of floats of each packed weight. The packed matrix is `W^T` if `ahead` is true, else `W`. */
export const packedFloats = ({ machine: { call }, widths, depth }: Net, ahead: boolean): readonly number[] =>
  Array.from(
    { length: depth },
    (_, i) => (ahead ? call.packedBytes(widths[i]!, widths[i + 1]!) : call.packedBytes(widths[i + 1]!, widths[i]!)) / 4,
  );

/**
 * Packs the weights of a net into the buffers `into`, once for all products. The returned function computes `x W^T` if
 * `ahead` is true, else `x W`.
 */
export const packed = (
  { machine: { call }, widths, weights }: Net,
  ahead: boolean,
  into: readonly number[],
  tile: number,
): LayerProduct => {
  weights.forEach((weight, i) => {
    const [n, m] = [widths[i]!, widths[i + 1]!];
    if (ahead) call.packB(weight, 4, 4 * n, n, m, into[i]!);
    else call.packB(weight, 4 * n, 4, m, n, into[i]!);
  });
  return (i, x, out, rows, bias = 0) => {
    const [n, m] = [widths[i]!, widths[i + 1]!];
    call.gemmPacked(x, into[i]!, out, rows, ahead ? m : n, ahead ? n : m, bias, tile);
  };
};
