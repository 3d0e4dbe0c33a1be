/** A linear map `A` on the host, given by its products with vectors. */
export interface LinearOperator {
  /** Length of an output `A v`. */
  readonly rows: number;
  /** Length of an input `v`. */
  readonly columns: number;
  /** Returns the product `A v` `[rows]`, in a new array. */
  times(v: ArrayLike<number>): Float64Array;
  /** Returns the product `A^T u` `[columns]`, in a new array. */
  timesTransposed(u: ArrayLike<number>): Float64Array;
  /**
   * Indices of columns and rows. The indices include the largest column and the largest row in any norm. Default: all
   * indices.
   */
  readonly candidates?: { readonly columns: readonly number[]; readonly rows: readonly number[] };
}

/** Returns the operator of a row-major matrix `[rows, columns]`. */
export const matrixOperator = (matrix: ArrayLike<number>, rows: number, columns: number): LinearOperator => {
  // A float64 copy of the matrix, so that sums are in float64.
  const entries = Float64Array.from(matrix);
  return {
    rows,
    columns,
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

/** Returns the `j`-th unit vector, `[size]`. */
export const unitVector = (j: number, size: number): Float64Array => {
  const out = new Float64Array(size);
  out[j] = 1;
  return out;
};
