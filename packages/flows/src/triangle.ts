/** A matrix as an array of its rows. */
export type Rows = readonly (readonly number[])[];

/** Returns whether `rows` is a square lower triangle of finite numbers with a positive diagonal. */
export const isTriangle = (rows: unknown): rows is Rows =>
  areRows(rows) &&
  rows.length > 0 &&
  rows.every(
    (row, i) => row.length === rows.length && row.every((entry, j) => j < i || (j === i ? entry > 0 : entry === 0)),
  );

/** Returns whether `rows` is an array of lists of finite numbers. */
export const areRows = (rows: unknown): rows is Rows => Array.isArray(rows) && rows.every(areFinite);

/** Returns whether `list` is an array of finite numbers. */
export const areFinite = (list: unknown): list is readonly number[] =>
  Array.isArray(list) && list.every((entry) => Number.isFinite(entry));

/** Returns `log det` of a triangle: the sum of the logarithms of its diagonal entries. */
export const logDetOf = (factor: Rows): number => factor.reduce((sum, row, i) => sum + Math.log(row[i]!), 0);

/** Returns the rows of the transpose. */
export const transposed = (matrix: Rows): Rows => matrix[0]?.map((_, j) => matrix.map((row) => row[j]!)) ?? [];

/** Returns the inverse of a lower triangle, by forward substitution in float64. */
export const inverseTriangle = (factor: Rows): Rows => {
  const inverse = factor.map((row) => row.map(() => 0));
  factor.forEach((row, i) => {
    for (let j = 0; j <= i; j++) {
      let sum = i === j ? 1 : 0;
      for (let k = j; k < i; k++) sum -= row[k]! * inverse[k]![j]!;
      inverse[i]![j] = sum / row[i]!;
    }
  });
  return inverse;
};
