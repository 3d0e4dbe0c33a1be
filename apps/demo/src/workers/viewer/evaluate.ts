import { fold, fromRow, key, type Key } from '@impflow/core';
import { tensor2d, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { inPieces, type PieceSize } from './pieces.ts';

/** `f` of rows `[n, 2]`, read to the host. */
export const numbersOf = (rows: Float32Array, f: (x: Tensor) => Tensor): Float32Array => {
  const result = tidy(() => f(tensor2d(rows, [rows.length / 2, 2])));
  // Read outside the scope, in which tfjs would search the numbers for tensors.
  const numbers = result.dataSync() as Float32Array;
  result.dispose();
  return numbers;
};

/**
 * Key for the rows from `first` on: a random estimator draws the same numbers for a row, however the rows are divided
 * into pieces.
 */
export const rowKey = (first: number): Key => fromRow(fold(key(0), 0), first);

/** `f` of all `count` rows, piece by piece: one number per row, or `width` of them. */
export const inOrder = async (
  count: number,
  pieceSize: PieceSize,
  rows: (first: number, count: number) => Float32Array,
  f: (rows: Float32Array, first: number) => Float32Array,
  width = 1,
): Promise<Float32Array> => {
  const out = new Float32Array(count * width);
  await inPieces(count, pieceSize, (first, n) => out.set(f(rows(first, n), first), first * width));
  return out;
};

/** Reads rows of a table in memory, for {@link inOrder}. */
export const rowsOf =
  (values: Float32Array) =>
  (first: number, count: number): Float32Array =>
    values.subarray(2 * first, 2 * (first + count));
