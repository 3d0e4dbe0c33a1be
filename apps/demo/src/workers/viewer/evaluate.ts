import { fold, fromRow, key, type Key } from '@impflow/core';
import { tensor2d, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { inPieces, type PieceSize } from './pieces.ts';

/** Evaluates `f` at rows `[n, 2]` and returns the result as an array. */
export const numbersOf = (rows: Float32Array, f: (x: Tensor) => Tensor): Float32Array => {
  const result = tidy(() => f(tensor2d(rows, [rows.length / 2, 2])));
  // The numbers are read outside `tidy`, because `tidy` would search the returned array for tensors.
  const numbers = result.dataSync() as Float32Array;
  result.dispose();
  return numbers;
};

/**
 * Returns the random key for a piece of work whose first row has the index `first`. With this key a random estimator
 * draws the same numbers for a row, independent of how the rows are divided into pieces.
 */
export const rowKey = (first: number): Key => fromRow(fold(key(0), 0), first);

/**
 * Evaluates `f` at all `count` rows, in several pieces of work. `f` returns one number per row, or `width` numbers per
 * row.
 */
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

/** Returns a function that returns `count` rows of an array `[n, 2]`, beginning with row `first`. */
export const rowsOf =
  (values: Float32Array) =>
  (first: number, count: number): Float32Array =>
    values.subarray(2 * first, 2 * (first + count));
