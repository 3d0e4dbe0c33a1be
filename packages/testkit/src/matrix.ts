/** A matrix in float64, by rows. */
type Matrix = readonly (readonly number[])[];

/** Returns the transpose of a square matrix. */
export const transposed = (matrix: Matrix): number[][] => matrix.map((_, i) => matrix.map((row) => row[i]!));
/** Returns the product of a matrix and a vector. */
export const times = (matrix: Matrix, v: readonly number[]): number[] =>
  matrix.map((row) => row.reduce((total, entry, j) => total + entry * v[j]!, 0));

/** Returns the largest singular value of a square matrix that is not zero, by 500 power iterations. */
export const spectralNorm = (matrix: Matrix): number => {
  let v = matrix.map((_, i) => 1 / (i + 1));
  for (let i = 0; i < 500; i++) {
    const next = times(transposed(matrix), times(matrix, v));
    v = next.map((entry) => entry / Math.hypot(...next));
  }
  return Math.hypot(...times(matrix, v));
};
