import { drawPermutation, type Key } from '@impflow/core';

/** Number of folds. */
export const FOLDS = 5;

/** Training rows, and the held-out rows on which a fit to the training rows is scored. */
export interface Held {
  readonly train: Float64Array;
  readonly held: Float64Array;
}

/** Returns five random folds of training and validation rows together. */
export const folds = (train: Float64Array, validation: ArrayLike<number>, dim: number, key: Key): readonly Held[] => {
  const all = new Float64Array(train.length + validation.length);
  all.set(train);
  all.set(validation, train.length);
  const order = drawPermutation(key, all.length / dim);
  return Array.from({ length: FOLDS }, (_, f) => ({
    train: rowsOf(
      all,
      dim,
      order.filter((_, i) => i % FOLDS !== f),
    ),
    held: rowsOf(
      all,
      dim,
      order.filter((_, i) => i % FOLDS === f),
    ),
  }));
};

/** Returns all rows, or `most` random rows if there are more. */
export const someRows = (rows: Float64Array, dim: number, most: number, key: Key): Float64Array =>
  rows.length / dim <= most ? rows : rowsOf(rows, dim, drawPermutation(key, rows.length / dim).subarray(0, most));

const rowsOf = (rows: Float64Array, dim: number, indices: Uint32Array): Float64Array => {
  const out = new Float64Array(indices.length * dim);
  indices.forEach((row, i) => out.set(rows.subarray(row * dim, (row + 1) * dim), i * dim));
  return out;
};
