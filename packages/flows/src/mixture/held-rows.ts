import { drawPermutation, type Key } from '@impflow/core';

/** Number of folds. */
export const FOLDS = 5;

/** Rows `[n, d]` with their weights `[n]`. */
export interface Rows {
  readonly rows: Float64Array;
  readonly weights: Float64Array;
}

/** Training rows, and the held-out rows on which a fit to the training rows is scored. */
export interface Part {
  readonly train: Rows;
  readonly held: Rows;
}

/** Returns five random folds of training and validation rows together. */
export const foldsOf = (train: Rows, validation: Rows, dim: number, key: Key): readonly Part[] => {
  const all: Rows = {
    rows: Float64Array.from([...train.rows, ...validation.rows]),
    weights: Float64Array.from([...train.weights, ...validation.weights]),
  };
  const order = drawPermutation(key, all.weights.length);
  const those = (belongs: (fold: number) => boolean): Rows =>
    picked(
      all,
      dim,
      order.filter((_, i) => belongs(i % FOLDS)),
    );
  return Array.from({ length: FOLDS }, (_, f) => ({
    train: those((fold) => fold !== f),
    held: those((fold) => fold === f),
  }));
};

/** Returns all rows and weights, or `most` random rows if there are more than `most`. */
export const some = (all: Rows, dim: number, most: number, key: Key): Rows => {
  const { length } = all.weights;
  return length <= most ? all : picked(all, dim, drawPermutation(key, length).subarray(0, most));
};

/**
 * Returns all rows of a table `[n, width]`, or `most` random rows. For equal keys and numbers of rows, `someRows`
 * chooses the rows that {@link some} chooses.
 */
export const someRows = (rows: Float64Array, width: number, most: number, key: Key): Float64Array =>
  rows.length / width <= most ? rows : rowsAt(rows, width, drawPermutation(key, rows.length / width).subarray(0, most));

const picked = ({ rows, weights }: Rows, dim: number, indices: Uint32Array): Rows => ({
  rows: rowsAt(rows, dim, indices),
  weights: Float64Array.from(indices, (row) => weights[row]!),
});

const rowsAt = (rows: Float64Array, width: number, indices: Uint32Array): Float64Array => {
  const out = new Float64Array(indices.length * width);
  indices.forEach((row, i) => out.set(rows.subarray(row * width, (row + 1) * width), i * width));
  return out;
};
