/** A linear map on the host, told by its products. */
export interface LinearOperator {
  readonly rows: number;
  readonly columns: number;
  /** `A v`, in a new array. */
  times(v: ArrayLike<number>): Float64Array;
  /** `A^T u`, in a new array. */
  timesTransposed(u: ArrayLike<number>): Float64Array;
  /** Columns (rows) among which the largest lies, whatever the norm. Left out: all. */
  readonly candidates?: { readonly columns: readonly number[]; readonly rows: readonly number[] };
}

/** A row-major matrix `[rows, columns]`. */
export const matrixOperator = (matrix: ArrayLike<number>, rows: number, columns: number): LinearOperator => {
  // Sums are in float64, whatever the entries came in.
  const entries = Float64Array.from(matrix);
  return {
    rows, columns,
    times: (v) => {
      const out = new Float64Array(rows);
      for (let i = 0, at = 0; i < rows; i++) {
        let sum = 0;
        for (let j = 0; j < columns; j++) sum += entries[at++]! * v[j]!;
        out[i] = sum;
      }
      return out;
    },
    timesTransposed: (u) => {
      const out = new Float64Array(columns);
      for (let i = 0, at = 0; i < rows; i++) {
        const weight = u[i]!;
        for (let j = 0; j < columns; j++) out[j] = out[j]! + entries[at++]! * weight;
      }
      return out;
    },
  };
};

/** The `j`-th unit vector. */
export const unitVector = (j: number, size: number): Float64Array => {
  const out = new Float64Array(size);
  out[j] = 1;
  return out;
};
